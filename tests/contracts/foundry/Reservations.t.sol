// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {
    Cancellation,
    JobOrder,
    Messages,
    Reservation,
    ReservationRelease
} from "../../../contracts/libraries/Messages.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {BiddingWorld} from "./BiddingWorld.sol";
import {vm} from "./Vm.sol";

/// @title Reservations return to their buyer, when and only when the rules say so; cancellations count once
contract ReservationsTest is BiddingWorld {
    /// Times of cancellation have 32 bits: they last until the year 2106.
    uint32 private constant LATEST = type(uint32).max - uint32(START);

    function testFuzz_ReservationReturnsToTheBuyerAfterEndAndGrace(
        uint128 amount,
        uint32 until,
        uint32 cancelAfter,
        uint32 releaseAfter
    ) public {
        (JobOrder memory order, bytes32 id) = _reserved(amount, until);
        uint256 end = order.deadline;
        cancelAfter %= LATEST;
        if (cancelAfter % 2 == 0) {
            vm.warp(START + cancelAfter);
            vm.prank(buyer.account);
            bidding.cancel(order.nonce);
            if (START + cancelAfter < end) end = START + cancelAfter;
        }
        vm.warp(vm.getBlockTimestamp() + releaseAfter);
        bool free = vm.getBlockTimestamp() > end + GRACE;
        uint64 releaseAt = uint64(end + GRACE + 1);
        if (!free) {
            vm.expectRevert(abi.encodeWithSelector(IBidding.StillReserved.selector, id, releaseAt));
        }
        bidding.release(id);
        uint256 reserved = _balance(bidding.reservationAccount(id));
        vm.assertEq(reserved, free ? 0 : _within(amount, 1, FUNDS), "what stays reserved");
        _requireConserved(id);
    }

    function testFuzz_EarlyReleaseOnlyShrinksAndOnlyByTheGuardian(
        uint128 amount,
        uint128 first,
        uint128 second
    ) public {
        (, bytes32 id) = _reserved(amount, 1000);
        uint256 before = _balance(bidding.reservationAccount(id));
        _tryRelease(ReservationRelease(id, first));
        uint256 between = _balance(bidding.reservationAccount(id));
        vm.assertEq(between, first < before ? first : before, "after the first");
        _tryRelease(ReservationRelease(id, second));
        vm.assertEq(
            _balance(bidding.reservationAccount(id)), second < between ? second : between, "after the second"
        );
        ReservationRelease memory all = ReservationRelease(id, 0);
        bytes memory forged = _sign(buyer, Messages.hash(all));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, operator.account));
        bidding.releaseEarly(all, forged);
        _requireConserved(id);
    }

    function testFuzz_OrderIsReservedOnceEvenAfterItsMoneyReturned(uint128 amount, bool early) public {
        (JobOrder memory order, bytes32 id) = _reserved(amount, 1000);
        if (early) {
            ReservationRelease memory all = ReservationRelease(id, 0);
            bidding.releaseEarly(all, _sign(operator, Messages.hash(all)));
        }
        bytes memory signature = _sign(buyer, Messages.hash(Reservation(id, 1)));
        vm.expectRevert(abi.encodeWithSelector(IBidding.ReservationExists.selector, id));
        bidding.reserve(order, 1, signature);
    }

    function testFuzz_OnlyTheAmountThatTheBuyerSignedIsReserved(uint128 signed, uint128 taken) public {
        signed = uint128(_within(signed, 1, FUNDS));
        taken = uint128(_within(taken, 1, FUNDS));
        vm.assume(signed != taken);
        JobOrder memory order = _order(START + 1000, 7);
        bytes memory signature = _sign(buyer, Messages.hash(Reservation(Messages.hash(order), signed)));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, buyer.account));
        bidding.reserve(order, taken, signature);
    }

    function testFuzz_SignatureOfAReservationCountsForItsOrderOnly(uint64 nonce, uint128 amount) public {
        vm.assume(nonce != 7);
        amount = uint128(_within(amount, 1, FUNDS));
        bytes32 id = Messages.hash(_order(START + 1000, 7));
        bytes memory signature = _sign(buyer, Messages.hash(Reservation(id, amount)));
        JobOrder memory other = _order(START + 1000, nonce);
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, buyer.account));
        bidding.reserve(other, amount, signature);
    }

    function testFuzz_EndedOrderIsNotReserved(uint32 cancelAfter, uint32 later) public {
        cancelAfter %= LATEST;
        JobOrder memory order = _order(START + uint64(cancelAfter) + 1, 7);
        vm.warp(START + cancelAfter);
        vm.prank(buyer.account);
        bidding.cancel(7);
        vm.warp(START + uint256(cancelAfter) + later);
        vm.expectRevert(
            abi.encodeWithSelector(IBidding.OrderEnded.selector, Messages.hash(order), START + cancelAfter)
        );
        vm.prank(buyer.account);
        bidding.reserve(order, 1, "");
    }

    function testFuzz_FirstCancellationCountsAndNeighboursAreUntouched(
        uint256 nonce,
        uint256 other,
        uint32 later
    ) public {
        vm.assume(nonce != other);
        vm.prank(buyer.account);
        bidding.cancel(nonce);
        vm.warp(START + uint256(later));
        Cancellation memory again = Cancellation(buyer.account, nonce);
        bidding.cancelBySignature(again, _sign(buyer, Messages.hash(again)));
        vm.assertEq(bidding.cancelledAt(buyer.account, nonce), START, "the first time");
        vm.assertEq(bidding.cancelledAt(buyer.account, other), 0, "another nonce");
        vm.assertEq(bidding.cancelledAt(operator.account, nonce), 0, "another account");
    }

    function testFuzz_EightCancellationsOfOneWordKeepTheirTimes(uint248 word, uint8[8] memory steps) public {
        uint256[8] memory times;
        for (uint256 i = 0; i < 8; ++i) {
            vm.warp(vm.getBlockTimestamp() + steps[i]);
            times[i] = vm.getBlockTimestamp();
            vm.prank(buyer.account);
            bidding.cancel((uint256(word) << 3) + i);
        }
        for (uint256 i = 0; i < 8; ++i) {
            vm.assertEq(
                bidding.cancelledAt(buyer.account, (uint256(word) << 3) + i), times[i], "time of a nonce"
            );
        }
    }

    function testFuzz_OrderEndsAtDeadlineOrCancellationWhicheverIsFirst(uint64 deadline, uint32 later)
        public
    {
        vm.assertEq(bidding.endOf(buyer.account, 1, deadline), deadline, "not cancelled");
        uint256 time = START + later % LATEST;
        vm.warp(time);
        vm.prank(buyer.account);
        bidding.cancel(1);
        vm.assertEq(bidding.endOf(buyer.account, 1, deadline), deadline < time ? deadline : time, "cancelled");
    }

    /// @dev Money that comes in late, from whomever, still finds its way to the buyer.
    function testFuzz_WhatComesInAfterTheReleaseIsReleasedAgain(uint128 amount, uint128 late) public {
        (, bytes32 id) = _reserved(amount, 1000);
        late = uint128(_within(late, 1, FUNDS - 1000));
        vm.warp(START + 1001 + GRACE + 1);
        bidding.release(id);
        vm.prank(owners[0].account);
        bidding.addReservation(id, late);
        bidding.release(id);
        vm.assertEq(_balance(buyer.account), FUNDS + late, "the buyer's money");
        _requireConserved(id);
    }

    function _reserved(uint128 amount, uint32 until) private returns (JobOrder memory order, bytes32 id) {
        amount = uint128(_within(amount, 1, FUNDS));
        order = _order(START + uint64(until) + 1, 7);
        id = Messages.hash(order);
        bidding.reserve(order, amount, _sign(buyer, Messages.hash(Reservation(id, amount))));
        vm.assertEq(_balance(bidding.reservationAccount(id)), amount, "reserved");
    }

    function _tryRelease(ReservationRelease memory released) private {
        try bidding.releaseEarly(released, _sign(operator, Messages.hash(released))) {} catch {}
    }
}
