// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionState} from "../../../../../contracts/interfaces/IBidding.sol";
import {NodeState} from "../../../../../contracts/interfaces/IGridRegistry.sol";
import {AuctionTerms} from "../../../../../contracts/libraries/Auctions.sol";
import {vm} from "../../Vm.sol";
import {Office} from "./Office.sol";
import {Panels} from "./Panels.sol";
import {Case, Stage} from "./Trials.sol";

/// @title One person gets everything out while all others have stopped for good and new business is stopped
/// @notice Only this person sends anything. No call may fail: whatever its state allows must work.
abstract contract Leaving is Panels, Office {
    uint256 private constant LONG_ENOUGH = 30 days;

    /// @notice Reverts unless person `who` reaches "funds withdrawn".
    function leaveAlone(uint256 who) external {
        address person = _account(who);
        (uint256 due, uint256 before) = (_certainlyDue(person), token.balanceOf(person));
        _stopNewBusiness();
        _giveNotice(person);
        _openBids(person);
        _passUntil(LAST_DEADLINE);
        _pass(LONG_ENOUGH);
        _endCases(person);
        _endLots(person);
        _releaseReservations(person);
        _releaseStakesAndBond(person);
        _withdrawAll(person);
        _requireNothingLeft(person);
        vm.assertGe(token.balanceOf(person) - before, due, "less than what was certainly due");
    }

    /// @dev What nobody could take any more at this moment, whatever happens to the rest.
    function _certainlyDue(address person) private view returns (uint256 due) {
        due = _balance(person);
        (uint128 bond_,,,) = anchors.operatorOf(person);
        due += bond_;
        for (uint256 i = 0; i < _ordersOf(person).length; ++i) {
            due += _balance(bidding.reservationAccount(_ordersOf(person)[i]));
        }
        for (uint256 i = 0; i < lots.length; ++i) {
            if (lots[i].buyer == person) due += _balance(bidding.reservationAccount(_auction(i)));
        }
        for (uint256 i = 0; i < NODES; ++i) {
            if (_ownerOf(i) == person) due += _unthreatened(nodes[i].account);
        }
        for (uint256 i = 0; i < cases.length; ++i) {
            if (cases[i].stage != Stage.OPEN) continue;
            if (registry.ownerOf(cases[i].claim.node) == person) due += cases[i].claim.amount;
        }
    }

    /// @dev The stake less what pending panels can take.
    function _unthreatened(address node) private view returns (uint256) {
        (uint88 total,,) = registry.stakeOf(node);
        uint256 threat;
        for (uint256 i = 0; i < cases.length; ++i) {
            if (cases[i].stage != Stage.CHALLENGED) continue;
            if (cases[i].claim.node == node) threat += _rules().claimBond;
            bytes32 dispute = court.disputeOf(cases[i].claim, cases[i].made);
            threat += uint256(_rules().jurorSlash) * _seatsOf(dispute, node);
        }
        return total > threat ? total - threat : 0;
    }

    function _seatsOf(bytes32 dispute, address node) private view returns (uint256 seats) {
        for (uint256 round = 0; round < 2; ++round) {
            (uint64 drawnAt,) = court.panelOf(dispute, round);
            for (uint256 seat = 0; drawnAt != 0 && seat < (round == 0 ? 3 : 7); ++seat) {
                if (_juror(dispute, round, seat) == node) ++seats;
            }
        }
    }

    function _giveNotice(address person) private {
        for (uint256 i = 0; i < NODES; ++i) {
            (address owner, NodeState state,,) = registry.nodeOf(nodes[i].account);
            bool isStaying = state == NodeState.CONNECTED || state == NodeState.DRAINING;
            if (owner == person && isStaying) _disconnect(nodes[i].account);
        }
        (uint128 amount,, uint64 releasableAt,) = anchors.operatorOf(person);
        vm.prank(person);
        if (amount != 0 && releasableAt == 0) anchors.unbond();
        else ledger.thaw(0);
    }

    /// @dev The person's own sealed bids, auction by auction, each in its time.
    function _openBids(address person) private {
        for (uint256 i = 0; i < lots.length; ++i) {
            (AuctionTerms memory terms, bytes32 auction) = (_terms(i), _auction(i));
            if (_now() > terms.revealUntil) continue;
            for (uint256 node = 0; node < NODES; ++node) {
                if (_ownerOf(node) != person) continue;
                if (bidding.sealOf(auction, nodes[node].account) == 0) continue;
                _passUntil(terms.commitUntil + 1);
                vm.prank(person);
                bidding.revealBid(terms, _bid(i, node));
            }
        }
    }

    /// @dev As payer, claimant or challenger.
    function _endCases(address person) private {
        for (uint256 i = 0; i < cases.length; ++i) {
            Case memory one = cases[i];
            if (one.stage == Stage.OVER) continue;
            bool isParty = one.claim.buyer == person || registry.ownerOf(one.claim.node) == person;
            if (!isParty && one.made.challenger != person) continue;
            if (one.stage == Stage.OPEN) _closeClaim(i);
            else _resolve(i);
        }
    }

    /// @dev As buyer or as bidder. A deposit waits for the claims on its award, which its parties have ended.
    function _endLots(address person) private {
        for (uint256 i = 0; i < lots.length; ++i) {
            bytes32 auction = _auction(i);
            if (lots[i].buyer != person && !_hasBid(auction, person)) continue;
            (AuctionState state,,,,) = bidding.auctionOf(auction);
            if (state == AuctionState.OPEN) bidding.award(_terms(i));
            address best;
            (state, best,,,) = bidding.auctionOf(auction);
            if (state != AuctionState.AWARDED || lots[i].bondSettled) continue;
            if (lots[i].buyer == person || registry.ownerOf(best) == person) _settleBond(i);
        }
    }

    function _hasBid(bytes32 auction, address person) private view returns (bool) {
        (, address best,,,) = bidding.auctionOf(auction);
        for (uint256 i = 0; i < NODES; ++i) {
            if (_ownerOf(i) != person) continue;
            if (nodes[i].account == best || bidding.sealOf(auction, nodes[i].account) != 0) return true;
        }
        return false;
    }

    function _releaseReservations(address person) private {
        for (uint256 i = 0; i < _ordersOf(person).length; ++i) {
            _releaseReservation(_ordersOf(person)[i]);
        }
        for (uint256 i = 0; i < lots.length; ++i) {
            if (lots[i].buyer == person) _releaseReservation(_auction(i));
        }
    }

    function _releaseReservation(bytes32 order) private {
        if (_balance(bidding.reservationAccount(order)) != 0) bidding.release(order);
    }

    function _releaseStakesAndBond(address person) private {
        for (uint256 i = 0; i < NODES; ++i) {
            (address owner, NodeState state,,) = registry.nodeOf(nodes[i].account);
            if (owner == person && state == NodeState.UNBONDING) _release(nodes[i].account);
        }
        (uint128 amount,,,) = anchors.operatorOf(person);
        if (amount == 0) return;
        vm.prank(person);
        anchors.withdrawBond();
    }

    function _withdrawAll(address person) private {
        uint256 balance = _balance(person);
        if (balance == 0) return;
        vm.prank(person);
        ledger.thaw(uint128(balance));
        _pass(THAW_SECONDS);
        _withdraw(person);
    }

    function _requireNothingLeft(address person) private view {
        vm.assertEq(_balance(person), 0, "balance");
        for (uint256 i = 0; i < NODES; ++i) {
            (uint88 total,,) = registry.stakeOf(nodes[i].account);
            if (_ownerOf(i) == person) vm.assertEq(total, 0, "stake");
        }
        (uint128 amount,,,) = anchors.operatorOf(person);
        vm.assertEq(amount, 0, "operator's bond");
        for (uint256 i = 0; i < _ordersOf(person).length; ++i) {
            vm.assertEq(_balance(bidding.reservationAccount(_ordersOf(person)[i])), 0, "reservation");
        }
        for (uint256 i = 0; i < lots.length; ++i) {
            if (lots[i].buyer != person) continue;
            vm.assertEq(_balance(bidding.reservationAccount(_auction(i))), 0, "award's reservation");
        }
    }

    function _ordersOf(address person) private view returns (bytes32[] memory orders) {
        uint256 place = _placeOfPerson(person);
        orders = new bytes32[](place < BUYERS ? ORDERS : 0);
        for (uint256 i = 0; i < orders.length; ++i) {
            orders[i] = _orderId(place, i);
        }
    }
}
