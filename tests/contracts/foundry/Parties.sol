// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "./Vm.sol";

/// An account or a node with its key.
struct Party {
    address account;
    uint256 key;
}

/// One payment of a batch; `buyer` and `node` are positions in the batch's tables, the serial counts in the
/// node's space: `Parties.BASE` and `offset`.
struct Task {
    uint8 buyer;
    uint8 node;
    uint64 amount;
    uint16 offset;
    bytes16 receipt;
}

/// @title Parties with keys, and the packing of their batches
/// @notice Packs by itself, so that PackedBatch is read by somebody else's hand.
library Parties {
    /// The serial that all offsets count from.
    uint64 internal constant BASE = 512;

    /// @notice `count` parties in ascending order of address; their keys follow `firstKey`.
    function make(uint256 firstKey, uint256 count) internal pure returns (Party[] memory parties) {
        parties = new Party[](count);
        for (uint256 i = 0; i < count; ++i) {
            Party memory added = Party(vm.addr(firstKey + i), firstKey + i);
            uint256 place = i;
            for (; place > 0 && parties[place - 1].account > added.account; --place) {
                parties[place] = parties[place - 1];
            }
            parties[place] = added;
        }
    }

    /// @notice The first `count` of the parties.
    function first(Party[] memory parties, uint256 count) internal pure returns (Party[] memory some) {
        some = new Party[](count);
        for (uint256 i = 0; i < count; ++i) {
            some[i] = parties[i];
        }
    }

    /// @notice The bytes that `settleBatch` takes: node i is paid into the account of `owners[i]`. The tasks
    /// are sorted first.
    function pack(
        uint64 epoch,
        Party[] memory buyers,
        Party[] memory nodes,
        Party[] memory owners,
        Task[] memory tasks
    ) internal pure returns (bytes memory batch) {
        sort(tasks);
        address[] memory payees = accounts(owners, nodes.length);
        batch = abi.encodePacked(epoch, uint8(buyers.length), uint8(payees.length), uint8(nodes.length));
        batch = bytes.concat(batch, payeeRows(accounts(buyers, buyers.length)), payeeRows(payees));
        for (uint256 i = 0; i < nodes.length; ++i) {
            (uint256 first, uint8 words) = span(tasks, i);
            uint8 payee = placeOf(owners[i].account, payees);
            batch = abi.encodePacked(batch, nodes[i].account, payee, uint56((BASE >> 8) + first), words);
        }
        for (uint256 i = 0; i < nodes.length; ++i) {
            (uint256 first, uint8 words) = span(tasks, i);
            for (uint256 word = first; word < first + words; ++word) {
                batch = bytes.concat(batch, _word(tasks, i, word));
            }
        }
    }

    /// @notice The first word of the node's offsets, and how many words reach to the last.
    function span(Task[] memory tasks, uint256 node) internal pure returns (uint256 first, uint8 words) {
        first = type(uint256).max;
        uint256 last;
        for (uint256 i = 0; i < tasks.length; ++i) {
            uint256 word = tasks[i].offset >> 8;
            if (tasks[i].node != node) continue;
            (first, last) = (word < first ? word : first, word > last ? word : last);
        }
        return first == type(uint256).max ? (0, 0) : (first, uint8(last - first + 1));
    }

    /// @notice Orders the tasks by node and offset.
    function sort(Task[] memory tasks) internal pure {
        for (uint256 i = 1; i < tasks.length; ++i) {
            Task memory moved = tasks[i];
            uint256 place = i;
            for (; place > 0 && _key(tasks[place - 1]) > _key(moved); --place) {
                tasks[place] = tasks[place - 1];
            }
            tasks[place] = moved;
        }
    }

    /// @notice The accounts of the first `count` parties, each once, ascending.
    function accounts(Party[] memory parties, uint256 count) internal pure returns (address[] memory found) {
        found = new address[](0);
        for (uint256 i = 0; i < count; ++i) {
            address account = parties[i].account;
            if (placeOf(account, found) < found.length) continue;
            address[] memory longer = new address[](found.length + 1);
            uint256 place = found.length;
            for (; place > 0 && found[place - 1] > account; --place) {
                longer[place] = found[place - 1];
            }
            longer[place] = account;
            for (uint256 j = 0; j < place; ++j) {
                longer[j] = found[j];
            }
            found = longer;
        }
    }

    /// @notice The position of `account`, or the length when it is not there.
    function placeOf(address account, address[] memory table) internal pure returns (uint8 place) {
        while (place < table.length && table[place] != account) ++place;
    }

    function payeeRows(address[] memory payees) internal pure returns (bytes memory rows) {
        for (uint256 i = 0; i < payees.length; ++i) {
            rows = abi.encodePacked(rows, payees[i]);
        }
    }

    /// @dev The mask of a word of the node's offsets, and the tasks of it, which are sorted.
    function _word(Task[] memory tasks, uint256 node, uint256 word)
        private
        pure
        returns (bytes memory packed)
    {
        uint256 mask;
        for (uint256 i = 0; i < tasks.length; ++i) {
            Task memory task = tasks[i];
            if (task.node != node || task.offset >> 8 != word) continue;
            mask |= 1 << (task.offset & 255);
            packed = abi.encodePacked(packed, task.buyer, task.amount, task.receipt);
        }
        return bytes.concat(bytes32(mask), packed);
    }

    function _key(Task memory task) private pure returns (uint256) {
        return (uint256(task.node) << 16) | task.offset;
    }
}
