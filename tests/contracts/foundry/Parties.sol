// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "./Vm.sol";

/// An account or a node with its key.
struct Party {
    address account;
    uint256 key;
}

/// One payment of a batch; `buyer` and `node` are positions in the batch's tables.
struct Task {
    uint8 buyer;
    uint8 node;
    uint64 amount;
    bytes32 receipt;
}

/// @title Parties with keys, and the packing of their batches
/// @notice Packs by itself, so that PackedBatch is read by somebody else's hand.
library Parties {
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

    /// @notice The bytes that `settleBatch` takes.
    function pack(uint64 epoch, Party[] memory buyers, Party[] memory nodes, Task[] memory tasks)
        internal
        pure
        returns (bytes memory batch)
    {
        batch = abi.encodePacked(epoch, uint8(buyers.length), uint8(nodes.length));
        batch = bytes.concat(batch, _table(buyers), _table(nodes));
        for (uint256 i = 0; i < tasks.length; ++i) {
            Task memory task = tasks[i];
            batch = abi.encodePacked(batch, task.buyer, task.node, task.amount, task.receipt);
        }
    }

    function _table(Party[] memory parties) private pure returns (bytes memory table) {
        for (uint256 i = 0; i < parties.length; ++i) {
            table = abi.encodePacked(table, parties[i].account);
        }
    }
}
