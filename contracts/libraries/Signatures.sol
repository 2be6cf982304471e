// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Who signed a digest
/// @notice A key is tried before a contract: an account that has code by EIP-7702 still has a key, and its
/// plain signature counts. ERC-1271 is asked anew each time, because a contract's answer may change.
library Signatures {
    uint256 internal constant COMPACT_BYTES = 64;
    /// Half the order of secp256k1: a signature with a higher s is the malleable twin of one with a lower.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// The signature over this message is not `signer`'s.
    error InvalidSignature(address signer);

    /// The signatures of a batch are 64 bytes for each party, and what those point to.
    error SignaturesLength(uint256 expected, uint256 given);
    /// The slot at this position holds neither a signature nor a pointer to the next one of the tail.
    error InvalidPointer(uint256 position);

    /// @notice The key behind a 64-byte (EIP-2098) or 65-byte signature; zero when it is malformed,
    /// malleable or void.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address found) {
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parseCalldata(signature);
        (found,,) = ECDSA.tryRecover(digest, v, r, s);
    }

    /// @notice The keys behind the first `count` slots of compact signatures (64 bytes each); zero for a
    /// malleable or void one and for a slot that points to a longer signature.
    /// @dev What ECDSA.tryRecover does, in a loop that a batch can afford: ecrecover's input is laid out
    /// once.
    function recoverEach(bytes32 digest, bytes calldata signatures, uint256 count)
        internal
        view
        returns (address[] memory signers)
    {
        if (signatures.length < count * COMPACT_BYTES) {
            revert SignaturesLength(count * COMPACT_BYTES, signatures.length);
        }
        signers = new address[](count);
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, digest)
            let source := signatures.offset
            let entry := add(signers, 0x20)
            for { let end := add(entry, shl(5, count)) } lt(entry, end) { entry := add(entry, 0x20) } {
                let vs := calldataload(add(source, 0x20))
                let s := and(vs, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
                mstore(add(input, 0x20), add(shr(255, vs), 27))
                calldatacopy(add(input, 0x40), source, 0x20)
                mstore(add(input, 0x60), s)
                // ecrecover returns nothing for a void signature: the entry stays zero.
                if iszero(gt(s, HALF_ORDER)) {
                    pop(staticcall(gas(), 1, input, 0x80, entry, 0x20))
                }
                source := add(source, 0x40)
            }
        }
    }

    /// @notice One of the keys that `recoverEach` found.
    /// @dev The caller has checked `position` against the length.
    function signerAt(address[] memory signers, uint256 position) internal pure returns (address signer) {
        assembly ("memory-safe") {
            signer := mload(add(add(signers, 0x20), shl(5, position)))
        }
    }

    /// @notice The signature in the tail that slot `position` points to, and where it ends. Such a slot holds
    /// r = 0 and, in place of s, its offset and length (128 bits each); offsets count from the first slot,
    /// and the signatures of the tail follow one another without gaps, so each byte belongs to one.
    function inTail(bytes calldata signatures, uint256 position, uint256 start)
        internal
        pure
        returns (bytes calldata signature, uint256 end)
    {
        bytes calldata slot = signatures[position * COMPACT_BYTES:(position + 1) * COMPACT_BYTES];
        uint256 pointer = uint256(bytes32(slot[32:]));
        end = start + uint128(pointer);
        if (bytes32(slot) != 0 || pointer >> 128 != start || end > signatures.length) {
            revert InvalidPointer(position);
        }
        return (signatures[start:end], end);
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
