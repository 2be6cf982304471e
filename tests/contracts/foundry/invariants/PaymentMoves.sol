// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Messages, Netting, Statement} from "../../../../contracts/libraries/Messages.sol";
import {Parties, Party, Task} from "../Parties.sol";
import {vm} from "../Vm.sol";
import {Books} from "./Books.sol";

/// @title Batches, statements, their replays, and epochs given up
abstract contract PaymentMoves is Books {
    using Parties for Party[];

    uint256 private constant MOST_TASKS = 6;

    bytes[] private _landedBatches;
    bytes[] private _landedSignatures;

    /// @notice Random tasks of one or more buyers. Mostly all sign by key; sometimes the delegate or another
    /// account signs for the first buyer.
    function settleBatch(uint256 seed, uint8 buyerCount, uint8 signer, uint64 gap) external watched {
        buyerCount = uint8(_within(buyerCount, 1, ACCOUNTS));
        Party[] memory buyers = Parties.first(accounts, buyerCount);
        Party[] memory paidNodes = _connectedNodes();
        Task[] memory tasks = _tasks(seed, buyers, paidNodes.length);
        uint64 epoch = _nextEpoch(buyers, gap);
        bytes memory batch = Parties.pack(epoch, buyers, paidNodes, tasks);
        Party[] memory signers = Parties.first(accounts, buyerCount);
        signers[0] = _signerFor(0, signer);
        bytes memory signatures = _signAll(epoch, batch, signers, paidNodes);
        settlement.settleBatch(batch, signatures);
        _landedBatches.push(batch);
        _landedSignatures.push(signatures);
        _enter(buyers, signers, paidNodes, tasks);
    }

    /// @notice Nobody signs anything new: whatever is debited is debited twice.
    function replayBatch(uint256 which) external watched {
        which %= _landedBatches.length;
        settlement.settleBatch(_landedBatches[which], _landedSignatures[which]);
    }

    /// @notice Now and then a total that does not grow, or that grows beyond the balance.
    function settleStatement(uint256 who, uint256 which, uint256 growth, uint8 signer) external watched {
        (Party memory buyer, Party memory node) = (accounts[who % ACCOUNTS], _any(_connectedNodes(), which));
        uint128 before = _settled[buyer.account][node.account];
        uint256 amount = _within(growth, 0, _balance(buyer.account) / 4 + 1);
        Party memory signing = _signerFor(who % ACCOUNTS, signer);
        Statement memory statement =
            Statement(buyer.account, node.account, before + uint128(amount), 1, bytes32(growth));
        _settleStatement(statement, signing, node);
        _settled[buyer.account][node.account] = statement.amount;
        _signAway(buyer.account, signing.account, amount);
        _pay(buyer.account, node.account, amount);
    }

    /// @notice A total that was settled already, or less.
    function replayStatement(uint256 who, uint256 which, uint256 less) external watched {
        (Party memory buyer, Party memory node) = (accounts[who % ACCOUNTS], _any(_connectedNodes(), which));
        uint128 before = _settled[buyer.account][node.account];
        uint128 amount = before - uint128(less % 2 == 0 ? 0 : _within(less, 0, before));
        _settleStatement(Statement(buyer.account, node.account, amount, 1, 0), buyer, node);
    }

    /// @notice A few epochs up, or down, or into the future, where the contract must refuse.
    function advanceEpoch(uint256 who, uint64 epoch) external watched {
        address account = accounts[who % ACCOUNTS].account;
        uint64 near = _epoch(account) + uint64(_within(epoch, 0, 20));
        epoch = epoch % 8 == 0 ? uint64(_now()) + epoch % 3 : near > 10 ? near - 10 : near;
        vm.prank(account);
        settlement.advanceEpoch(epoch);
        vm.assertLe(epoch, _now(), "no epoch of the future");
    }

    function _enter(
        Party[] memory buyers,
        Party[] memory signers,
        Party[] memory paidNodes,
        Task[] memory tasks
    ) private {
        uint256[] memory debits = new uint256[](buyers.length);
        for (uint256 i = 0; i < tasks.length; ++i) {
            debits[tasks[i].buyer] += tasks[i].amount;
            _pay(buyers[tasks[i].buyer].account, paidNodes[tasks[i].node].account, tasks[i].amount);
        }
        for (uint256 i = 0; i < buyers.length; ++i) {
            _signAway(buyers[i].account, signers[i].account, debits[i]);
        }
    }

    function _tasks(uint256 seed, Party[] memory buyers, uint256 nodeCount)
        private
        view
        returns (Task[] memory tasks)
    {
        tasks = new Task[](1 + seed % MOST_TASKS);
        for (uint256 i = 0; i < tasks.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint256 buyer = random % buyers.length;
            uint256 most = _balance(buyers[buyer].account) / MOST_TASKS;
            tasks[i].buyer = uint8(buyer);
            tasks[i].node = uint8((random >> 8) % nodeCount);
            tasks[i].amount = uint64(_within(random >> 16, 0, most));
            tasks[i].receipt = bytes32(random);
        }
    }

    /// @dev Above the last of every buyer, or now and then equal to it.
    function _nextEpoch(Party[] memory buyers, uint64 gap) private view returns (uint64 epoch) {
        epoch = START - 20 days;
        for (uint256 i = 0; i < buyers.length; ++i) {
            uint64 last = _epoch(buyers[i].account);
            if (last > epoch) epoch = last;
        }
        return epoch + gap % 16;
    }

    function _any(Party[] memory parties, uint256 which) private pure returns (Party memory) {
        return parties[which % parties.length];
    }

    function _signerFor(uint256 account, uint8 choice) private view returns (Party memory) {
        if (choice % 8 == 0) return accounts[(account + 1) % ACCOUNTS];
        return choice % 8 < 4 ? delegate_ : accounts[account];
    }

    /// @dev Those that ever were: released ones are still paid.
    function _connectedNodes() private view returns (Party[] memory connected) {
        uint256 count;
        connected = Parties.first(nodes, NODES);
        for (uint256 i = 0; i < NODES; ++i) {
            (address owner,,,) = registry.nodeOf(nodes[i].account);
            if (owner != address(0)) connected[count++] = nodes[i];
        }
        assembly ("memory-safe") {
            mstore(connected, count)
        }
    }
}
