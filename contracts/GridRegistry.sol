// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry, NodeState, SlashReason} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Delegations} from "./registry/Delegations.sol";
import {Messages, NodeTerms} from "./libraries/Messages.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {Stoppable} from "./libraries/Stoppable.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title GridRegistry
/// @notice Documented in IGridRegistry. Every function is: checks, effects, event, interaction.
contract GridRegistry is Delegations, Stoppable {
    /// @dev One slot, so that connecting a node writes it once.
    struct Node {
        address owner;
        NodeState state;
        uint88 stake;
    }

    struct Bond {
        uint64 releasableAt;
        uint88 locked;
    }

    struct Connection {
        address node;
        uint64 connectedAt;
    }

    uint64 public constant MAXIMUM_UNBONDING_SECONDS = 90 days;

    ILedger public immutable ledger;
    uint88 public immutable minimumStake;
    uint64 public immutable unbondingSeconds;

    /// @dev Declared right after Stoppable: it shares the slot that `whenNotPaused` reads anyway.
    uint64 private _nodeCount;
    mapping(uint256 index => Connection) private _connections;
    mapping(address node => Node) private _nodes;
    mapping(address node => Bond) private _bonds;

    constructor(
        ILedger ledger_,
        address authority_,
        address settlement_,
        address court_,
        uint88 minimumStake_,
        uint64 unbondingSeconds_
    ) SuanliDomain(address(ledger_)) Delegations(settlement_, court_) Stoppable(authority_) {
        if (address(ledger_) == address(0)) revert InvalidAddress(address(ledger_));
        if (unbondingSeconds_ > MAXIMUM_UNBONDING_SECONDS) revert UnbondingTooLong(unbondingSeconds_);
        if (ledger_.registry() != address(this)) revert WrongDeployment(address(ledger_));
        (uint64 delay, uint64 exit) =
            (ledger_.moduleDelaySeconds(), ledger_.thawSeconds() + unbondingSeconds_);
        if (delay <= exit) revert ModuleDelayTooShort(delay, exit);
        ledger = ledger_;
        minimumStake = minimumStake_;
        unbondingSeconds = unbondingSeconds_;
    }

    /// @inheritdoc IGridRegistry
    function connect(NodeTerms calldata terms, bytes calldata ownerSignature, bytes calldata nodeSignature)
        external
        whenNotPaused
    {
        _requireConnectable(terms);
        bytes32 id = Messages.hash(terms);
        bytes32 digest = _digest(id);
        Signatures.requireSignedByKey(terms.node, digest, nodeSignature);
        if (msg.sender != terms.owner) Signatures.requireSignedBy(terms.owner, digest, ownerSignature);
        _nodes[terms.node] = Node(terms.owner, NodeState.CONNECTED, uint88(terms.stake));
        _connections[_nodeCount] = Connection(terms.node, uint64(block.timestamp));
        ++_nodeCount;
        emit NodeConnected(terms.node, terms.owner, id, terms.benchmark, terms.stake);
        ledger.move(terms.owner, address(this), terms.stake);
    }

    /// @inheritdoc IGridRegistry
    function drain(address node) external {
        Node storage record = _owned(node);
        if (record.state != NodeState.CONNECTED) revert WrongState(node, record.state);
        record.state = NodeState.DRAINING;
        emit NodeDrained(node);
    }

    /// @inheritdoc IGridRegistry
    function resume(address node) external {
        Node storage record = _owned(node);
        if (record.state != NodeState.DRAINING) revert WrongState(node, record.state);
        record.state = NodeState.CONNECTED;
        emit NodeResumed(node);
    }

    /// @inheritdoc IGridRegistry
    function disconnect(address node) external {
        Node storage record = _owned(node);
        _requireStaying(node, record.state);
        uint64 releasableAt = uint64(block.timestamp) + unbondingSeconds;
        record.state = NodeState.UNBONDING;
        _bonds[node].releasableAt = releasableAt;
        emit NodeDisconnected(node, releasableAt);
    }

    /// @inheritdoc IGridRegistry
    function release(address node) external {
        (Node memory record, Bond memory bond) = (_nodes[node], _bonds[node]);
        if (record.state != NodeState.UNBONDING) revert WrongState(node, record.state);
        if (block.timestamp < bond.releasableAt) revert StillUnbonding(bond.releasableAt);
        if (bond.locked != 0) revert StakeStillLocked(node, bond.locked);
        _nodes[node] = Node(record.owner, NodeState.RELEASED, 0);
        emit NodeReleased(node, record.owner, record.stake);
        ledger.move(address(this), record.owner, record.stake);
    }

    /// @inheritdoc IGridRegistry
    function addStake(address node, uint88 amount) external {
        Node storage record = _owned(node);
        _requireStaying(node, record.state);
        if (amount == 0) revert NothingAdded(node);
        uint256 stake = uint256(record.stake) + amount;
        if (stake > type(uint88).max) revert StakeTooLarge(uint128(stake));
        record.stake = uint88(stake);
        emit StakeAdded(node, msg.sender, amount, uint88(stake));
        ledger.move(msg.sender, address(this), amount);
    }

    /// @inheritdoc IGridRegistry
    function lock(address node, uint88 amount) external onlyCourt {
        (, uint88 locked, uint88 free) = stakeOf(node);
        if (amount > free) revert FreeStakeTooSmall(node, free, amount);
        _bonds[node].locked = locked + amount;
        emit StakeLocked(node, amount, locked + amount);
    }

    /// @inheritdoc IGridRegistry
    function unlock(address node, uint88 amount) external onlyCourt {
        uint88 locked = _bonds[node].locked;
        if (amount > locked) revert LockedStakeTooSmall(node, locked, amount);
        _bonds[node].locked = locked - amount;
        emit StakeUnlocked(node, amount, locked - amount);
    }

    /// @inheritdoc IGridRegistry
    function slash(address node, uint88 amount, bool fromLocked, address to, SlashReason reason)
        external
        onlyCourt
        returns (uint88 taken)
    {
        (uint88 total, uint88 locked, uint88 free) = stakeOf(node);
        uint88 available = fromLocked ? locked : free;
        taken = amount < available ? amount : available;
        if (fromLocked) _bonds[node].locked = locked -= taken;
        _nodes[node].stake = total - taken;
        emit NodeSlashed(node, to, taken, locked, reason);
        ledger.move(address(this), to, taken);
    }

    /// @inheritdoc IGridRegistry
    function nodeOf(address node)
        external
        view
        returns (address owner, NodeState state, uint88 stake, uint64 releasableAt)
    {
        Node memory record = _nodes[node];
        return (record.owner, record.state, record.stake, _bonds[node].releasableAt);
    }

    /// @inheritdoc IGridRegistry
    function nodeCount() external view returns (uint256) {
        return _nodeCount;
    }

    /// @inheritdoc IGridRegistry
    function nodeAt(uint256 index) external view returns (address node, uint64 connectedAt) {
        if (index >= _nodeCount) revert NoNodeAt(index, _nodeCount);
        Connection memory connection = _connections[index];
        return (connection.node, connection.connectedAt);
    }

    /// @inheritdoc IGridRegistry
    function candidateAt(uint256 index)
        external
        view
        returns (address owner, uint64 connectedAt, NodeState state, uint88 free)
    {
        Connection memory connection = _connections[index];
        Node memory record = _nodes[connection.node];
        return
            (
                record.owner,
                connection.connectedAt,
                record.state,
                record.stake - _bonds[connection.node].locked
            );
    }

    /// @inheritdoc IGridRegistry
    function ownersOf(address[] calldata nodes) external view returns (address[] memory owners) {
        owners = new address[](nodes.length);
        for (uint256 i = 0; i < nodes.length; ++i) {
            owners[i] = ownerOf(nodes[i]);
        }
    }

    /// @inheritdoc IGridRegistry
    function ownerOf(address node) public view returns (address owner) {
        owner = _nodes[node].owner;
        if (owner == address(0)) revert NodeUnknown(node);
    }

    /// @inheritdoc IGridRegistry
    function stakeOf(address node) public view returns (uint88 total, uint88 locked, uint88 free) {
        (total, locked) = (_nodes[node].stake, _bonds[node].locked);
        free = total - locked;
    }

    function _owned(address node) private view returns (Node storage record) {
        record = _nodes[node];
        if (msg.sender != record.owner) revert NotOwner(node, msg.sender);
    }

    function _requireStaying(address node, NodeState state) private pure {
        if (state != NodeState.CONNECTED && state != NodeState.DRAINING) revert WrongState(node, state);
    }

    function _requireConnectable(NodeTerms calldata terms) private view {
        NodeState state = _nodes[terms.node].state;
        if (state != NodeState.NONE) revert WrongState(terms.node, state);
        if (block.timestamp > terms.expiry) revert Expired(terms.expiry);
        if (terms.stake < minimumStake) revert StakeTooSmall(terms.stake, minimumStake);
        if (terms.stake > type(uint88).max) revert StakeTooLarge(terms.stake);
    }
}
