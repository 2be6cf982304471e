// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding} from "../interfaces/IBidding.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {JobOrder, Messages, Reservation, ReservationRelease} from "../libraries/Messages.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Stoppable} from "../libraries/Stoppable.sol";
import {Cancellations} from "./Cancellations.sol";

/// @title Money set aside for one order or one award
/// @notice Documented in IBidding. The amounts stand in the Ledger alone; here is only who may do what, and
/// when.
abstract contract Reservations is Cancellations, Stoppable {
    /// @dev `tasks` and `payment` are an award's, zero for an order.
    struct Record {
        address buyer;
        uint64 deadline;
        uint32 tasks;
        address guardian;
        uint96 payment;
    }

    uint64 public constant MAXIMUM_CLAIM_GRACE_SECONDS = 90 days;

    ILedger public immutable ledger;
    uint64 public immutable claimGraceSeconds;

    mapping(bytes32 order => Record) internal _records;
    mapping(bytes32 order => uint256) private _nonceOf;

    constructor(ILedger ledger_, uint64 claimGraceSeconds_) {
        if (claimGraceSeconds_ > MAXIMUM_CLAIM_GRACE_SECONDS) revert GraceTooLong(claimGraceSeconds_);
        ledger = ledger_;
        claimGraceSeconds = claimGraceSeconds_;
    }

    /// @inheritdoc IBidding
    function reserve(JobOrder calldata order, uint128 amount, bytes calldata signature)
        external
        whenNotPaused
    {
        bytes32 id = Messages.hash(order);
        _requireReservable(order, id, amount);
        if (msg.sender != order.buyer) {
            bytes32 digest = _digest(Messages.hash(Reservation(id, amount)));
            Signatures.requireSignedBy(order.buyer, digest, signature);
        }
        _records[id] = Record(order.buyer, order.deadline, 0, order.operator, 0);
        _nonceOf[id] = order.nonce;
        address account = reservationAccount(id);
        emit Reserved(id, order.buyer, order.operator, account, amount);
        ledger.move(order.buyer, account, amount);
    }

    /// @inheritdoc IBidding
    function addReservation(bytes32 order, uint128 amount) external {
        _requireKnown(order);
        if (amount == 0) revert InvalidAmount(amount);
        emit ReservationAdded(order, msg.sender, amount);
        ledger.move(msg.sender, reservationAccount(order), amount);
    }

    /// @inheritdoc IBidding
    function release(bytes32 order) external {
        Record memory record = _requireKnown(order);
        uint64 releaseAt = _releaseAt(order, record);
        if (block.timestamp < releaseAt) revert StillReserved(order, releaseAt);
        _shrink(order, record.buyer, 0);
    }

    /// @inheritdoc IBidding
    function releaseEarly(ReservationRelease calldata released, bytes calldata signature) external {
        Record memory record = _requireKnown(released.order);
        Signatures.requireSignedBy(record.guardian, _digest(Messages.hash(released)), signature);
        _shrink(released.order, record.buyer, released.remaining);
    }

    /// @inheritdoc IBidding
    function reservationOf(bytes32 order)
        external
        view
        returns (address buyer, address guardian, uint64 releaseAt, bool awarded)
    {
        Record memory record = _records[order];
        if (record.buyer == address(0)) return (address(0), address(0), 0, false);
        return (record.buyer, record.guardian, _releaseAt(order, record), record.tasks != 0);
    }

    /// @inheritdoc IBidding
    function reservationAccount(bytes32 order) public pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked("Suanli reservation", order)))));
    }

    /// @dev An award has no nonce that could be cancelled.
    function _releaseAt(bytes32 order, Record memory record) internal view returns (uint64) {
        uint64 end = record.deadline;
        if (record.tasks == 0) end = endOf(record.buyer, _nonceOf[order], end);
        uint256 releaseAt = uint256(end) + claimGraceSeconds + 1;
        return releaseAt > type(uint64).max ? type(uint64).max : uint64(releaseAt);
    }

    function _requireKnown(bytes32 order) internal view returns (Record memory record) {
        record = _records[order];
        if (record.buyer == address(0)) revert ReservationUnknown(order);
    }

    function _shrink(bytes32 order, address buyer, uint128 remaining) private {
        address account = reservationAccount(order);
        (uint128 balance,) = ledger.accountOf(account);
        if (balance <= remaining) revert NothingToRelease(order, balance, remaining);
        emit ReservationReleased(order, buyer, balance - remaining, remaining);
        ledger.move(account, buyer, balance - remaining);
    }

    function _requireReservable(JobOrder calldata order, bytes32 id, uint128 amount) private view {
        if (order.buyer == address(0)) revert InvalidAddress(order.buyer);
        if (order.operator == address(0)) revert InvalidAddress(order.operator);
        if (amount == 0) revert InvalidAmount(amount);
        if (amount < order.budget) revert ReservationBelowBudget(amount, order.budget);
        if (_records[id].buyer != address(0)) revert ReservationExists(id);
        uint64 end = endOf(order.buyer, order.nonce, order.deadline);
        if (block.timestamp >= end) revert OrderEnded(id, end);
    }
}
