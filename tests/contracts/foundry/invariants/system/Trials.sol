// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionState} from "../../../../../contracts/interfaces/IBidding.sol";
import {AwardItem, Challenge, Claim, ClaimItem} from "../../../../../contracts/interfaces/IClaimCourt.sol";
import {JobOrder, Messages} from "../../../../../contracts/libraries/Messages.sol";
import {blockVm} from "../../CourtHouse.sol";
import {vm} from "../../Vm.sol";
import {Lots} from "./Lots.sol";

enum Stage {
    OPEN,
    CHALLENGED,
    OVER
}

/// One claim and what became of it; `appeal` is what the court holds of an appellant.
struct Case {
    Claim claim;
    Challenge made;
    Stage stage;
    uint256 appeal;
}

/// @title Claims are opened, challenged and closed
abstract contract Trials is Lots {
    Case[] internal cases;
    uint256 public endedTwice;

    /// @notice One time in eight under a serial that was used.
    function openClaim(uint256 who, uint256 which, uint256 node, uint256 random) external watched {
        random = _stirred(random);
        uint128 amount = uint128(_within(random >> 8, 1, DEAREST_TASK));
        JobOrder memory order = _order(who, which);
        ClaimItem[] memory items = new ClaimItem[](1);
        items[0] = _item(who, which, node, uint32(random >> 3) % 2, _nextSerial(random), amount);
        Claim memory claim;
        (claim.id, claim.order, claim.task) =
        (items[0].receipt.lease, items[0].lease.order, items[0].lease.task);
        (claim.node, claim.buyer, claim.payer) = (items[0].lease.node, order.buyer, order.buyer);
        (address reserver,,,) = bidding.reservationOf(claim.order);
        if (reserver != address(0)) claim.payer = bidding.reservationAccount(claim.order);
        (claim.serial, claim.amount) = (items[0].lease.serial, amount);
        bytes memory signature = _sign(_person(who % BUYERS), claim.order);
        vm.prank(claim.node);
        court.openClaims(order, signature, items);
        _signs(order.buyer);
        _enterCase(claim);
    }

    function openAwardClaim(uint256 which, uint32 task) external watched {
        which = _pick(which, AuctionState.AWARDED);
        task %= 2;
        Claim memory claim;
        (claim.order, claim.task, claim.serial) = (_auction(which), task, task);
        (address winner, uint128 payment,,,) = bidding.awardOf(claim.order);
        (claim.node, claim.buyer, claim.awarded) = (winner, lots[which].buyer, true);
        claim.amount = task == 0 ? payment / 2 : payment - payment / 2;
        claim.payer = bidding.reservationAccount(claim.order);
        AwardItem[] memory items = new AwardItem[](1);
        items[0] = _awardItem(claim.order, _placeOf(winner), task, claim.amount);
        claim.id = items[0].receipt.lease;
        vm.prank(winner);
        court.openAwardClaims(claim.order, items);
        _enterCase(claim);
    }

    /// @notice Sometimes waits for the end of the window.
    function closeClaim(uint256 which, uint256 wait) external watched {
        wait = _stirred(wait);
        which = _pickCase(which, Stage.OPEN);
        if (wait % 2 == 0) _passUntil(cases[which].claim.openedAt + _rules().claimWindowSeconds + 1);
        _closeClaim(which);
    }

    /// @notice A claim that is over is challenged or closed once more.
    function stirOldCase(uint256 which, bool closes) external watched {
        Case storage one = cases[_pickCase(which, Stage.OVER)];
        if (closes) court.closeClaim(one.claim);
        else court.resolve(one.claim, one.made);
        ++endedTwice;
    }

    function challenge(uint256 which, uint256 who) external watched {
        _challenge(_pickCase(which, Stage.OPEN), who);
    }

    /// @notice What the court owes: the amounts of open claims, and the bonds of their challengers and
    /// appellants.
    function courtOwes() external view returns (uint256 owed) {
        for (uint256 i = 0; i < cases.length; ++i) {
            if (cases[i].stage == Stage.OVER) continue;
            owed += cases[i].claim.amount + cases[i].appeal;
            if (cases[i].stage == Stage.CHALLENGED) owed += _rules().challengeBond;
        }
    }

    function openCases() external view returns (uint256 count) {
        for (uint256 i = 0; i < cases.length; ++i) {
            if (cases[i].stage != Stage.OVER) ++count;
        }
    }

    function _challenge(uint256 which, uint256 who) internal {
        Case storage one = cases[which];
        Claim memory claim = one.claim;
        one.made = Challenge(
            _account(who), uint64(_now()), uint64(blockVm.getBlockNumber()), uint64(registry.nodeCount())
        );
        one.stage = Stage.CHALLENGED;
        vm.prank(_account(who));
        court.challenge(claim);
        _signs(_account(who));
    }

    function _closeClaim(uint256 which) internal {
        court.closeClaim(cases[which].claim);
        _endPaid(cases[which]);
    }

    function _endPaid(Case storage one) internal {
        one.stage = Stage.OVER;
        Claim memory claim = one.claim;
        _enterPaid(claim.awarded ? claim.payer : claim.node, claim.serial);
    }

    /// @dev The next case at this stage, from `which` on and around.
    function _pickCase(uint256 which, Stage stage) internal view returns (uint256) {
        for (uint256 i = 0; i < cases.length; ++i) {
            uint256 place = (which % cases.length + i) % cases.length;
            if (cases[place].stage == stage) return place;
        }
        revert("no case at this stage");
    }

    function _enterCase(Claim memory claim) private {
        claim.openedAt = uint64(_now());
        claim.work = _work(0, RESULT);
        Case storage added = cases.push();
        added.claim = claim;
    }
}
