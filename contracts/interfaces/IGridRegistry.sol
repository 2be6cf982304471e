// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Delegation, NodeTerms} from "../libraries/Messages.sol";
import {ILedger} from "./ILedger.sol";

/// @notice The life of a node on chain; `suanli/protocol/states.py` mirrors the numbers.
enum NodeState {
    NONE,
    CONNECTED,
    DRAINING,
    UNBONDING,
    RELEASED
}

/// @notice Why stake was taken; `suanli/protocol/states.py` mirrors the numbers.
enum SlashReason {
    CLAIM_FALSE,
    VERDICT_MISSING,
    VERDICT_WRONG
}

/// @title Which nodes are connected, who owns them, and which keys may sign for an account
/// @notice A node is a key on a contributor's machine. Its owner is the account that stakes for it and is
/// paid.
///
/// The stakes stand in this contract's own Ledger account. The ClaimCourt locks a part of a node's stake
/// while a claim of the node can still be found wrong; what is not locked is free, and stays slashable (for a
/// verdict) until it is released.
///
/// Trust:
/// - The Authority can pause `connect` and nothing else. Each change needs the signature or the call of the
///   account that it concerns; only `release` is open to anyone, because it can do nothing but return the
///   stake to the owner when its time has come.
/// - `settlement` and `court` are immutable contracts: the first draws on delegations, the second on
///   delegations and stakes.
/// - A node keeps its owner for ever, also when it is released, so an old receipt stays payable to that
///   owner. A released key can never be connected again. The list of nodes only grows, so that a place in it
///   means the same node for ever.
///
/// What a party can lose: an owner the stake of a node that claimed or judged falsely, by the rules of
/// IClaimCourt; the rest is out of reach for `unbondingSeconds`, at most 90 days, after `disconnect`, and
/// while claims of the node are still open. An account that delegates: what the delegate co-signs, at most
/// the delegation's cap, until it expires or is taken back; claims for orders that the delegate signed may
/// draw on what was left of the cap for the court's grace time after that.
interface IGridRegistry {
    /// Only the Settlement contract may do this.
    error NotSettlement(address caller);
    /// Only the ClaimCourt contract may do this.
    error NotCourt(address caller);
    /// Only the node's owner may do this.
    error NotOwner(address node, address caller);
    /// Only the account itself may do this.
    error NotAccount(address account, address caller);
    /// The address cannot take this place in the deployment.
    error InvalidAddress(address account);
    /// The node's state does not allow this.
    error WrongState(address node, NodeState state);
    /// The node has never been connected.
    error NodeUnknown(address node);
    /// The stake is below the minimum of this deployment.
    error StakeTooSmall(uint128 stake, uint88 minimum);
    /// The stake does not fit the record, which holds 2^88 - 1 atoms at most.
    error StakeTooLarge(uint128 stake);
    /// Nothing was added.
    error NothingAdded(address node);
    /// The node has less stake that is not locked than should be locked.
    error FreeStakeTooSmall(address node, uint88 free, uint88 needed);
    /// The node has less locked stake than should be unlocked.
    error LockedStakeTooSmall(address node, uint88 locked, uint88 needed);
    /// Stake is locked while a claim of the node is open.
    error StakeStillLocked(address node, uint88 locked);
    /// There are fewer nodes.
    error NoNodeAt(uint256 index, uint256 count);
    /// The message was valid until `expiry` (seconds since the Unix epoch, that second included).
    error Expired(uint64 expiry);
    /// The stake comes free at `releasableAt`.
    error StillUnbonding(uint64 releasableAt);
    /// A delegation to the same delegate needs a higher nonce than the last.
    error NonceUsed(address account, address delegate, uint64 nonce, uint64 last);
    /// Zero, or the account itself.
    error InvalidDelegate(address delegate);
    /// `delegate` may not sign for `account`: it was never named, or it was revoked.
    error NotDelegated(address account, address delegate);
    /// The delegation ended at `expiry`.
    error DelegationExpired(address account, address delegate, uint64 expiry);
    /// The delegation has less left than this payment needs.
    error DelegationExceeded(address account, address delegate, uint256 remaining, uint256 amount);
    /// An unbonding time of this length would hold stakes too long.
    error UnbondingTooLong(uint64 unbondingSeconds);
    /// Stakes must come free before a module that is scheduled now has power.
    error ModuleDelayTooShort(uint64 moduleDelaySeconds, uint64 exitSeconds);
    /// The contract at this address was not made for this deployment.
    error WrongDeployment(address part);

    /// `terms` is the struct hash of the NodeTerms.
    event NodeConnected(
        address indexed node, address indexed owner, bytes32 indexed terms, bytes32 benchmark, uint128 stake
    );
    event NodeDrained(address indexed node);
    event NodeResumed(address indexed node);
    event NodeDisconnected(address indexed node, uint64 releasableAt);
    event NodeReleased(address indexed node, address indexed owner, uint128 stake);
    event StakeAdded(address indexed node, address indexed owner, uint88 amount, uint88 stake);
    event StakeLocked(address indexed node, uint88 amount, uint88 locked);
    event StakeUnlocked(address indexed node, uint88 amount, uint88 locked);
    /// `amount` left the node's stake for the Ledger account `to`; `locked` is what stays locked.
    event NodeSlashed(
        address indexed node, address indexed to, uint88 amount, uint88 locked, SlashReason reason
    );
    event Delegated(
        address indexed account, address indexed delegate, uint128 cap, uint64 expiry, uint64 nonce
    );
    event DelegationRevoked(address indexed account, address indexed delegate, uint64 nonce);

    /// @notice The contract that holds the stakes.
    function ledger() external view returns (ILedger);

    /// @notice The contract that spends delegations for netting and statements.
    function settlement() external view returns (address);

    /// @notice The contract that judges claims: it spends delegations for them, locks stake and takes it.
    function court() external view returns (address);

    /// @notice The least stake of a node, in atoms.
    function minimumStake() external view returns (uint88);

    /// @notice Seconds between `disconnect` and `release`.
    function unbondingSeconds() external view returns (uint64);

    /// @notice A node's owner, state, stake in atoms and, once disconnected, when the stake comes free.
    function nodeOf(address node)
        external
        view
        returns (address owner, NodeState state, uint88 stake, uint64 releasableAt);

    /// @notice A node's stake in atoms, the part of it that is locked, and the rest.
    function stakeOf(address node) external view returns (uint88 total, uint88 locked, uint88 free);

    /// @notice How many nodes have ever been connected.
    function nodeCount() external view returns (uint256);

    /// @notice The node that was connected as number `index` (from zero) and when.
    function nodeAt(uint256 index) external view returns (address node, uint64 connectedAt);

    /// @notice What a court needs to know of the node that was connected as number `index`, in one answer.
    function candidateAt(uint256 index)
        external
        view
        returns (address owner, uint64 connectedAt, NodeState state, uint88 free);

    /// @notice The owner of a node that is or once was connected; reverts for others.
    function ownerOf(address node) external view returns (address);

    /// @notice The owners of nodes that are or once were connected, in order; reverts for others.
    function ownersOf(address[] calldata nodes) external view returns (address[] memory);

    /// @notice What `delegate` may still sign away for `account`, until when (that second included), and the
    /// delegation's nonce. A revoked delegation has expired; what is left of it is for claims only.
    function delegationOf(address account, address delegate)
        external
        view
        returns (uint128 remaining, uint64 expiry, uint64 nonce);

    /// @notice What is left of delegations to `delegate` that were replaced, for claims only: of the largest
    /// one until the claim grace after its end; then, at most as much, of those that came later.
    function formerDelegationOf(address account, address delegate)
        external
        view
        returns (uint128 remaining, uint64 expiry, uint128 laterRemaining, uint64 laterExpiry);

    /// @notice Connects a node: takes the stake from the owner's Ledger account. Anyone may relay it.
    /// The owner signs because they stake (ERC-1271 counts; may be empty when the owner calls), the node key
    /// because its possession is proved. Each node key connects once, so the terms cannot be replayed. Not
    /// while paused.
    function connect(NodeTerms calldata terms, bytes calldata ownerSignature, bytes calldata nodeSignature)
        external;

    /// @notice The owner says: no new work for this node.
    function drain(address node) external;

    /// @notice The owner takes `drain` back.
    function resume(address node) external;

    /// @notice The owner ends the node; the stake comes free after `unbondingSeconds`.
    function disconnect(address node) external;

    /// @notice Returns the stake to the owner's Ledger account after the unbonding time, once none of it is
    /// locked. Anyone may call.
    function release(address node) external;

    /// @notice The owner adds `amount` atoms from their Ledger account to the stake of a connected or
    /// draining node.
    function addStake(address node, uint88 amount) external;

    /// @notice Locks `amount` of a node's free stake, in whatever state the node is. Only for the court.
    function lock(address node, uint88 amount) external;

    /// @notice Frees `amount` of a node's locked stake. Only for the court.
    function unlock(address node, uint88 amount) external;

    /// @notice Moves `amount` of a node's stake to the Ledger account `to`: of its locked part if
    /// `fromLocked`, else of its free part, and no more than is there. Returns what was taken. Only for the
    /// court.
    function slash(address node, uint88 amount, bool fromLocked, address to, SlashReason reason)
        external
        returns (uint88 taken);

    /// @notice The caller lets `delegation.delegate` order and co-sign for them, up to `cap` in all, until
    /// `expiry`. Replaces the last delegation to the same delegate. A cap of zero with the next nonce also
    /// kills a delegation that was signed but not yet landed.
    function delegate(Delegation calldata delegation) external;

    /// @notice The same by the account's signature (key or ERC-1271; never by another delegate). Anyone may
    /// relay it.
    function delegateBySignature(Delegation calldata delegation, bytes calldata signature) external;

    /// @notice The caller takes the delegation back: from now on only claims can draw on what is left of it,
    /// for the court's grace time. The nonce rises by one, so that the next delegation that may already be
    /// signed (nonce + 1) cannot land either.
    function revoke(address delegate_) external;

    /// @notice Uses up `amount` of a delegation, or reverts with the reason. Only for Settlement.
    function spend(address account, address delegate_, uint256 amount) external;

    /// @notice The same for a claim: also what is left of a delegation that expired, was revoked or replaced
    /// no longer than `graceSeconds` ago counts, so that a buyer cannot take back the pay for work that their
    /// delegate ordered. Of several replaced ones only the largest counts. Only for the court.
    function spendForClaim(address account, address delegate_, uint256 amount, uint64 graceSeconds) external;
}
