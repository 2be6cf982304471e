// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title A contract account that approves what one key signs
/// @notice For tests of ERC-1271; never deployed for use. The key can change, and calls as the account.
contract KeyWallet is IERC1271 {
    using Address for address;

    error NotKey(address caller);

    address public key;

    constructor(address key_) {
        key = key_;
    }

    /// @notice From now on `key_` signs: what the old key signed is no longer approved.
    function setKey(address key_) external {
        if (msg.sender != key) revert NotKey(msg.sender);
        key = key_;
    }

    /// @notice Calls `target` as this account.
    function execute(address target, bytes calldata data) external {
        if (msg.sender != key) revert NotKey(msg.sender);
        target.functionCall(data);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parseCalldata(signature);
        (address signer,,) = ECDSA.tryRecover(hash, v, r, s);
        return signer == key && key != address(0) ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
