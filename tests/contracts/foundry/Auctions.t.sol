// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionState, IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {AuctionTerms, Bid} from "../../../contracts/libraries/Auctions.sol";
import {BiddingWorld} from "./BiddingWorld.sol";
import {vm} from "./Vm.sol";

/// One bidder's way: what it bids, and whether it opens the bid.
struct Way {
    uint24 price;
    uint8 hours_;
    uint16 milliseconds;
    bool opens;
}

/// @title Sealed auctions: the right bid wins at the right price, and all money comes back from every phase
contract AuctionsTest is BiddingWorld {
    bytes32 private _auction;

    function testFuzz_BestScoreWinsAtTheSecondBestPrice(Way[NODES] memory ways, uint8 count, uint8 first)
        public
    {
        _tame(ways);
        AuctionTerms memory terms = _open(1);
        uint256 bidders = count % (NODES + 1);
        _commitAll(terms, ways, bidders);
        _revealAll(terms, ways, bidders, first);
        (address winner, uint256 payment) = _expectedAward(terms, ways, bidders);
        vm.warp(terms.revealUntil + 1);
        bidding.award(terms);
        (address node, uint128 paid,,,) = bidding.awardOf(_auction);
        vm.assertTrue(node == winner, "the winner");
        vm.assertEq(paid, payment, "the payment");
        vm.assertEq(_balance(bidding.reservationAccount(_auction)), payment, "what stays reserved");
        vm.assertEq(_balance(address(bidding)), winner == address(0) ? 0 : terms.deposit, "the winner's bond");
        _requireConserved(_auction);
    }

    function testFuzz_WinnerIsPaidAtLeastItsPriceAndAtMostTheBudget(Way[NODES] memory ways) public {
        _tame(ways);
        AuctionTerms memory terms = _open(1);
        _commitAll(terms, ways, NODES);
        _revealAll(terms, ways, NODES, 0);
        vm.warp(terms.revealUntil + 1);
        bidding.award(terms);
        (address node, uint128 paid,,,) = bidding.awardOf(_auction);
        for (uint256 i = 0; i < NODES; ++i) {
            if (nodes[i].account == node) vm.assertGe(paid, ways[i].price, "the winner's own price");
        }
        vm.assertLe(paid, terms.budget, "the budget");
    }

    function testFuzz_BidderGainsNothingByBiddingAnotherPriceThanItsCost(
        Way[NODES] memory ways,
        uint24 otherPrice
    ) public {
        _tame(ways);
        uint256 cost = ways[0].price;
        ways[0].opens = true;
        int256 honest = _gain(1, ways, cost);
        ways[0].price = otherPrice % 1_200_000;
        vm.assertTrue(honest >= _gain(2, ways, cost), "an honest bid gains most");
    }

    function testFuzz_AllMoneyReturnsByTimeoutsAloneWhateverHappened(
        Way[NODES] memory ways,
        uint8 count,
        uint16 done
    ) public {
        _tame(ways);
        AuctionTerms memory terms = _open(1);
        uint256 bidders = count % (NODES + 1);
        _commitAll(terms, ways, bidders);
        _revealAll(terms, ways, bidders, 0);
        vm.warp(terms.revealUntil + 1);
        bidding.award(terms);
        (address winner,,,,) = bidding.awardOf(_auction);
        uint256 paid = done % (terms.tasks + 1);
        if (winner != address(0)) _finishByTimeouts(terms, paid);
        vm.assertEq(_balance(address(bidding)), 0, "nothing stays with the contract");
        vm.assertEq(_balance(bidding.reservationAccount(_auction)), 0, "nothing stays reserved");
        uint256 unperformed =
            winner == address(0) ? 0 : terms.deposit - uint256(terms.deposit) * paid / terms.tasks;
        uint256 forfeited = _sealedCount(ways, bidders) * terms.deposit + unperformed;
        vm.assertEq(_balance(buyer.account), FUNDS + forfeited, "the buyer's money and what was forfeited");
        _requireConserved(_auction);
    }

    function testFuzz_LateAwardPaysNobodyAndReturnsEverything(Way[NODES] memory ways, uint32 late) public {
        _tame(ways);
        AuctionTerms memory terms = _open(1);
        _commitAll(terms, ways, NODES);
        _revealAll(terms, ways, NODES, 0);
        vm.warp(uint256(terms.deadline) + late);
        bidding.award(terms);
        (address winner,,,,) = bidding.awardOf(_auction);
        vm.assertTrue(winner == address(0), "nobody wins when no time is left");
        vm.assertEq(_balance(address(bidding)), 0, "nothing stays with the contract");
        uint256 forfeited = _sealedCount(ways, NODES) * terms.deposit;
        vm.assertEq(_balance(buyer.account), FUNDS + forfeited, "budget and forfeits");
    }

    function testFuzz_CopyOfASealedBidCannotBeOpenedByTheCopier(Way memory way) public {
        AuctionTerms memory terms = _open(1);
        Bid memory bid = _bid(0, way);
        _commit(terms, 0, bid);
        _commit(terms, 1, bid);
        vm.warp(terms.commitUntil + 1);
        bidding.revealBid(terms, bid);
        bytes32 copied = _seal(_auction, bid);
        bid.node = nodes[1].account;
        vm.expectRevert(
            abi.encodeWithSelector(
                IBidding.SealMismatch.selector, _auction, bid.node, copied, _seal(_auction, bid)
            )
        );
        bidding.revealBid(terms, bid);
    }

    function testFuzz_BidCannotBeOpenedTwice(Way memory way) public {
        AuctionTerms memory terms = _open(1);
        Bid memory bid = _bid(0, way);
        _commit(terms, 0, bid);
        vm.warp(terms.commitUntil + 1);
        bidding.revealBid(terms, bid);
        vm.expectPartialRevert(IBidding.SealMismatch.selector);
        bidding.revealBid(terms, bid);
    }

    function testFuzz_SealOfOneAuctionCannotBeOpenedInAnother(Way memory way) public {
        AuctionTerms memory terms = _open(1);
        Bid memory bid = _bid(0, way);
        bytes32 firstSeal = _seal(_auction, bid);
        AuctionTerms memory other = _open(2);
        vm.prank(owners[0].account);
        bidding.commitBid(other, bid.node, firstSeal);
        vm.warp(terms.commitUntil + 1);
        vm.expectPartialRevert(IBidding.SealMismatch.selector);
        bidding.revealBid(other, bid);
        vm.expectPartialRevert(IBidding.SealMismatch.selector);
        bidding.revealBid(terms, bid);
    }

    function testFuzz_TermsCannotBeChangedAfterOpening(uint96 budget, uint64 revealUntil, bytes32 specRoot)
        public
    {
        AuctionTerms memory terms = _open(1);
        vm.assume(budget != terms.budget && revealUntil != terms.revealUntil && specRoot != terms.specRoot);
        (uint96 signedBudget, uint64 signedReveal) = (terms.budget, terms.revealUntil);
        terms.budget = budget;
        _requireUnknown(terms);
        (terms.budget, terms.revealUntil) = (signedBudget, revealUntil);
        _requireUnknown(terms);
        (terms.revealUntil, terms.specRoot) = (signedReveal, specRoot);
        _requireUnknown(terms);
    }

    /// @dev With another auction's deposits in the same account, which a second settling would take.
    function test_BondIsSettledOnce() public {
        AuctionTerms memory terms = _open(1);
        _commit(terms, 0, _bid(0, Way(1, 0, 0, true)));
        vm.warp(terms.commitUntil + 1);
        bidding.revealBid(terms, _bid(0, Way(1, 0, 0, true)));
        bidding.award(terms);
        bytes32 first = _auction;
        AuctionTerms memory other = _open(2);
        _commit(other, 1, _bid(1, Way(1, 0, 0, true)));
        vm.warp(uint256(terms.deadline) + GRACE + 1);
        bidding.settleBond(terms);
        vm.expectRevert(abi.encodeWithSelector(IBidding.BondSettledBefore.selector, first));
        bidding.settleBond(terms);
        vm.assertEq(_balance(address(bidding)), other.deposit, "the other auction's deposit");
    }

    /// @dev Any history of moves by anyone in any order: the books always add up, and hold what is owed.
    function testFuzz_AnyHistoryConserves(uint256[40] memory moves) public {
        AuctionTerms memory terms = _open(1);
        for (uint256 i = 0; i < moves.length; ++i) {
            _move(terms, moves[i]);
            _requireConserved(_auction);
            _requireHeldIsOwed(terms);
        }
    }

    function _move(AuctionTerms memory terms, uint256 move) private {
        uint256 who = (move >> 8) % NODES;
        Bid memory bid = _bid(who, Way(uint24(who * 90_001), uint8(who * 3), 10, true));
        uint256 kind = move % 16;
        if (kind < 6) {
            vm.prank(owners[who].account);
            try bidding.commitBid(terms, bid.node, _seal(_auction, bid)) {} catch {}
        } else if (kind < 11) {
            try bidding.revealBid(terms, bid) {} catch {}
        } else if (kind == 11) {
            vm.prank(buyer.account);
            try bidding.cancelAuction(terms) {} catch {}
        } else if (kind == 12) {
            try bidding.award(terms) {} catch {}
        } else if (kind == 13) {
            try bidding.release(_auction) {} catch {}
            try bidding.settleBond(terms) {} catch {}
        } else {
            (AuctionState state,,,,) = bidding.auctionOf(_auction);
            uint256 step = state == AuctionState.OPEN ? 16 hours : 12 days;
            vm.warp(vm.getBlockTimestamp() + (move >> 16) % step);
        }
    }

    function _requireHeldIsOwed(AuctionTerms memory terms) private view {
        (AuctionState state, address best,,, uint32 sealedBids) = bidding.auctionOf(_auction);
        uint256 held = _balance(address(bidding));
        uint256 reserved = _balance(bidding.reservationAccount(_auction));
        if (state == AuctionState.OPEN) {
            uint256 deposits = sealedBids + (best == address(0) ? 0 : 1);
            vm.assertEq(held, deposits * terms.deposit, "a deposit for each sealed bid and the best");
            vm.assertEq(reserved, terms.budget, "the budget");
        } else if (state == AuctionState.AWARDED) {
            (, uint128 payment,,,) = bidding.awardOf(_auction);
            vm.assertTrue(held == 0 || held == terms.deposit, "at most the bond");
            vm.assertTrue(reserved == 0 || reserved == payment, "the payment until it is released");
        } else {
            vm.assertEq(held + reserved, 0, "nothing after closing");
        }
    }

    function _requireUnknown(AuctionTerms memory terms) private {
        vm.expectPartialRevert(IBidding.WrongAuctionState.selector);
        vm.prank(owners[0].account);
        bidding.commitBid(terms, nodes[0].account, bytes32(uint256(1)));
    }

    function _open(uint256 nonce) private returns (AuctionTerms memory terms) {
        terms = _terms(nonce);
        terms.commitUntil = uint64(vm.getBlockTimestamp() + 1 days);
        terms.revealUntil = terms.commitUntil + 1 days;
        terms.deadline = terms.revealUntil + 7 days;
        vm.prank(buyer.account);
        _auction = bidding.openAuction(terms);
    }

    function _commit(AuctionTerms memory terms, uint256 position, Bid memory bid) private {
        vm.prank(owners[position].account);
        bidding.commitBid(terms, nodes[position].account, _seal(_auction, bid));
    }

    function _commitAll(AuctionTerms memory terms, Way[NODES] memory ways, uint256 count) private {
        for (uint256 i = 0; i < count; ++i) {
            _commit(terms, i, _bid(i, ways[i]));
        }
    }

    function _revealAll(AuctionTerms memory terms, Way[NODES] memory ways, uint256 count, uint256 first)
        private
    {
        vm.warp(terms.commitUntil + 1);
        for (uint256 i = 0; i < count; ++i) {
            uint256 position = (first % count + i) % count;
            if (ways[position].opens) bidding.revealBid(terms, _bid(position, ways[position]));
        }
    }

    /// @dev Around the limits, so that most bids can win; coarse, so that scores are often equal.
    function _tame(Way[NODES] memory ways) private pure {
        for (uint256 i = 0; i < NODES; ++i) {
            Way memory way = ways[i];
            bool coarse = way.price % 2 == 0;
            (way.price, way.hours_) = (way.price % 12 * 100_000, way.hours_ % 4 * 34);
            way.milliseconds = way.milliseconds % 502;
            if (coarse) way.milliseconds = way.milliseconds / 501 * 501;
            else way.price += way.milliseconds;
        }
    }

    function _finishByTimeouts(AuctionTerms memory terms, uint256 paid) private {
        for (uint64 serial = 0; serial < paid; ++serial) {
            _claim(_auction, serial);
        }
        vm.warp(uint256(terms.deadline) + GRACE + 1);
        if (_balance(bidding.reservationAccount(_auction)) != 0) bidding.release(_auction);
        bidding.settleBond(terms);
    }

    /// @dev What the first bidder earns above its cost.
    function _gain(uint256 nonce, Way[NODES] memory ways, uint256 cost) private returns (int256) {
        AuctionTerms memory terms = _open(nonce);
        _commitAll(terms, ways, NODES);
        _revealAll(terms, ways, NODES, 0);
        vm.warp(terms.revealUntil + 1);
        bidding.award(terms);
        (address node, uint128 payment,,,) = bidding.awardOf(_auction);
        return node == nodes[0].account ? int256(uint256(payment)) - int256(cost) : int256(0);
    }

    /// @dev The rule once more, by plain search for the lowest and the second lowest score.
    function _expectedAward(AuctionTerms memory terms, Way[NODES] memory ways, uint256 count)
        private
        view
        returns (address winner, uint256 payment)
    {
        uint256 best = NODES;
        for (uint256 i = 0; i < count; ++i) {
            if (_canWin(terms, ways[i]) && (best == NODES || _beats(ways, i, best))) best = i;
        }
        if (best == NODES) return (address(0), 0);
        payment = terms.budget;
        for (uint256 i = 0; i < count; ++i) {
            if (i == best || !_canWin(terms, ways[i])) continue;
            uint256 level = _score(ways[i]) - (_score(ways[best]) - ways[best].price);
            if (level < payment) payment = level;
        }
        return (nodes[best].account, payment);
    }

    function _beats(Way[NODES] memory ways, uint256 one, uint256 other) private view returns (bool) {
        (uint256 left, uint256 right) = (_score(ways[one]), _score(ways[other]));
        if (left != right) return left < right;
        return keccak256(abi.encode(_auction, nodes[one].account))
            < keccak256(abi.encode(_auction, nodes[other].account));
    }

    function _canWin(AuctionTerms memory terms, Way memory way) private pure returns (bool) {
        return way.opens && way.price <= terms.budget && way.hours_ <= 100 && way.milliseconds <= 500;
    }

    function _score(Way memory way) private pure returns (uint256) {
        return uint256(way.price) + uint256(way.hours_) * 1000 + uint256(way.milliseconds) * 7;
    }

    function _sealedCount(Way[NODES] memory ways, uint256 count) private pure returns (uint256 left) {
        for (uint256 i = 0; i < count; ++i) {
            if (!ways[i].opens) ++left;
        }
    }

    function _bid(uint256 position, Way memory way) private view returns (Bid memory bid) {
        bid = Bid(nodes[position].account, way.price, new uint64[](2), keccak256(abi.encode(position)));
        (bid.qualities[0], bid.qualities[1]) = (way.hours_, way.milliseconds);
    }
}
