// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ask, EpochAnchor, InclusionPromise, JobOrder, Lease} from "../libraries/Messages.sol";
import {ILedger} from "./ILedger.sol";

/// @notice What an operator was proved to have done; `suanli/protocol/anchoring.py` mirrors the numbers.
enum FaultReason {
    EQUIVOCATION,
    NOT_ANCHORED,
    ORDER_LEFT_OUT,
    BOOK_UNSORTED,
    BOOK_MISCOUNTED,
    LEASE_OUTSIDE_ORDER,
    LEASE_OUTSIDE_ASK
}

/// @notice The signed limit that a lease breaks. NONE: it keeps them all.
enum Limit {
    NONE,
    OPERATOR,
    NODE,
    TASK,
    DEADLINE,
    PRICES,
    MINIMUM_CHARGE,
    CAP
}

/// @notice A lease with its operator's signature.
struct SignedLease {
    Lease lease;
    bytes signature;
}

/// @notice Order number `index` of a book, with its siblings up to the book's root.
struct BookLeaf {
    uint32 index;
    bytes32 order;
    bytes32[] proof;
}

/// @title What operators commit to, and what their bonds answer for
/// @notice An operator matches orders with nodes off chain. Bonded here, it anchors each clearing: the tree
/// over its book, the tree over its leases, its prices and the evidence for an auditor. Whoever holds signed
/// data that convicts it proves the fault; no vote, no judge, no time limit but the bond's own.
///
/// Operators are keys: they sign by ECDSA, never by ERC-1271, whose answer could change after the fact.
///
/// A proved fault takes the whole bond. Half of it is burned (to the Ledger account `BURNED`). The other half
/// is shared by the reporter and the harmed party, or is the reporter's where no party is named. So an
/// operator that stages a fault against an account of its own still loses half, and a harmed party whose
/// report is outrun still gets a quarter. Each fault is proved at most once; while nothing is bonded nothing
/// is proved, so no fault is used up for nothing.
///
/// Trust:
/// - Nobody can take a bond but by a proof. The pauser can stop `bond`, and neither anchoring, nor proofs,
///   nor the way out.
/// - What a proof cannot show stays outside: an operator that withholds a book's leaves cannot be convicted
///   of what they would show (its buyers see that, and leave), and times in promises are its own word, which
///   buyers compare with their clock before they rely on it.
///
/// What a party can lose: an operator its bond, by a fault only. A bonded operator that keeps its books by
/// `suanli/protocol/anchoring.py` and anchors in time commits none. Everyone else nothing.
interface IEpochAnchors {
    /// The address cannot take this place in the deployment.
    error InvalidAddress(address account);
    /// The bond would be nothing.
    error BondZero();
    /// More than the record of an operator holds (2^96 - 1 atoms).
    error BondTooLarge(uint128 bond);
    /// A bond must stay longer than the grace in which an anchor may still come.
    error UnbondingTooShort(uint64 unbondingSeconds, uint64 anchorGraceSeconds);
    /// A bond must not be held longer than `MAXIMUM_UNBONDING_SECONDS`.
    error UnbondingTooLong(uint64 unbondingSeconds);
    /// The operator's bond is whole.
    error AlreadyBonded(address operator);
    /// The operator has no bond.
    error NotBonded(address operator);
    /// The bond is already on its way out.
    error AlreadyUnbonding(address operator, uint64 releasableAt);
    /// `unbond` comes first.
    error NotUnbonding(address operator);
    /// The bond comes free at `releasableAt` (seconds since the Unix epoch).
    error StillUnbonding(uint64 releasableAt);
    /// An operator's epochs ascend: `last` has been anchored.
    error EpochNotAscending(address operator, uint64 epoch, uint64 last);
    /// This fault has been proved before.
    error FaultAlreadyProved(address operator, FaultReason reason, bytes32 fault);
    /// The anchor is not the one that the operator has anchored for its epoch.
    error AnchorUnknown(address operator, uint64 epoch, bytes32 anchor, bytes32 stored);
    /// The two anchors are not two different ones of one epoch.
    error NoEquivocation(bytes32 first, bytes32 second);
    /// The order is not the one that the promise or the lease names.
    error OrderMismatch(bytes32 order, bytes32 named);
    /// The ask is not the one that the lease names.
    error AskMismatch(bytes32 ask, bytes32 named);
    /// The promise was made before the operator's bond, and does not stand under it.
    error PromiseBeforeBond(uint64 receivedAt, uint64 bondedAt);
    /// The operator may anchor until `dueAt`, or has anchored.
    error AnchorNotMissing(address operator, uint64 epoch, uint256 dueAt);
    /// The leaf is not in the book under `bookRoot`.
    error LeafInvalid(bytes32 bookRoot, uint32 index, bytes32 order);
    /// The leaves do not show that the order is missing from the book.
    error OrderNotLeftOut(bytes32 order);
    /// The leaves are in order.
    error BookSorted(bytes32 first, bytes32 second);
    /// The leaf lies where it must in a book of that many orders.
    error BookCounted(uint32 index, uint32 orders);
    /// The lease keeps every limit of the order, or of the ask.
    error LeaseWithinLimits(bytes32 lease);

    event Bonded(address indexed operator, uint128 amount, uint64 bondedAt);
    event UnbondingStarted(address indexed operator, uint64 releasableAt);
    event BondWithdrawn(address indexed operator, uint128 amount);
    event Anchored(address indexed operator, uint64 indexed epoch, EpochAnchor anchor, string uri);
    event EquivocationProved(address indexed operator, uint64 indexed epoch, bytes32 first, bytes32 second);
    event NotAnchoredProved(address indexed operator, uint64 indexed epoch, bytes32 order);
    event OrderLeftOutProved(address indexed operator, uint64 indexed epoch, bytes32 order);
    event BookUnsortedProved(address indexed operator, uint64 indexed epoch, uint32 first, uint32 second);
    event BookMiscountedProved(address indexed operator, uint64 indexed epoch, uint32 index, uint32 orders);
    event LeaseOutsideOrderProved(address indexed operator, bytes32 indexed lease, Limit limit);
    event LeaseOutsideAskProved(address indexed operator, bytes32 indexed lease, Limit limit);
    /// The three amounts are the whole bond. `harmed` is zero, and gets nothing, where no party is named.
    event BondSlashed(
        address indexed operator,
        FaultReason indexed reason,
        address indexed reporter,
        address harmed,
        uint128 reporterAmount,
        uint128 harmedAmount,
        uint128 burnedAmount
    );

    /// @notice The contract that holds the bonds, in the account of this contract's address.
    function ledger() external view returns (ILedger);

    /// @notice What an operator bonds, in atoms, and what a fault costs it.
    function operatorBond() external view returns (uint128);

    /// @notice Seconds from a promise's `receivedAt` within which its epoch must be anchored.
    function anchorGraceSeconds() external view returns (uint64);

    /// @notice Seconds between `unbond` and `withdrawBond`, in which faults are still proved.
    function unbondingSeconds() external view returns (uint64);

    /// @notice An operator's bond in atoms, the time since which promises stand under it, the time at which
    /// it comes free (zero unless unbonding), and the last epoch that the operator anchored.
    function operatorOf(address operator)
        external
        view
        returns (uint128 amount, uint64 bondedAt, uint64 releasableAt, uint64 lastEpoch);

    /// @notice The struct hash of the anchor of an epoch; zero where there is none.
    function anchorOf(address operator, uint64 epoch) external view returns (bytes32);

    /// @notice Whether a fault has been proved. `fault` names it within its reason: the epoch; the hash of
    /// (buyer, serial); the hash of (order, epoch); the lease.
    function isProved(address operator, FaultReason reason, bytes32 fault) external view returns (bool);

    /// @notice Bonds the caller from its Ledger account; a bond that is on its way out stays instead.
    /// Pausable.
    function bond() external;

    /// @notice Starts the way out. The operator may anchor, and is answerable, until it withdraws.
    function unbond() external;

    /// @notice Returns the bond to the operator's Ledger account, `unbondingSeconds` after `unbond`.
    function withdrawBond() external;

    /// @notice Anchors one clearing of the caller. `uri` says where the evidence is; it is only announced.
    function anchor(EpochAnchor calldata anchor_, string calldata uri) external;

    /// @notice Two different anchors of one epoch, both signed by the operator.
    function proveEquivocation(
        address operator,
        EpochAnchor calldata first,
        bytes calldata firstSignature,
        EpochAnchor calldata second,
        bytes calldata secondSignature
    ) external;

    /// @notice An anchor signed by the operator that differs from the one anchored for its epoch.
    function proveAnchorDiffers(address operator, EpochAnchor calldata signed, bytes calldata signature)
        external;

    /// @notice A promise whose epoch was not anchored within `anchorGraceSeconds`.
    function proveNotAnchored(
        address operator,
        InclusionPromise calldata promised,
        bytes calldata signature,
        JobOrder calldata order
    ) external;

    /// @notice A promise whose epoch was anchored without the order.
    /// @param neighbours No leaf for an empty book; one that is the first above the order or the last below
    /// it; or the two that follow each other around it.
    function proveOrderLeftOut(
        address operator,
        InclusionPromise calldata promised,
        bytes calldata signature,
        JobOrder calldata order,
        EpochAnchor calldata anchored,
        BookLeaf[] calldata neighbours
    ) external;

    /// @notice Two leaves of an anchored book whose orders do not ascend.
    function proveBookUnsorted(
        address operator,
        EpochAnchor calldata anchored,
        BookLeaf calldata first,
        BookLeaf calldata second
    ) external;

    /// @notice A leaf of an anchored book that cannot lie there if the book has `anchored.orders` orders.
    /// @dev Otherwise a false count would hide what is last. For each false count some leaf shows it.
    function proveBookMiscounted(address operator, EpochAnchor calldata anchored, BookLeaf calldata leaf)
        external;

    /// @notice A signed lease outside a limit of its order. What the order says counts, whoever signed it:
    /// the operator leased under it.
    function proveLeaseOutsideOrder(address operator, SignedLease calldata leased, JobOrder calldata order)
        external;

    /// @notice A signed lease of another node, or cheaper, than the ask that it names.
    function proveLeaseOutsideAsk(address operator, SignedLease calldata leased, Ask calldata ask) external;
}
