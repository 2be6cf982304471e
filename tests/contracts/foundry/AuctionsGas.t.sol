// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionTerms, Bid} from "../../../contracts/libraries/Auctions.sol";
import {BiddingWorld} from "./BiddingWorld.sol";
import {gasVm} from "./GasVm.sol";
import {vm} from "./Vm.sol";

/// @title What a sealed auction costs its bidders and its buyer, pinned in snapshots/auctions.json
/// @dev Run with --isolate, so that each call is a transaction with its intrinsic and calldata gas. Another
/// auction, with a deposit, is open.
contract AuctionsGasTest is BiddingWorld {
    function test_GasOfAnAuction() public {
        _commit(_opened(1), 5);
        AuctionTerms memory terms = _opened(2);
        gasVm.snapshotGasLastCall("auctions", "open");
        _commit(terms, 0);
        gasVm.snapshotGasLastCall("auctions", "first commit");
        _commit(terms, 1);
        gasVm.snapshotGasLastCall("auctions", "commit");
        vm.warp(START + 1 days + 1);
        _reveal(terms, 1);
        gasVm.snapshotGasLastCall("auctions", "first reveal");
        _reveal(terms, 0);
        gasVm.snapshotGasLastCall("auctions", "better reveal");
        bidding.award(terms);
        gasVm.snapshotGasLastCall("auctions", "award");
    }

    function _opened(uint256 nonce) private returns (AuctionTerms memory terms) {
        terms = _terms(nonce);
        vm.prank(buyer.account);
        bidding.openAuction(terms);
    }

    function _commit(AuctionTerms memory terms, uint256 bidder) private {
        bytes32 auction = bidding.auctionId(terms);
        Bid memory bid = _bid(bidder);
        vm.prank(owners[bidder].account);
        bidding.commitBid(terms, bid.node, _seal(auction, bid));
    }

    function _reveal(AuctionTerms memory terms, uint256 bidder) private {
        vm.prank(owners[bidder].account);
        bidding.revealBid(terms, _bid(bidder));
    }

    function _bid(uint256 bidder) private view returns (Bid memory bid) {
        (bid.node, bid.price) = (nodes[bidder].account, uint96(500_000 + 37_003 * bidder));
        bid.qualities = new uint64[](2);
        (bid.qualities[0], bid.qualities[1]) = (20, 100);
        bid.salt = keccak256(abi.encode("salt", bidder));
    }
}
