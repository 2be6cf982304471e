// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NodeState} from "../../../../../contracts/interfaces/IGridRegistry.sol";
import {Messages, NodeTerms} from "../../../../../contracts/libraries/Messages.sol";
import {Party} from "../../Parties.sol";
import {vm} from "../../Vm.sol";
import {People} from "./People.sol";

/// @title Nodes come and go
/// @notice Few of them go, so that panels can be drawn.
abstract contract Fleet is People {
    uint256 private constant SELDOM = 6;

    /// What was staked and what came back to owners.
    uint256 public staked = PEOPLE * STAKE;
    uint256 public released;

    function connect(uint256 which, uint256 owner, uint256 stake) external watched {
        (Party memory node, Party memory person) = (nodes[which % NODES], _person(owner));
        stake = _within(stake, MINIMUM_STAKE, 2 * STAKE);
        NodeTerms memory terms = NodeTerms(node.account, person.account, 0, uint128(stake), uint64(_now()));
        bytes32 id = Messages.hash(terms);
        registry.connect(terms, _sign(person, id), _sign(node, id));
        _signs(person.account);
        staked += stake;
    }

    function addStake(uint256 which, uint256 amount) external watched {
        address node = nodes[which % NODES].account;
        address owner = registry.ownerOf(node);
        amount = _within(amount, 1, STAKE);
        vm.prank(owner);
        registry.addStake(node, uint88(amount));
        _signs(owner);
        staked += amount;
    }

    function drainOrResume(uint256 which, uint256 chance) external watched {
        chance = _stirred(chance);
        address node = nodes[which % NODES].account;
        (address owner, NodeState state,,) = registry.nodeOf(node);
        vm.prank(owner);
        if (state == NodeState.DRAINING) registry.resume(node);
        else if (chance % SELDOM == 0) registry.drain(node);
    }

    function disconnect(uint256 which, uint256 chance) external watched {
        chance = _stirred(chance);
        if (chance % SELDOM == 0) _disconnect(nodes[which % NODES].account);
    }

    /// @notice The next node that is on its way out; now and then when its time is up.
    function release(uint256 which, uint256 wait) external watched {
        wait = _stirred(wait);
        for (uint256 i = which % NODES; i < NODES; ++i) {
            (, NodeState state,, uint64 releasableAt) = registry.nodeOf(nodes[i].account);
            if (state != NodeState.UNBONDING) continue;
            if (wait % 8 == 0) _passUntil(releasableAt);
            return _release(nodes[i].account);
        }
    }

    /// @notice The stakes of all nodes, and the locked parts among them, by the registry's records.
    function stakesOfNodes() public view returns (uint256 sum, uint256 lockedSum) {
        for (uint256 i = 0; i < NODES; ++i) {
            (uint88 total, uint88 locked,) = registry.stakeOf(nodes[i].account);
            sum += total;
            lockedSum += locked;
        }
    }

    function _disconnect(address node) internal {
        vm.prank(registry.ownerOf(node));
        registry.disconnect(node);
    }

    function _release(address node) internal {
        (,, uint88 stake,) = registry.nodeOf(node);
        registry.release(node);
        released += stake;
    }

    /// @dev Whose node it is; zero when it never connected.
    function _ownerOf(uint256 node) internal view returns (address owner) {
        (owner,,,) = registry.nodeOf(nodes[node % NODES].account);
    }
}
