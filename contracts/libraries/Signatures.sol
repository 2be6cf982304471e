// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Who signed a digest
/// @notice A key is tried before a contract: an account that has code by EIP-7702 still has a key, and its plain
/// signature counts. ERC-1271 is asked anew each time, because a contract's answer may change.
library Signatures {
    /// The signature over this message is not `signer`'s.
    error InvalidSignature(address signer);

    /// @notice The key behind a 64-byte (EIP-2098) or 65-byte signature; zero when it is malformed, malleable or void.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parseCalldata(signature);
        (signer,,) = ECDSA.tryRecover(digest, v, r, s);
    }

    /// @notice The key behind the compact signature (r, vs); zero when it is malleable or void.
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address signer) {
        (signer,,) = ECDSA.tryRecover(digest, r, vs);
    }

    /// @notice Whether the contract at `account`, if there is one, approves the signature (ERC-1271).
    function isApprovedByContract(address account, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        return account.code.length != 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }

    /// @notice Reverts unless `account` itself signed: by its key or, as a contract, by ERC-1271.
    function requireSignedBy(address account, bytes32 digest, bytes calldata signature) internal view {
        if (recover(digest, signature) == account && account != address(0)) return;
        if (!isApprovedByContract(account, digest, signature)) revert InvalidSignature(account);
    }

    /// @notice Reverts unless the key of the address `key` signed; contracts do not count.
    function requireSignedByKey(address key, bytes32 digest, bytes calldata signature) internal pure {
        if (recover(digest, signature) != key || key == address(0)) revert InvalidSignature(key);
    }
}
