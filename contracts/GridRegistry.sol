// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry, NodeState} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Delegation, Messages, NodeTerms} from "./libraries/Messages.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title GridRegistry
/// @notice Documented in IGridRegistry. Every function is: checks, effects, event, interaction.
contract GridRegistry is IGridRegistry, SuanliDomain {
    /// @dev One slot, so that connecting a node writes storage once here.
    struct Node {
        address owner;
        NodeState state;
        uint88 stake;
    }

    struct Grant {
        uint128 remaining;
        uint64 expiry;
        uint64 nonce;
    }

    uint64 public constant MAXIMUM_UNBONDING_SECONDS = 90 days;

    ILedger public immutable ledger;
    address public immutable settlement;
    uint88 public immutable minimumStake;
    uint64 public immutable unbondingSeconds;

    mapping(address node => Node) private _nodes;
    mapping(address node => uint64) private _releasableAt;
    mapping(address account => mapping(address delegate => Grant)) public delegationOf;

    modifier onlySettlement() {
        if (msg.sender != settlement) revert NotSettlement(msg.sender);
        _;
    }

    constructor(ILedger ledger_, address settlement_, uint88 minimumStake_, uint64 unbondingSeconds_)
        SuanliDomain(address(ledger_))
    {
        if (address(ledger_) == address(0)) revert InvalidAddress(address(ledger_));
        if (settlement_ == address(0)) revert InvalidAddress(settlement_);
        if (unbondingSeconds_ > MAXIMUM_UNBONDING_SECONDS) revert UnbondingTooLong(unbondingSeconds_);
        ledger = ledger_;
        settlement = settlement_;
        minimumStake = minimumStake_;
        unbondingSeconds = unbondingSeconds_;
    }

    /// @inheritdoc IGridRegistry
    function connect(NodeTerms calldata terms, bytes calldata ownerSignature, bytes calldata nodeSignature)
        external
    {
        _requireConnectable(terms);
        bytes32 id = Messages.hash(terms);
        bytes32 digest = _digest(id);
        Signatures.requireSignedByKey(terms.node, digest, nodeSignature);
        if (msg.sender != terms.owner) Signatures.requireSignedBy(terms.owner, digest, ownerSignature);
        _nodes[terms.node] = Node(terms.owner, NodeState.CONNECTED, uint88(terms.stake));
        emit NodeConnected(terms.node, terms.owner, id, terms.benchmark, terms.stake);
        ledger.lockStake(terms.owner, terms.stake);
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
        NodeState state = record.state;
        if (state != NodeState.CONNECTED && state != NodeState.DRAINING) revert WrongState(node, state);
        uint64 releasableAt = uint64(block.timestamp) + unbondingSeconds;
        record.state = NodeState.UNBONDING;
        _releasableAt[node] = releasableAt;
        emit NodeDisconnected(node, releasableAt);
    }

    /// @inheritdoc IGridRegistry
    function release(address node) external {
        Node memory record = _nodes[node];
        if (record.state != NodeState.UNBONDING) revert WrongState(node, record.state);
        if (block.timestamp < _releasableAt[node]) revert StillUnbonding(_releasableAt[node]);
        _nodes[node] = Node(record.owner, NodeState.RELEASED, 0);
        emit NodeReleased(node, record.owner, record.stake);
        ledger.releaseStake(record.owner, record.stake);
    }

    /// @inheritdoc IGridRegistry
    function delegate(Delegation calldata delegation) external {
        if (msg.sender != delegation.account) revert NotAccount(delegation.account, msg.sender);
        _delegate(delegation);
    }

    /// @inheritdoc IGridRegistry
    function delegateBySignature(Delegation calldata delegation, bytes calldata signature) external {
        Signatures.requireSignedBy(delegation.account, _digest(Messages.hash(delegation)), signature);
        _delegate(delegation);
    }

    /// @inheritdoc IGridRegistry
    function revoke(address delegate_) external {
        Grant storage grant = delegationOf[msg.sender][delegate_];
        if (grant.expiry == 0) revert NotDelegated(msg.sender, delegate_);
        // Saturates, so that even a delegation with the highest nonce can be revoked.
        uint64 nonce = grant.nonce == type(uint64).max ? grant.nonce : grant.nonce + 1;
        delegationOf[msg.sender][delegate_] = Grant(0, 0, nonce);
        emit DelegationRevoked(msg.sender, delegate_, nonce);
    }

    /// @inheritdoc IGridRegistry
    function spend(address account, address delegate_, uint256 amount) external onlySettlement {
        Grant memory grant = delegationOf[account][delegate_];
        if (grant.expiry == 0) revert NotDelegated(account, delegate_);
        if (block.timestamp > grant.expiry) revert DelegationExpired(account, delegate_, grant.expiry);
        if (amount > grant.remaining) {
            revert DelegationExceeded(account, delegate_, grant.remaining, amount);
        }
        delegationOf[account][delegate_].remaining = grant.remaining - uint128(amount);
    }

    /// @inheritdoc IGridRegistry
    function nodeOf(address node)
        external
        view
        returns (address owner, NodeState state, uint88 stake, uint64 releasableAt)
    {
        Node memory record = _nodes[node];
        return (record.owner, record.state, record.stake, _releasableAt[node]);
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

    function _delegate(Delegation calldata delegation) private {
        (address account, address delegate_) = (delegation.account, delegation.delegate);
        if (delegate_ == address(0) || delegate_ == account) revert InvalidDelegate(delegate_);
        if (block.timestamp > delegation.expiry) revert Expired(delegation.expiry);
        uint64 last = delegationOf[account][delegate_].nonce;
        if (delegation.nonce <= last) revert NonceUsed(account, delegate_, delegation.nonce, last);
        delegationOf[account][delegate_] = Grant(delegation.cap, delegation.expiry, delegation.nonce);
        emit Delegated(account, delegate_, delegation.cap, delegation.expiry, delegation.nonce);
    }

    function _owned(address node) private view returns (Node storage record) {
        record = _nodes[node];
        if (msg.sender != record.owner) revert NotOwner(node, msg.sender);
    }

    function _requireConnectable(NodeTerms calldata terms) private view {
        NodeState state = _nodes[terms.node].state;
        if (state != NodeState.NONE) revert WrongState(terms.node, state);
        if (block.timestamp > terms.expiry) revert Expired(terms.expiry);
        if (terms.stake < minimumStake) revert StakeTooSmall(terms.stake, minimumStake);
        if (terms.stake > type(uint88).max) revert StakeTooLarge(terms.stake);
    }
}
