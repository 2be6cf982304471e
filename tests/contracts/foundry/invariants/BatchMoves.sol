// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Messages, RootNetting} from "../../../../contracts/libraries/Messages.sol";
import {Parties, Party, Task} from "../Parties.sol";
import {vm} from "../Vm.sol";
import {Choices} from "./Choices.sol";

/// @title Batches, listed and by root, their replays, and epochs given up
abstract contract BatchMoves is Choices {
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
        Party[] memory owners = _ownersOf(paidNodes);
        Task[] memory tasks = _tasks(seed, buyers, paidNodes.length);
        uint64 epoch = _nextEpoch(buyers, gap);
        bytes memory batch = Parties.pack(epoch, buyers, paidNodes, owners, tasks);
        Party[] memory signers = Parties.first(accounts, buyerCount);
        signers[0] = _signerFor(0, signer);
        bytes memory signatures = _signAll(epoch, batch, signers, paidNodes);
        settlement.settleBatch(batch, signatures);
        _landedBatches.push(batch);
        _landedSignatures.push(signatures);
        _enter(buyers, signers, paidNodes, owners, tasks);
    }

    /// @notice Nobody signs anything new: whatever is debited is debited twice.
    function replayBatch(uint256 which) external watched {
        which %= _landedBatches.length;
        settlement.settleBatch(_landedBatches[which], _landedSignatures[which]);
    }

    /// @notice One node's serials of one word, paid by one buyer, by a root.
    function settleRoot(uint256 who, uint256 which, uint256 random, uint64 gap, uint8 signer)
        external
        watched
    {
        Party[] memory buyers = new Party[](1);
        buyers[0] = accounts[who % ACCOUNTS];
        Party memory node = _any(_connectedNodes(), which);
        (uint64 epoch, Party memory signing) = (_nextEpoch(buyers, gap), _signerFor(who % ACCOUNTS, signer));
        uint64 gross = uint64(_within(random, 0, _balance(buyers[0].account) / MOST_TASKS));
        bytes memory batch = _rootBatch(epoch, buyers[0].account, node.account, gross, random);
        bytes32 id = Messages.hash(RootNetting(epoch, keccak256(batch)));
        settlement.settleRoot(batch, bytes.concat(_sign(signing, id), _sign(node, id)));
        (uint64 word, uint256 mask) = _marked(random);
        _spend(node.account, word, mask);
        _signAway(buyers[0].account, signing.account, gross);
        _pay(buyers[0].account, registry.ownerOf(node.account), gross, _feeOf(gross));
    }

    /// @notice A few epochs up, or down, or into the future, where the contract must refuse.
    function advanceEpoch(uint256 who, uint64 epoch) external watched {
        address account = accounts[who % ACCOUNTS].account;
        uint64 near = _epoch(account) + uint64(_within(epoch, 0, 20));
        epoch = epoch % 8 == 0 ? uint64(_now()) + epoch % 3 : near > 10 ? near - 10 : near;
        vm.prank(account);
        settlement.advanceEpoch(epoch);
        if (epoch > _now()) ++epochsAhead;
    }

    function _enter(
        Party[] memory buyers,
        Party[] memory signers,
        Party[] memory paidNodes,
        Party[] memory owners,
        Task[] memory tasks
    ) private {
        uint256[] memory debits = new uint256[](buyers.length);
        for (uint256 i = 0; i < tasks.length; ++i) {
            Task memory task = tasks[i];
            debits[task.buyer] += task.amount;
            _spend(paidNodes[task.node].account, FIRST_WORD + (task.offset >> 8), 1 << (task.offset & 255));
            _pay(buyers[task.buyer].account, owners[task.node].account, task.amount, _feeOf(task.amount));
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
            tasks[i].offset = _offset(random >> 64);
            tasks[i].receipt = bytes16(bytes32(random));
        }
    }

    function _rootBatch(uint64 epoch, address buyer, address node, uint64 gross, uint256 random)
        private
        view
        returns (bytes memory batch)
    {
        (uint64 word, uint256 mask) = _marked(random);
        batch = abi.encodePacked(epoch, uint8(1), uint8(1), uint8(1), _ones(mask), bytes32(random));
        batch = abi.encodePacked(batch, buyer, gross, registry.ownerOf(node));
        batch = abi.encodePacked(batch, node, uint8(0), gross, uint56(word), uint8(1), mask);
    }
}
