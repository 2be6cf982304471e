// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding, AuctionState} from "../interfaces/IBidding.sol";
import {IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {NodeState} from "../interfaces/IGridRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Auctions, AuctionTerms, Bid} from "../libraries/Auctions.sol";
import {Reservations} from "./Reservations.sol";

/// @title Sealed-bid second-score auctions
/// @notice Documented in IBidding. The terms are kept as the auction's id, which is their hash; a bid as
/// its seal. A budget lies on its reservation's account, deposits on this contract's.
abstract contract SealedAuctions is Reservations {
    /// @dev Two words. `node`, `score` and `qualityCost` are the best bid's.
    struct Auction {
        address node;
        uint96 score;
        uint96 secondScore;
        uint96 qualityCost;
        uint32 sealedBids;
        AuctionState state;
    }

    uint256 public constant MAXIMUM_QUALITIES = 8;
    /// Bounds the gas of settling a bond, which reads one word for 256 tasks.
    uint32 public constant MAXIMUM_TASKS = 1 << 16;
    uint96 private constant NO_SCORE = type(uint96).max;

    address public immutable court;

    /// So that a fork of the chain does not change the ids of running auctions.
    uint256 private immutable CHAIN_ID = block.chainid;

    mapping(bytes32 auction => Auction) private _auctions;
    mapping(bytes32 auction => mapping(address node => bytes32)) public sealOf;
    mapping(bytes32 auction => bytes32) private _awardedSpecRoot;
    mapping(bytes32 auction => bool) private _bondSettled;

    constructor(address court_) {
        if (court_ == address(0)) revert InvalidAddress(court_);
        court = court_;
    }

    /// @inheritdoc IBidding
    function openAuction(AuctionTerms calldata terms) external whenNotPaused returns (bytes32 auction) {
        auction = auctionId(terms);
        if (msg.sender != terms.buyer) revert NotBuyer(terms.buyer, msg.sender);
        _requireState(auction, AuctionState.NONE);
        _requireSensible(terms);
        _auctions[auction] = Auction(address(0), NO_SCORE, NO_SCORE, 0, 0, AuctionState.OPEN);
        emit AuctionOpened(auction, terms.buyer, terms);
        ledger.move(terms.buyer, reservationAccount(auction), terms.budget);
    }

    /// @inheritdoc IBidding
    function cancelAuction(AuctionTerms calldata terms) external {
        bytes32 auction = auctionId(terms);
        if (msg.sender != terms.buyer) revert NotBuyer(terms.buyer, msg.sender);
        _requireState(auction, AuctionState.OPEN);
        uint32 bids = _auctions[auction].sealedBids;
        if (bids != 0) revert BidsCommitted(auction, bids);
        if (block.timestamp > terms.commitUntil) revert CommitEnded(auction, terms.commitUntil);
        _auctions[auction].state = AuctionState.CLOSED;
        emit AuctionCancelled(auction);
        ledger.move(reservationAccount(auction), terms.buyer, terms.budget);
    }

    /// @inheritdoc IBidding
    function commitBid(AuctionTerms calldata terms, address node, bytes32 seal) external {
        bytes32 auction = auctionId(terms);
        _requireState(auction, AuctionState.OPEN);
        if (block.timestamp > terms.commitUntil) revert CommitEnded(auction, terms.commitUntil);
        _requireBidder(node);
        if (seal == 0) revert InvalidSeal(seal);
        if (sealOf[auction][node] != 0) revert BidExists(auction, node);
        sealOf[auction][node] = seal;
        ++_auctions[auction].sealedBids;
        emit BidCommitted(auction, node, seal);
        ledger.move(msg.sender, address(this), terms.deposit);
    }

    /// @inheritdoc IBidding
    function revealBid(AuctionTerms calldata terms, Bid calldata bid) external {
        bytes32 auction = auctionId(terms);
        _requireState(auction, AuctionState.OPEN);
        if (block.timestamp <= terms.commitUntil || block.timestamp > terms.revealUntil) {
            revert NotRevealing(auction, terms.commitUntil, terms.revealUntil);
        }
        (bytes32 expected, bytes32 given) = (sealOf[auction][bid.node], Auctions.seal(auction, bid));
        if (expected != given) revert SealMismatch(auction, bid.node, expected, given);
        delete sealOf[auction][bid.node];
        (bool valid, uint256 qualityCost) = Auctions.assess(terms, bid);
        // Fits: openAuction has checked that no valid bid's score reaches NO_SCORE.
        uint96 score = valid ? bid.price + uint96(qualityCost) : 0;
        address beaten = valid ? _rank(auction, bid.node, score, uint96(qualityCost)) : bid.node;
        --_auctions[auction].sealedBids;
        emit BidRevealed(auction, bid.node, bid.price, bid.qualities, score, valid);
        if (beaten != address(0)) _returnDeposit(beaten, terms.deposit);
    }

    /// @inheritdoc IBidding
    function award(AuctionTerms calldata terms) external {
        bytes32 auction = auctionId(terms);
        _requireState(auction, AuctionState.OPEN);
        Auction memory record = _auctions[auction];
        _requireOver(auction, terms, record.sealedBids);
        uint128 forfeited = uint128(record.sealedBids) * terms.deposit;
        if (record.node == address(0) || block.timestamp >= terms.deadline) {
            _close(auction, terms, record.node, forfeited);
        } else {
            _award(auction, terms, record, forfeited);
        }
        _move(address(this), terms.buyer, forfeited);
    }

    /// @inheritdoc IBidding
    function settleBond(AuctionTerms calldata terms) external {
        bytes32 auction = auctionId(terms);
        _requireState(auction, AuctionState.AWARDED);
        if (_bondSettled[auction]) revert BondSettledBefore(auction);
        uint32 open = IClaimCourt(court).openClaimsOf(auction);
        if (open != 0) revert ClaimsOpen(auction, open);
        Record memory record = _requireKnown(auction);
        uint32 paid = _paidTasks(auction, terms.tasks);
        uint64 releaseAt = _releaseAt(auction, record);
        if (paid < terms.tasks && block.timestamp < releaseAt) {
            revert AwardUnfinished(auction, paid, releaseAt);
        }
        uint96 returned = uint96(uint256(terms.deposit) * paid / terms.tasks);
        _bondSettled[auction] = true;
        emit BondSettled(auction, record.guardian, returned, terms.deposit - returned);
        if (returned != 0) _returnDeposit(record.guardian, returned);
        _move(address(this), terms.buyer, terms.deposit - returned);
    }

    /// @inheritdoc IBidding
    function auctionOf(bytes32 auction)
        external
        view
        returns (AuctionState state, address node, uint96 score, uint96 secondScore, uint32 sealedBids)
    {
        Auction memory record = _auctions[auction];
        return (record.state, record.node, record.score, record.secondScore, record.sealedBids);
    }

    /// @inheritdoc IBidding
    function awardOf(bytes32 auction)
        external
        view
        returns (address node, uint128 payment, uint32 tasks, bytes32 specRoot, uint64 deadline)
    {
        Record memory record = _records[auction];
        if (record.tasks == 0) return (address(0), 0, 0, 0, 0);
        return (record.guardian, record.payment, record.tasks, _awardedSpecRoot[auction], record.deadline);
    }

    /// @inheritdoc IBidding
    function auctionId(AuctionTerms calldata terms) public view returns (bytes32) {
        return Auctions.identify(terms, CHAIN_ID, address(this));
    }

    /// @dev Puts a valid bid in its place; returns whose deposit is free: the loser's of this bid and the
    /// best so far (nobody's for the first bid).
    function _rank(bytes32 auction, address node, uint96 score, uint96 qualityCost)
        private
        returns (address beaten)
    {
        Auction storage record = _auctions[auction];
        (address best, uint96 bestScore) = (record.node, record.score);
        if (Auctions.isBetter(auction, score, node, bestScore, best)) {
            (record.node, record.score) = (node, score);
            (record.secondScore, record.qualityCost) = (bestScore, qualityCost);
            return best;
        }
        if (score < record.secondScore) record.secondScore = score;
        return node;
    }

    function _award(bytes32 auction, AuctionTerms calldata terms, Auction memory record, uint128 forfeited)
        private
    {
        uint96 payment = Auctions.payment(terms.budget, record.secondScore, record.qualityCost);
        _auctions[auction].state = AuctionState.AWARDED;
        _records[auction] = Record(terms.buyer, terms.deadline, terms.tasks, record.node, payment);
        _awardedSpecRoot[auction] = terms.specRoot;
        emit AuctionAwarded(auction, record.node, payment, forfeited);
        _move(reservationAccount(auction), terms.buyer, terms.budget - payment);
    }

    function _close(bytes32 auction, AuctionTerms calldata terms, address node, uint128 forfeited) private {
        _auctions[auction].state = AuctionState.CLOSED;
        emit AuctionClosed(auction, forfeited);
        if (node != address(0)) _returnDeposit(node, terms.deposit);
        ledger.move(reservationAccount(auction), terms.buyer, terms.budget);
    }

    function _returnDeposit(address node, uint96 amount) private {
        ledger.move(address(this), registry.ownerOf(node), amount);
    }

    function _move(address from, address to, uint128 amount) private {
        if (amount != 0) ledger.move(from, to, amount);
    }

    /// @dev How many of the award's serials are taken: since no claim runs any more, for good.
    function _paidTasks(bytes32 auction, uint32 tasks) private view returns (uint32 paid) {
        ISettlement settlement = ISettlement(ledger.settlement());
        address space = reservationAccount(auction);
        for (uint256 first = 0; first < tasks; first += 256) {
            uint256 bits = settlement.paidWord(space, first >> 8);
            if (tasks - first < 256) bits &= (1 << (tasks - first)) - 1;
            for (; bits != 0; bits &= bits - 1) {
                ++paid;
            }
        }
    }

    function _requireState(bytes32 auction, AuctionState needed) private view {
        AuctionState state = _auctions[auction].state;
        if (state != needed) revert WrongAuctionState(auction, state);
    }

    function _requireBidder(address node) private view {
        (address owner, NodeState state,,) = registry.nodeOf(node);
        if (state != NodeState.CONNECTED) revert NodeNotConnected(node);
        if (msg.sender != owner && msg.sender != node) revert NotBidder(node, msg.sender);
    }

    function _requireOver(bytes32 auction, AuctionTerms calldata terms, uint32 sealedBids) private view {
        uint64 until = sealedBids == 0 ? terms.commitUntil : terms.revealUntil;
        if (block.timestamp <= until) revert StillRunning(auction, sealedBids, until);
    }

    function _requireSensible(AuctionTerms calldata terms) private view {
        if (terms.tasks == 0 || terms.tasks > MAXIMUM_TASKS) revert InvalidTasks(terms.tasks, MAXIMUM_TASKS);
        if (terms.budget == 0 || terms.deposit == 0) revert InvalidAmount(0);
        if (
            terms.commitUntil <= block.timestamp || terms.revealUntil <= terms.commitUntil
                || terms.deadline <= terms.revealUntil
        ) revert InvalidPhases(terms.commitUntil, terms.revealUntil, terms.deadline);
        if (terms.qualities.length > MAXIMUM_QUALITIES) revert TooManyQualities(terms.qualities.length);
        uint256 highest = Auctions.highestScore(terms);
        if (highest >= NO_SCORE) revert ScoreTooLarge(highest);
    }
}
