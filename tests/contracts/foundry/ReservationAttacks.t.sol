// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {Claim, ClaimItem} from "../../../contracts/interfaces/IClaimCourt.sol";
import {JobOrder, Messages, Reservation, ReservationRelease} from "../../../contracts/libraries/Messages.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {CourtHouse} from "./CourtHouse.sol";
import {vm} from "./Vm.sol";

/// @title A buyer cannot take its balance out of a node's reach by a reservation that is too small to pay it
contract ReservationAttacksTest is CourtHouse {
    function testFuzz_BuyerCannotShutItsNodeOutBySettingLittleAside(uint128 amount, bool relayed) public {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 3, _usage());
        amount = amount % (order.budget - 1) + 1;
        bytes memory signature = _sign(buyer, Messages.hash(Reservation(Messages.hash(order), amount)));
        vm.expectRevert(
            abi.encodeWithSelector(IBidding.ReservationBelowBudget.selector, amount, order.budget)
        );
        vm.prank(relayed ? challenger.account : buyer.account);
        bidding.reserve(order, amount, signature);
        _open(order, item);
        _close(_claimOf(item, buyer.account));
        vm.assertEq(_balance(buyer.account), FUNDS - item.receipt.amount, "the buyer pays");
    }

    function test_NodeIsPaidThoughItsBuyerReservesBetweenWorkAndClaim() public {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 3, _usage());
        vm.prank(buyer.account);
        bidding.reserve(order, order.budget, "");
        _open(order, item);
        _close(_claimOf(item, bidding.reservationAccount(Messages.hash(order))));
        vm.assertEq(_balance(buyer.account), FUNDS - order.budget, "only the reservation pays");
    }

    /// @dev What stays possible, as docs/contracts.md says: operator and buyer together.
    function test_OnlyTheGuardianCanEmptyAReservationBeforeTheClaimsAreOver() public {
        JobOrder memory order = _order();
        ReservationRelease memory all = ReservationRelease(Messages.hash(order), 0);
        vm.prank(buyer.account);
        bidding.reserve(order, order.budget, "");
        bytes memory byBuyer = _sign(buyer, Messages.hash(all));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, operator.account));
        bidding.releaseEarly(all, byBuyer);
        vm.expectPartialRevert(IBidding.StillReserved.selector);
        bidding.release(all.order);
        bidding.releaseEarly(all, _sign(operator, Messages.hash(all)));
        vm.assertEq(_balance(buyer.account), FUNDS, "what the guardian gave back");
    }

    function _close(Claim memory claim) private {
        vm.warp(_now() + _rules().claimWindowSeconds + 1);
        court.closeClaim(claim);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + claim.amount, "the node's owner is paid");
    }
}
