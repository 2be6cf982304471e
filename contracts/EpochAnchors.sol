// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bonds} from "./anchors/Bonds.sol";
import {Books} from "./anchors/Books.sol";
import {LeaseLimits} from "./anchors/LeaseLimits.sol";
import {BookLeaf, FaultReason, IEpochAnchors, Limit, SignedLease} from "./interfaces/IEpochAnchors.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Ask, EpochAnchor, InclusionPromise, JobOrder, Messages} from "./libraries/Messages.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title EpochAnchors
/// @notice Documented in IEpochAnchors. Every proof is: who signed what, what is wrong with it, event, slash.
contract EpochAnchors is Bonds, SuanliDomain {
    mapping(address operator => mapping(uint64 epoch => bytes32)) public anchorOf;

    constructor(
        ILedger ledger_,
        address authority_,
        uint128 operatorBond_,
        uint64 anchorGraceSeconds_,
        uint64 unbondingSeconds_
    )
        Bonds(ledger_, authority_, operatorBond_, anchorGraceSeconds_, unbondingSeconds_)
        SuanliDomain(address(ledger_))
    {}

    /// @inheritdoc IEpochAnchors
    function anchor(EpochAnchor calldata anchor_, string calldata uri) external {
        Operator storage record = _bonded(msg.sender);
        uint64 last = record.lastEpoch;
        if (anchor_.epoch <= last) revert EpochNotAscending(msg.sender, anchor_.epoch, last);
        record.lastEpoch = anchor_.epoch;
        anchorOf[msg.sender][anchor_.epoch] = Messages.hash(anchor_);
        emit Anchored(msg.sender, anchor_.epoch, anchor_, uri);
    }

    /// @inheritdoc IEpochAnchors
    function proveEquivocation(
        address operator,
        EpochAnchor calldata first,
        bytes calldata firstSignature,
        EpochAnchor calldata second,
        bytes calldata secondSignature
    ) external {
        bytes32 firstId = _signed(operator, Messages.hash(first), firstSignature);
        bytes32 secondId = _signed(operator, Messages.hash(second), secondSignature);
        if (first.epoch != second.epoch) revert NoEquivocation(firstId, secondId);
        _convictOfEquivocation(operator, first.epoch, firstId, secondId);
    }

    /// @inheritdoc IEpochAnchors
    function proveAnchorDiffers(address operator, EpochAnchor calldata signed, bytes calldata signature)
        external
    {
        bytes32 id = _signed(operator, Messages.hash(signed), signature);
        bytes32 stored = anchorOf[operator][signed.epoch];
        if (stored == 0) revert AnchorUnknown(operator, signed.epoch, id, stored);
        _convictOfEquivocation(operator, signed.epoch, stored, id);
    }

    /// @inheritdoc IEpochAnchors
    function proveNotAnchored(
        address operator,
        InclusionPromise calldata promised,
        bytes calldata signature,
        JobOrder calldata order
    ) external {
        _requirePromised(operator, promised, signature, order);
        uint64 bondedAt = _bonded(operator).bondedAt;
        if (promised.receivedAt < bondedAt) revert PromiseBeforeBond(promised.receivedAt, bondedAt);
        uint256 dueAt = uint256(promised.receivedAt) + anchorGraceSeconds;
        if (block.timestamp <= dueAt || anchorOf[operator][promised.epoch] != 0) {
            revert AnchorNotMissing(operator, promised.epoch, dueAt);
        }
        emit NotAnchoredProved(operator, promised.epoch, promised.order);
        _punish(operator, FaultReason.NOT_ANCHORED, _fault(promised), order.buyer);
    }

    /// @inheritdoc IEpochAnchors
    function proveOrderLeftOut(
        address operator,
        InclusionPromise calldata promised,
        bytes calldata signature,
        JobOrder calldata order,
        EpochAnchor calldata anchored,
        BookLeaf[] calldata neighbours
    ) external {
        _requirePromised(operator, promised, signature, order);
        _requireAnchored(operator, promised.epoch, anchored);
        if (!Books.leavesOut(anchored, promised.order, neighbours)) revert OrderNotLeftOut(promised.order);
        emit OrderLeftOutProved(operator, promised.epoch, promised.order);
        _punish(operator, FaultReason.ORDER_LEFT_OUT, _fault(promised), order.buyer);
    }

    /// @inheritdoc IEpochAnchors
    function proveBookUnsorted(
        address operator,
        EpochAnchor calldata anchored,
        BookLeaf calldata first,
        BookLeaf calldata second
    ) external {
        _requireAnchored(operator, anchored.epoch, anchored);
        Books.requireLeaf(anchored, first);
        Books.requireLeaf(anchored, second);
        if (first.index >= second.index || first.order < second.order) {
            revert BookSorted(first.order, second.order);
        }
        emit BookUnsortedProved(operator, anchored.epoch, first.index, second.index);
        _punish(operator, FaultReason.BOOK_UNSORTED, bytes32(uint256(anchored.epoch)), address(0));
    }

    /// @inheritdoc IEpochAnchors
    function proveBookMiscounted(address operator, EpochAnchor calldata anchored, BookLeaf calldata leaf)
        external
    {
        _requireAnchored(operator, anchored.epoch, anchored);
        Books.requireLeaf(anchored, leaf);
        if (leaf.index < anchored.orders && leaf.proof.length == Books.siblings(leaf.index, anchored.orders))
        {
            revert BookCounted(leaf.index, anchored.orders);
        }
        emit BookMiscountedProved(operator, anchored.epoch, leaf.index, anchored.orders);
        _punish(operator, FaultReason.BOOK_MISCOUNTED, bytes32(uint256(anchored.epoch)), address(0));
    }

    /// @inheritdoc IEpochAnchors
    function proveLeaseOutsideOrder(address operator, SignedLease calldata leased, JobOrder calldata order)
        external
    {
        bytes32 id = _leased(operator, leased, order);
        Limit limit = LeaseLimits.brokenOfOrder(leased.lease, order, operator);
        if (limit == Limit.NONE) revert LeaseWithinLimits(id);
        emit LeaseOutsideOrderProved(operator, id, limit);
        _punish(operator, FaultReason.LEASE_OUTSIDE_ORDER, id, order.buyer);
    }

    /// @inheritdoc IEpochAnchors
    function proveLeaseOutsideAsk(address operator, SignedLease calldata leased, Ask calldata ask) external {
        bytes32 id = _signed(operator, Messages.hash(leased.lease), leased.signature);
        bytes32 askId = Messages.hash(ask);
        if (askId != leased.lease.ask) revert AskMismatch(askId, leased.lease.ask);
        Limit limit = LeaseLimits.brokenOfAsk(leased.lease, ask);
        if (limit == Limit.NONE) revert LeaseWithinLimits(id);
        emit LeaseOutsideAskProved(operator, id, limit);
        _punish(operator, FaultReason.LEASE_OUTSIDE_ASK, id, ask.node);
    }

    function _convictOfEquivocation(address operator, uint64 epoch, bytes32 first, bytes32 second) private {
        if (first == second) revert NoEquivocation(first, second);
        emit EquivocationProved(operator, epoch, first, second);
        _punish(operator, FaultReason.EQUIVOCATION, bytes32(uint256(epoch)), address(0));
    }

    /// @dev The message's id, once its signature is found to be the operator's.
    function _signed(address operator, bytes32 id, bytes calldata signature) private view returns (bytes32) {
        Signatures.requireSignedByKey(operator, _digest(id), signature);
        return id;
    }

    /// @dev The lease's id, once operator and order are found to be those that it has.
    function _leased(address operator, SignedLease calldata leased, JobOrder calldata order)
        private
        view
        returns (bytes32)
    {
        _requireNamed(order, leased.lease.order);
        return _signed(operator, Messages.hash(leased.lease), leased.signature);
    }

    function _requirePromised(
        address operator,
        InclusionPromise calldata promised,
        bytes calldata signature,
        JobOrder calldata order
    ) private view {
        _requireNamed(order, promised.order);
        _signed(operator, Messages.hash(promised), signature);
    }

    function _requireNamed(JobOrder calldata order, bytes32 named) private pure {
        bytes32 id = Messages.hash(order);
        if (id != named) revert OrderMismatch(id, named);
    }

    function _requireAnchored(address operator, uint64 epoch, EpochAnchor calldata anchored) private view {
        bytes32 stored = anchorOf[operator][epoch];
        bytes32 id = Messages.hash(anchored);
        if (id != stored) revert AnchorUnknown(operator, epoch, id, stored);
    }

    function _fault(InclusionPromise calldata promised) private pure returns (bytes32) {
        return keccak256(abi.encode(promised.order, promised.epoch));
    }
}
