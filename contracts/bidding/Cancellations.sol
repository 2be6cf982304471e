// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding} from "../interfaces/IBidding.sol";
import {IGridRegistry} from "../interfaces/IGridRegistry.sol";
import {Cancellation, Messages} from "../libraries/Messages.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {SuanliDomain} from "../libraries/SuanliDomain.sol";

/// @title Cancelling orders and asks by unordered nonces
/// @notice Documented in IBidding. Eight times of 32 bits share a word, so that an account which numbers its
/// orders in a row pays for a new word once in eight; they last until the year 2106.
abstract contract Cancellations is IBidding, SuanliDomain {
    IGridRegistry public immutable registry;

    mapping(address account => mapping(uint256 word => uint256 times)) private _cancelled;

    constructor(IGridRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc IBidding
    function cancel(uint256 nonce) external {
        _cancel(msg.sender, nonce);
    }

    /// @inheritdoc IBidding
    function cancelBySignature(Cancellation calldata cancellation, bytes calldata signature) external {
        Signatures.requireSignedBy(cancellation.account, _digest(Messages.hash(cancellation)), signature);
        _cancel(cancellation.account, cancellation.nonce);
    }

    /// @inheritdoc IBidding
    function cancelForNode(address node, uint256 nonce) external {
        if (msg.sender != registry.ownerOf(node)) revert NotOwner(node, msg.sender);
        _cancel(node, nonce);
    }

    /// @inheritdoc IBidding
    function cancelledAt(address account, uint256 nonce) public view returns (uint64) {
        return uint32(_cancelled[account][nonce >> 3] >> _shift(nonce));
    }

    /// @inheritdoc IBidding
    function endOf(address account, uint256 nonce, uint64 deadline) public view returns (uint64) {
        uint64 cancelled = cancelledAt(account, nonce);
        return cancelled == 0 || cancelled > deadline ? deadline : cancelled;
    }

    /// @dev Does nothing the second time: what counts is when the order ended first.
    function _cancel(address account, uint256 nonce) private {
        if (cancelledAt(account, nonce) != 0) return;
        _cancelled[account][nonce >> 3] |= uint256(uint32(block.timestamp)) << _shift(nonce);
        emit Cancelled(account, nonce, uint64(block.timestamp));
    }

    function _shift(uint256 nonce) private pure returns (uint256) {
        return (nonce & 7) << 5;
    }
}
