// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry, NodeState} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {Messages, NodeTerms} from "../../../contracts/libraries/Messages.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title An owner's stake leaves its balance when a node connects and comes back in full
contract StakesTest is Deployment {
    uint128 private constant FUNDS = uint128(type(uint88).max) * 2;

    Party private _owner;
    Party private _node;

    function setUp() public {
        _deploy(0);
        (_owner, _node) = (Parties.make(0xC0, 1)[0], Parties.make(0xA0, 1)[0]);
        _fund(_owner.account, FUNDS);
    }

    function testFuzz_OwnerGetsTheWholeStakeBack(uint88 stake, bool drained) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max));
        _connect(_node, _owner, stake);
        _requireSplit(stake);
        if (drained) _byOwner(abi.encodeCall(IGridRegistry.drain, (_node.account)));
        _byOwner(abi.encodeCall(IGridRegistry.disconnect, (_node.account)));
        _requireSplit(stake);
        vm.warp(START + UNBONDING_SECONDS);
        registry.release(_node.account);
        _requireSplit(0);
    }

    function testFuzz_StakeIsNotReleasedEarlyNorTwice(uint88 stake, uint64 waited) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max));
        waited = uint64(_within(waited, 0, UNBONDING_SECONDS - 1));
        _connect(_node, _owner, stake);
        vm.expectPartialRevert(IGridRegistry.WrongState.selector);
        registry.release(_node.account);
        _byOwner(abi.encodeCall(IGridRegistry.disconnect, (_node.account)));
        vm.warp(START + waited);
        vm.expectRevert(
            abi.encodeWithSelector(IGridRegistry.StillUnbonding.selector, START + UNBONDING_SECONDS)
        );
        registry.release(_node.account);
        vm.warp(START + UNBONDING_SECONDS);
        registry.release(_node.account);
        vm.expectPartialRevert(IGridRegistry.WrongState.selector);
        registry.release(_node.account);
        _requireSplit(0);
    }

    function testFuzz_StrangerCannotEndAnOwnersNode(address stranger) public {
        vm.assume(stranger != _owner.account && stranger != address(vm));
        _connect(_node, _owner, MINIMUM_STAKE);
        bytes memory refusal =
            abi.encodeWithSelector(IGridRegistry.NotOwner.selector, _node.account, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.disconnect(_node.account);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.drain(_node.account);
    }

    function testFuzz_OwnersStakeIsNotLockedByAnothersSignature(uint88 stake, uint256 key) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max));
        key = _within(key, 0x1000, type(uint128).max);
        NodeTerms memory terms = NodeTerms(_node.account, _owner.account, 0, stake, START);
        bytes32 id = Messages.hash(terms);
        (bytes memory forged, bytes memory byNode) = (_sign(Party(vm.addr(key), key), id), _sign(_node, id));
        vm.expectPartialRevert(bytes4(keccak256("InvalidSignature(address)")));
        registry.connect(terms, forged, byNode);
        _requireSplit(0);
    }

    function testFuzz_OwnerCannotStakeMoreThanItHolds(uint88 stake, uint88 held) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max));
        held = uint88(_within(held, 0, stake - 1));
        Party memory poor = Parties.make(0xC1, 1)[0];
        if (held > 0) _fund(poor.account, held);
        NodeTerms memory terms = NodeTerms(_node.account, poor.account, 0, stake, START);
        bytes32 id = Messages.hash(terms);
        (bytes memory byOwner, bytes memory byNode) = (_sign(poor, id), _sign(_node, id));
        vm.expectRevert(abi.encodeWithSelector(ILedger.BalanceTooSmall.selector, poor.account, held, stake));
        registry.connect(terms, byOwner, byNode);
    }

    function testFuzz_ReleasedNodeKeepsItsOwnerAndNeverConnectsAgain(uint88 stake) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max));
        _connect(_node, _owner, stake);
        _byOwner(abi.encodeCall(IGridRegistry.disconnect, (_node.account)));
        vm.warp(START + UNBONDING_SECONDS);
        registry.release(_node.account);
        (address owner, NodeState state,,) = registry.nodeOf(_node.account);
        vm.assertTrue(owner == _owner.account && state == NodeState.RELEASED, "owner kept");
        NodeTerms memory terms = NodeTerms(_node.account, _owner.account, 0, stake, type(uint64).max);
        bytes32 id = Messages.hash(terms);
        (bytes memory byOwner, bytes memory byNode) = (_sign(_owner, id), _sign(_node, id));
        vm.expectPartialRevert(IGridRegistry.WrongState.selector);
        registry.connect(terms, byOwner, byNode);
    }

    function _byOwner(bytes memory data) private {
        vm.prank(_owner.account);
        (bool done,) = address(registry).call(data);
        vm.assertTrue(done, "the owner's call");
    }

    function _requireSplit(uint256 stake) private view {
        vm.assertEq(_balance(_owner.account), FUNDS - stake, "the owner's balance");
        vm.assertEq(ledger.stakeOf(_owner.account), stake, "the owner's stake");
    }
}
