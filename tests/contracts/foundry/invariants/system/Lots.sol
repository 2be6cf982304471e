// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionState} from "../../../../../contracts/interfaces/IBidding.sol";
import {NodeState} from "../../../../../contracts/interfaces/IGridRegistry.sol";
import {AuctionTerms, Bid, QualityRule} from "../../../../../contracts/libraries/Auctions.sol";
import {Messages, Statement} from "../../../../../contracts/libraries/Messages.sol";
import {Party} from "../../Parties.sol";
import {vm} from "../../Vm.sol";
import {Fleet} from "./Fleet.sol";
import {Payments} from "./Payments.sol";

/// What differs between auctions; the terms follow from it.
struct Lot {
    address buyer;
    uint96 budget;
    uint96 deposit;
    uint64 openedAt;
    bool bondSettled;
}

/// @title Auctions with up to eighteen bidders, whose bids follow from auction and node
abstract contract Lots is Payments, Fleet {
    uint256 private constant MOST_LOTS = 12;
    uint64 internal constant LOT_SECONDS = 3 days;

    Lot[] internal lots;

    function openAuction(uint256 who, uint256 budget, uint256 deposit_) external watched {
        if (lots.length == MOST_LOTS) return;
        Lot memory lot =
            Lot(_account(who), uint96(_within(budget, 1, 2e6)), uint96(_within(deposit_, 1, 1e4)), 0, false);
        lot.openedAt = uint64(_now());
        lots.push(lot);
        vm.prank(lot.buyer);
        bidding.openAuction(_terms(lots.length - 1));
        _signs(lot.buyer);
    }

    function cancelAuction(uint256 which, uint256 chance) external watched {
        chance = _stirred(chance);
        if (chance % 4 != 0) return;
        which = _pick(which, AuctionState.OPEN);
        vm.prank(lots[which].buyer);
        bidding.cancelAuction(_terms(which));
    }

    /// @notice One to four nodes bid.
    function commitBids(uint256 which, uint256 node, uint256 count) external watched {
        count = _stirred(count);
        which = _pick(which, AuctionState.OPEN);
        for (uint256 i = 0; i <= count % 4; ++i) {
            uint256 bidder = (node % NODES + i) % NODES;
            (address owner, NodeState state,,) = registry.nodeOf(nodes[bidder].account);
            if (state != NodeState.CONNECTED) continue;
            bytes32 seal = keccak256(abi.encode(_auction(which), _bid(which, bidder)));
            vm.prank(owner);
            bidding.commitBid(_terms(which), nodes[bidder].account, seal);
            _signs(owner);
        }
    }

    /// @notice Mostly all, when bids may be opened.
    function revealBids(uint256 which, uint256 mask) external watched {
        mask = _stirred(mask);
        which = _pick(which, AuctionState.OPEN);
        if (mask % 4 != 0) _passUntil(_terms(which).commitUntil + 1);
        for (uint256 i = 0; i < NODES; ++i) {
            if ((mask >> (8 + i)) % 4 == 0) continue;
            if (bidding.sealOf(_auction(which), nodes[i].account) == 0) continue;
            bidding.revealBid(_terms(which), _bid(which, i));
        }
    }

    function award(uint256 which, uint256 wait) external watched {
        wait = _stirred(wait);
        which = _pick(which, AuctionState.OPEN);
        if (wait % 4 == 0) _passUntil(_terms(which).revealUntil + 1);
        bidding.award(_terms(which));
    }

    function settleBond(uint256 which, uint256 wait) external watched {
        wait = _stirred(wait);
        which = _pick(which, AuctionState.AWARDED);
        if (wait % 16 == 0) _passUntil(_terms(which).deadline + CLAIM_GRACE_SECONDS + 1);
        _settleBond(which);
    }

    /// @notice Buyer and winner sign for one task of the award.
    function settleAward(uint256 which, uint256 random) external watched {
        which = _pick(which, AuctionState.AWARDED);
        bytes32 auction = _auction(which);
        (address winner,,,,) = bidding.awardOf(auction);
        address account = bidding.reservationAccount(auction);
        (Party memory node, uint64 task) = (nodes[_placeOf(winner)], uint64(random % 2));
        uint128 amount = uint128(_within(random >> 8, 0, _balance(account)));
        (Statement memory statement, bytes memory marks) = _statement(account, node, amount, task);
        bytes32 id = Messages.hash(statement);
        bytes memory byBuyer = _sign(_person(_placeOfPerson(lots[which].buyer)), id);
        settlement.settleReserved(statement, marks, auction, byBuyer, _sign(node, id), "");
        _enterPaid(account, task);
    }

    /// @notice What Bidding owes bidders: a deposit for each sealed bid, the best one and the award's.
    function depositsOwed() external view returns (uint256 owed) {
        for (uint256 i = 0; i < lots.length; ++i) {
            (AuctionState state, address best,,, uint32 sealedBids) = bidding.auctionOf(_auction(i));
            if (state == AuctionState.AWARDED && !lots[i].bondSettled) owed += lots[i].deposit;
            if (state != AuctionState.OPEN) continue;
            owed += uint256(lots[i].deposit) * (sealedBids + (best == address(0) ? 0 : 1));
        }
    }

    /// @dev The next auction in this state, from `which` on and around.
    function _pick(uint256 which, AuctionState state) internal view returns (uint256) {
        for (uint256 i = 0; i < lots.length; ++i) {
            (AuctionState found,,,,) = bidding.auctionOf(_auction((which % lots.length + i) % lots.length));
            if (found == state) return (which % lots.length + i) % lots.length;
        }
        revert("no auction in this state");
    }

    function _placeOf(address node) internal view returns (uint256 place) {
        while (nodes[place].account != node) ++place;
    }

    function _settleBond(uint256 which) internal {
        bidding.settleBond(_terms(which));
        lots[which].bondSettled = true;
    }

    function _terms(uint256 which) internal view returns (AuctionTerms memory terms) {
        Lot memory lot = lots[which];
        terms.buyer = lot.buyer;
        (terms.specRoot, terms.tasks) = (_root(), 2);
        (terms.budget, terms.deposit, terms.nonce) = (lot.budget, lot.deposit, which);
        terms.commitUntil = lot.openedAt + 2 hours;
        (terms.revealUntil, terms.deadline) = (terms.commitUntil + 2 hours, lot.openedAt + LOT_SECONDS);
        terms.qualities = new QualityRule[](1);
        terms.qualities[0] = QualityRule("hours", 100, 10);
    }

    function _auction(uint256 which) internal view returns (bytes32) {
        return bidding.auctionId(_terms(which));
    }

    /// @dev One in five is dearer than the budget, one in six beyond the limit.
    function _bid(uint256 which, uint256 node) internal view returns (Bid memory bid) {
        bid.node = nodes[node].account;
        bid.salt = keccak256(abi.encode(which, node));
        bid.price = uint96(uint256(bid.salt) % (1 + uint256(lots[which].budget) * 5 / 4));
        bid.qualities = new uint64[](1);
        bid.qualities[0] = uint64(uint8(bid.salt[0]) % 120);
    }
}
