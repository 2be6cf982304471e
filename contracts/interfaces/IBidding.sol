// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionTerms, Bid} from "../libraries/Auctions.sol";
import {Cancellation, JobOrder, ReservationRelease} from "../libraries/Messages.sol";
import {IGridRegistry} from "./IGridRegistry.sol";
import {ILedger} from "./ILedger.sol";

/// @notice The life of an auction.
enum AuctionState {
    NONE,
    OPEN,
    AWARDED,
    CLOSED
}

/// @title What binds buyers and providers before the work: cancellations, reservations and sealed auctions
/// @notice Signed orders and asks meet off chain and need nothing from here. Three things do:
///
/// 1. A cancellation ends an order or an ask from the moment it lands. Nonces are any numbers, in any
///    order.
/// 2. A reservation sets a buyer's money aside for one order, in a Ledger account of its own that nobody
///    has the key of. The guardian (the order's operator) keeps count of what is leased against it.
/// 3. A sealed-bid reverse auction gives one large job to the node with the best score (price plus priced
///    qualities) and pays it by the second best. Its award is a reservation whose guardian is the winner.
///
/// Trust:
/// - Nobody but the account moves its money in here: the buyer calls or signs, the bidder calls. What is
///   here leaves by the rules below, each of which anyone may trigger when its time has come.
/// - The pauser can stop `reserve` and `openAuction`. Running auctions, reservations, cancellations and
///   every way out go on.
/// - A guardian can return a reservation early (to the buyer only) and co-sign draws on it; it can take
///   nothing.
/// - The deposit of a bid that is not opened in time goes to the buyer, so bid only with a salt that you
///   keep.
/// - A buyer that bids through a node of its own can push the payment down to the winner's own price, never
///   below it. A lone bidder is paid the budget: the budget is the reserve price.
///
/// What a party can lose: a buyer what it reserved, for work that the court or its own signature admits; a
/// bidder its deposit when it does not open its bid, and of the winner's the share of tasks that are
/// neither paid by `releaseAt` nor by a claim opened before; it needs nobody for claiming, so bid only on
/// inputs that you hold.
interface IBidding {
    /// The address cannot take this place in the deployment.
    error InvalidAddress(address account);
    /// A claim grace of this length would hold reservations too long.
    error GraceTooLong(uint64 claimGraceSeconds);
    /// Only the node's owner may do this.
    error NotOwner(address node, address caller);
    /// Only the node's owner or the node key may do this.
    error NotBidder(address node, address caller);
    /// Only the buyer may do this.
    error NotBuyer(address buyer, address caller);
    /// The node is not connected.
    error NodeNotConnected(address node);
    /// Zero, or more than fits.
    error InvalidAmount(uint256 amount);
    /// The order ended at `end`, by its deadline or by cancellation (seconds since the Unix epoch).
    error OrderEnded(bytes32 order, uint64 end);
    /// A reserved order is paid by its reservation alone, so it must hold the whole budget.
    error ReservationBelowBudget(uint128 amount, uint128 budget);
    /// An order has one reservation, once.
    error ReservationExists(bytes32 order);
    /// Nothing was ever reserved for this order.
    error ReservationUnknown(bytes32 order);
    /// The reservation returns to the buyer at `releaseAt`.
    error StillReserved(bytes32 order, uint64 releaseAt);
    /// The reservation holds no more than should remain.
    error NothingToRelease(bytes32 order, uint128 balance, uint128 remaining);
    /// The phases must lie ahead and follow each other.
    error InvalidPhases(uint64 commitUntil, uint64 revealUntil, uint64 deadline);
    /// An auction is for one task or more, up to `maximum`.
    error InvalidTasks(uint32 tasks, uint32 maximum);
    /// An auction has at most eight qualities.
    error TooManyQualities(uint256 count);
    /// Budget and limits together must stay below 2^96 - 1 atoms of score.
    error ScoreTooLarge(uint256 score);
    /// The auction's state does not allow this.
    error WrongAuctionState(bytes32 auction, AuctionState state);
    /// An auction can be cancelled until the first bid is committed.
    error BidsCommitted(bytes32 auction, uint32 sealedBids);
    /// Sealed bids were taken until `commitUntil`.
    error CommitEnded(bytes32 auction, uint64 commitUntil);
    /// Bids are opened after `commitUntil`, until `revealUntil`.
    error NotRevealing(bytes32 auction, uint64 commitUntil, uint64 revealUntil);
    /// Bids that are still sealed may be opened until `until`.
    error StillRunning(bytes32 auction, uint32 sealedBids, uint64 until);
    /// The seal is empty.
    error InvalidSeal(bytes32 seal);
    /// A node bids once.
    error BidExists(bytes32 auction, address node);
    /// The node did not commit to this bid, or it is already open.
    error SealMismatch(bytes32 auction, address node, bytes32 expected, bytes32 given);
    /// The award's bond was returned before.
    error BondSettledBefore(bytes32 auction);
    /// Nobody knows yet how many of the award's tasks are done: `count` claims on them are open or disputed.
    error ClaimsOpen(bytes32 auction, uint32 count);
    /// Of the award's tasks only `paid` are paid; the bond is settled at `releaseAt` at the
    /// latest.
    error AwardUnfinished(bytes32 auction, uint32 paid, uint64 releaseAt);

    event Cancelled(address indexed account, uint256 indexed nonce, uint64 cancelledAt);
    event Reserved(
        bytes32 indexed order,
        address indexed buyer,
        address indexed guardian,
        address account,
        uint128 amount
    );
    event ReservationAdded(bytes32 indexed order, address indexed payer, uint128 amount);
    /// `remaining` is what stays reserved.
    event ReservationReleased(
        bytes32 indexed order, address indexed buyer, uint128 amount, uint128 remaining
    );
    event AuctionOpened(bytes32 indexed auction, address indexed buyer, AuctionTerms terms);
    event AuctionCancelled(bytes32 indexed auction);
    event BidCommitted(bytes32 indexed auction, address indexed node, bytes32 seal);
    /// `score` is zero for a bid that cannot win (`valid` is false).
    event BidRevealed(
        bytes32 indexed auction,
        address indexed node,
        uint96 price,
        uint64[] qualities,
        uint96 score,
        bool valid
    );
    /// `forfeited` are the deposits of bids that stayed sealed; they went to the buyer.
    event AuctionAwarded(bytes32 indexed auction, address indexed node, uint96 payment, uint128 forfeited);
    /// Nobody won: all money went back.
    event AuctionClosed(bytes32 indexed auction, uint128 forfeited);
    /// `forfeited` is the part of the winner's deposit for tasks that were not paid.
    event BondSettled(bytes32 indexed auction, address indexed node, uint96 returned, uint96 forfeited);

    /// @notice The contract that holds the money.
    function ledger() external view returns (ILedger);

    /// @notice The contract that knows nodes and owners.
    function registry() external view returns (IGridRegistry);

    /// @notice The contract that hears claims on reservations and awards. It has no power here, but a deposit
    /// waits for its open claims.
    function court() external view returns (address);

    /// @notice How long after an order's or award's end claims may still be opened, in seconds.
    function claimGraceSeconds() external view returns (uint64);

    /// @notice When `account` cancelled `nonce`; zero if it has not.
    function cancelledAt(address account, uint256 nonce) external view returns (uint64);

    /// @notice When an order or ask ends: at its deadline, or when it was cancelled if that was earlier.
    function endOf(address account, uint256 nonce, uint64 deadline) external view returns (uint64);

    /// @notice The caller cancels its order or ask with `nonce`. The first time counts.
    function cancel(uint256 nonce) external;

    /// @notice The same by the account's signature (key or ERC-1271). Anyone may relay it.
    function cancelBySignature(Cancellation calldata cancellation, bytes calldata signature) external;

    /// @notice The owner of `node` cancels the node's ask with `nonce`, without the node key.
    function cancelForNode(address node, uint256 nonce) external;

    /// @notice The Ledger account of an order's or award's reservation. It has no key.
    function reservationAccount(bytes32 order) external pure returns (address);

    /// @notice Who reserved, who guards, and the first second at which anyone may return what is left: one
    /// after the last second of claims (end + `claimGraceSeconds`). All zero when nothing was ever
    /// reserved. `awarded` tells an auction's award from an order.
    function reservationOf(bytes32 order)
        external
        view
        returns (address buyer, address guardian, uint64 releaseAt, bool awarded);

    /// @notice Sets `amount` of the buyer's balance aside for `order`, whose operator becomes the guardian:
    /// at least the order's budget, because from now on claims are paid from here and nowhere else. The buyer
    /// calls (`signature` is ignored) or has signed Reservation(order's id, amount) by key or
    /// ERC-1271. Once per order. Can be paused.
    function reserve(JobOrder calldata order, uint128 amount, bytes calldata signature) external;

    /// @notice The caller adds `amount` of its own balance to a reservation, for the buyer.
    function addReservation(bytes32 order, uint128 amount) external;

    /// @notice Returns what is left to the buyer from `releaseAt` on. Anyone may call, again if more comes
    /// in.
    function release(bytes32 order) external;

    /// @notice Returns all but `remaining` to the buyer at once, by the guardian's signature (key or
    /// ERC-1271). Anyone may relay it, and again whenever the reservation holds more, so a guardian counts
    /// on no more than the least it ever signed.
    function releaseEarly(ReservationRelease calldata released, bytes calldata signature) external;

    /// @notice The id of the auction under these terms.
    function auctionId(AuctionTerms calldata terms) external view returns (bytes32);

    /// @notice How far the auction is, the best node and score so far, the second lowest score, and how
    /// many bids are still sealed. Scores are 2^96 - 1 where there is none.
    function auctionOf(bytes32 auction)
        external
        view
        returns (AuctionState state, address node, uint96 score, uint96 secondScore, uint32 sealedBids);

    /// @notice What a node committed to; zero when it did not bid or its bid is open.
    function sealOf(bytes32 auction, address node) external view returns (bytes32);

    /// @notice The award: who works, for how much in atoms, and on what. All zero when there is none.
    function awardOf(bytes32 auction)
        external
        view
        returns (address node, uint128 payment, uint32 tasks, bytes32 specRoot, uint64 deadline);

    /// @notice The buyer opens an auction; the budget moves to the account of the reservation to be. Terms
    /// count once: change the nonce to repeat them. Can be paused.
    function openAuction(AuctionTerms calldata terms) external returns (bytes32 auction);

    /// @notice The buyer takes its auction back while nobody has bid.
    function cancelAuction(AuctionTerms calldata terms) external;

    /// @notice The owner of a connected node or the node key bids: `seal` is keccak256(abi.encode(auction,
    /// bid)). The deposit is the caller's own; what returns of it, returns to the node's owner.
    function commitBid(AuctionTerms calldata terms, address node, bytes32 seal) external;

    /// @notice Opens a bid between `commitUntil` and `revealUntil`. Anyone who knows it may. The deposit of
    /// the worse bid, this one or the best so far, returns at once; so does that of a bid over budget or
    /// limits.
    function revealBid(AuctionTerms calldata terms, Bid calldata bid) external;

    /// @notice Ends the auction when every bid is open or after `revealUntil`; anyone may call. The best
    /// bid wins at the second best score's price: its payment stays reserved, the rest of the budget and
    /// the deposits of sealed bids go to the buyer. Without a valid bid, or after `deadline`, nobody wins
    /// and all money returns.
    function award(AuctionTerms calldata terms) external;

    /// @notice Settles the winner's deposit: as soon as all tasks are paid it returns whole, from `releaseAt`
    /// on for those that are; the rest goes to the buyer. While a claim on the award is open it waits for the
    /// claim's end, which anyone can bring about. Anyone may call.
    function settleBond(AuctionTerms calldata terms) external;
}
