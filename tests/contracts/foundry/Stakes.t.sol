// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry, NodeState, SlashReason} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {Messages, NodeTerms} from "../../../contracts/libraries/Messages.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title An owner's stake leaves its balance when a node connects; what no court took comes back
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

    function testFuzz_OnlyTheCourtTouchesStakes(address stranger, uint88 amount) public {
        vm.assume(stranger != address(court) && stranger != address(vm));
        _connect(_node, _owner, MINIMUM_STAKE);
        bytes memory refusal = abi.encodeWithSelector(IGridRegistry.NotCourt.selector, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.lock(_node.account, amount);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.unlock(_node.account, amount);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.slash(_node.account, amount, false, stranger, SlashReason.CLAIM_FALSE);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        registry.spendForClaim(_owner.account, stranger, amount, 0);
    }

    function testFuzz_SlashAndOwnerShareTheWholeStake(
        uint88 stake,
        uint88 locked,
        uint88 slashed,
        bool fromLocked
    ) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max));
        locked = uint88(_within(locked, 0, stake));
        _connect(_node, _owner, stake);
        vm.prank(address(court));
        registry.lock(_node.account, locked);
        vm.prank(address(court));
        uint88 taken =
            registry.slash(_node.account, slashed, fromLocked, address(7), SlashReason.VERDICT_WRONG);
        uint88 most = fromLocked ? locked : stake - locked;
        vm.assertEq(taken, slashed < most ? slashed : most, "no more than is there");
        vm.assertEq(_balance(address(7)), taken, "who got it");
        _requireStake(stake - taken, fromLocked ? locked - taken : locked);
        vm.prank(address(court));
        registry.unlock(_node.account, fromLocked ? locked - taken : locked);
        _byOwner(abi.encodeCall(IGridRegistry.disconnect, (_node.account)));
        vm.warp(START + UNBONDING_SECONDS);
        registry.release(_node.account);
        vm.assertEq(_balance(_owner.account), FUNDS - taken, "the owner's balance");
        vm.assertEq(_balance(address(registry)), 0, "the registry's account");
    }

    function testFuzz_StakeStaysSlashableUntilItIsReleased(uint88 stake, uint88 locked, uint64 waited)
        public
    {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max));
        locked = uint88(_within(locked, 1, stake));
        _connect(_node, _owner, stake);
        _byOwner(abi.encodeCall(IGridRegistry.disconnect, (_node.account)));
        vm.warp(START + _within(waited, 0, 1000 days));
        vm.prank(address(court));
        registry.lock(_node.account, locked);
        vm.warp(START + 1000 days);
        vm.expectRevert(
            abi.encodeWithSelector(IGridRegistry.StakeStillLocked.selector, _node.account, locked)
        );
        registry.release(_node.account);
        vm.prank(address(court));
        registry.slash(_node.account, locked, true, address(7), SlashReason.CLAIM_FALSE);
        registry.release(_node.account);
        vm.assertEq(_balance(_owner.account), FUNDS - locked, "the owner's balance");
        vm.prank(address(court));
        vm.assertEq(
            registry.slash(_node.account, 1, false, address(7), SlashReason.CLAIM_FALSE), 0, "nothing left"
        );
    }

    function testFuzz_NoMoreIsLockedThanIsFreeNorUnlockedThanIsLocked(
        uint88 stake,
        uint88 locked,
        uint88 more
    ) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max - 1));
        locked = uint88(_within(locked, 0, stake));
        more = uint88(_within(more, stake - locked + 1, type(uint88).max));
        _connect(_node, _owner, stake);
        vm.prank(address(court));
        registry.lock(_node.account, locked);
        vm.prank(address(court));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGridRegistry.FreeStakeTooSmall.selector, _node.account, stake - locked, more
            )
        );
        registry.lock(_node.account, more);
        vm.prank(address(court));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGridRegistry.LockedStakeTooSmall.selector, _node.account, locked, locked + 1
            )
        );
        registry.unlock(_node.account, locked + 1);
    }

    function testFuzz_OwnerAddsStake(uint88 stake, uint88 added) public {
        stake = uint88(_within(stake, MINIMUM_STAKE, type(uint88).max - 1));
        added = uint88(_within(added, 1, type(uint88).max - stake));
        _connect(_node, _owner, stake);
        _byOwner(abi.encodeCall(IGridRegistry.addStake, (_node.account, added)));
        _requireSplit(uint256(stake) + added);
        _requireStake(stake + added, 0);
    }

    function testFuzz_ListOfNodesKeepsItsOrder(uint8 count) public {
        count = uint8(_within(count, 1, 20));
        Party[] memory nodes = Parties.make(0xA00, count);
        for (uint256 i = 0; i < count; ++i) {
            vm.warp(START + i);
            _connect(nodes[i], _owner, MINIMUM_STAKE);
        }
        _byOwner(abi.encodeCall(IGridRegistry.disconnect, (nodes[0].account)));
        vm.assertEq(registry.nodeCount(), count, "count");
        for (uint256 i = 0; i < count; ++i) {
            (address node, uint64 connectedAt) = registry.nodeAt(i);
            vm.assertTrue(node == nodes[i].account && connectedAt == START + i, "entry");
        }
        vm.expectRevert(abi.encodeWithSelector(IGridRegistry.NoNodeAt.selector, count, count));
        registry.nodeAt(count);
    }

    function _byOwner(bytes memory data) private {
        vm.prank(_owner.account);
        (bool done,) = address(registry).call(data);
        vm.assertTrue(done, "the owner's call");
    }

    function _requireSplit(uint256 stake) private view {
        vm.assertEq(_balance(_owner.account), FUNDS - stake, "the owner's balance");
        vm.assertEq(_balance(address(registry)), stake, "the stakes");
    }

    function _requireStake(uint256 total, uint256 locked) private view {
        (uint88 total_, uint88 locked_, uint88 free) = registry.stakeOf(_node.account);
        vm.assertEq(total_, total, "the stake");
        vm.assertEq(locked_, locked, "its locked part");
        vm.assertEq(free, total - locked, "its free part");
        vm.assertEq(_balance(address(registry)), total, "the registry's account");
    }
}
