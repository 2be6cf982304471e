// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One published quality, lower is better: each unit counts `weight` atoms, and a bid above `maximum`
/// cannot win. `label` names the quality and its unit, in ASCII.
struct QualityRule {
    bytes32 label;
    uint64 maximum;
    uint64 weight;
}

/// What the buyer fixes when it opens an auction. Sealed bids are taken up to `commitUntil`, opened up to
/// `revealUntil` (seconds since the Unix epoch, that second included), the work is due by `deadline`.
/// `budget` is for all `tasks` under `specRoot`, `deposit` for each bid, both in atoms.
struct AuctionTerms {
    address buyer;
    bytes32 specRoot;
    uint32 tasks;
    uint96 budget;
    uint96 deposit;
    uint64 commitUntil;
    uint64 revealUntil;
    uint64 deadline;
    uint256 nonce;
    QualityRule[] qualities;
}

/// What a sealed bid hides: the price in atoms for all tasks and one number for each of the auction's
/// qualities.
struct Bid {
    address node;
    uint96 price;
    uint64[] qualities;
    bytes32 salt;
}

/// @title The pure rules of sealed auctions
/// @notice Mirrored by `suanli/protocol/auctions.py`. A second-score auction (Che 1993): the bid with the
/// lowest score = price + sum of weight * quality wins and is paid what would have made its score the
/// second lowest.
library Auctions {
    /// @notice The id of the auction that `bidding` holds on chain `chainId` under these terms.
    function identify(AuctionTerms calldata terms, uint256 chainId, address bidding)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(chainId, bidding, terms));
    }

    /// @notice What a bidder commits to. Names the auction and the node, so that nobody else can use a copy
    /// of it, and it is worth nothing in another auction.
    function seal(bytes32 auction, Bid calldata bid) internal pure returns (bytes32) {
        return keccak256(abi.encode(auction, bid));
    }

    /// @notice The highest score that a bid within the limits can have, in atoms.
    function highestScore(AuctionTerms calldata terms) internal pure returns (uint256 score) {
        score = terms.budget;
        for (uint256 i = 0; i < terms.qualities.length; ++i) {
            score += uint256(terms.qualities[i].weight) * terms.qualities[i].maximum;
        }
    }

    /// @notice Whether the bid is within the budget and every limit, and what its qualities cost, in atoms.
    function assess(AuctionTerms calldata terms, Bid calldata bid)
        internal
        pure
        returns (bool valid, uint256 qualityCost)
    {
        if (bid.price > terms.budget || bid.qualities.length != terms.qualities.length) {
            return (false, 0);
        }
        for (uint256 i = 0; i < bid.qualities.length; ++i) {
            QualityRule calldata rule = terms.qualities[i];
            if (bid.qualities[i] > rule.maximum) return (false, 0);
            qualityCost += uint256(rule.weight) * bid.qualities[i];
        }
        return (true, qualityCost);
    }

    /// @notice Whether the first of two bids is the better one: the lower score, then the lower hash of
    /// auction and node, which is fixed before any bid is opened.
    function isBetter(bytes32 auction, uint256 score, address node, uint256 otherScore, address other)
        internal
        pure
        returns (bool)
    {
        if (score != otherScore) return score < otherScore;
        return keccak256(abi.encode(auction, node)) < keccak256(abi.encode(auction, other));
    }

    /// @notice What the winner is paid, in atoms: never less than its own price, never more than the
    /// budget.
    /// @param secondScore The second lowest score; 2^96 - 1 when there is none, which yields the budget.
    function payment(uint96 budget, uint96 secondScore, uint96 qualityCost) internal pure returns (uint96) {
        uint96 level = secondScore - qualityCost;
        return level < budget ? level : budget;
    }
}
