// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBits} from "./PaidSerials.sol";
import {PartyTables} from "./PartyTables.sol";
import {Posting} from "./Postings.sol";

/// @title Reading a packed batch of payments
/// @notice The batch, which is the public record of its tasks, is
///
///     batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8 ‖ buyers ‖ payees ‖ nodes ‖ words
///     buyer = address, 20 bytes
///     payee = address, 20 bytes
///     node  = address, 20 bytes ‖ payee index u8 ‖ first word u56 ‖ words u8
///     word  = mask, 32 bytes ‖ a task for each bit that is set in the mask, lowest first
///     task  = buyer index u8 ‖ amount u64 ‖ first half of the receipt id
///
/// The words follow one another as the nodes do, each node's upwards from its first. Bit b of word w is the
/// node's serial 256 w + b. Written by `suanli/protocol/netting.py`. Sums cannot overflow: a batch of 2^32
/// bytes adds up to less than 2^96.
library PackedBatch {
    uint256 private constant HEAD_BYTES = 11;
    uint256 private constant ACCOUNT_BYTES = 20;
    uint256 private constant NODE_BYTES = 29;
    uint256 private constant MASK_BYTES = 32;
    uint256 private constant TASK_BYTES = 25;
    uint256 private constant BASIS_POINTS = 10_000;
    /// As many as a task's buyer index can point to.
    uint256 private constant INDEXES = 256;

    struct Head {
        uint64 epoch;
        uint256 buyers;
        uint256 payees;
        uint256 nodes;
        uint256 payeesAt;
        uint256 nodesAt;
        uint256 wordsAt;
    }

    /// The batch of `length` bytes ends before its head or its party tables do.
    error BatchTooShort(uint256 length);
    /// The batch has another length than its nodes' words need.
    error BatchLength(uint256 expected, uint256 given);
    /// A batch is for one task or more.
    error NoTasks();
    /// The task at this byte of the batch names a buyer that the table does not hold.
    error BuyerOutOfRange(uint256 position, uint256 buyer);

    /// @notice The batch's epoch and the shape of its tables.
    function head(bytes calldata batch) internal pure returns (Head memory found) {
        if (batch.length < HEAD_BYTES) revert BatchTooShort(batch.length);
        uint256 start = PartyTables.number(batch, 0, HEAD_BYTES);
        found.epoch = uint64(start >> 24);
        (found.buyers, found.payees, found.nodes) = (uint8(start >> 16), uint8(start >> 8), uint8(start));
        unchecked {
            found.payeesAt = HEAD_BYTES + found.buyers * ACCOUNT_BYTES;
            found.nodesAt = found.payeesAt + found.payees * ACCOUNT_BYTES;
            found.wordsAt = found.nodesAt + found.nodes * NODE_BYTES;
        }
        if (batch.length < found.wordsAt) revert BatchTooShort(batch.length);
    }

    /// @notice The accounts that pay, ascending, with nothing to pay yet and room for every index.
    function buyers(bytes calldata batch, Head memory shape) internal pure returns (Posting[] memory) {
        return
            PartyTables.read(batch, HEAD_BYTES, shape.buyers, ACCOUNT_BYTES, PartyTables.NO_AMOUNT, INDEXES);
    }

    /// @notice The accounts that are paid, ascending, with nothing earned yet and room for one more.
    function payees(bytes calldata batch, Head memory shape) internal pure returns (Posting[] memory) {
        return PartyTables.read(
            batch, shape.payeesAt, shape.payees, ACCOUNT_BYTES, PartyTables.NO_AMOUNT, shape.payees + 1
        );
    }

    /// @notice Requires the nodes to ascend and to be the last of the signers.
    function requireSigners(bytes calldata batch, Head memory shape, address[] memory signers) internal pure {
        PartyTables.requireSigners(batch, shape.nodesAt, shape.nodes, NODE_BYTES, signers);
    }

    /// @notice The node at a position of its table: its address, the place of its payee, which the batch
    /// holds, its first word and the one behind its last.
    function node(bytes calldata batch, Head memory shape, uint256 place)
        internal
        pure
        returns (address account, uint256 payee, uint256 firstWord, uint256 endWord)
    {
        unchecked {
            uint256 row = PartyTables.word(batch, shape.nodesAt + place * NODE_BYTES);
            (account, payee) = (address(uint160(row >> 96)), uint8(row >> 88));
            firstWord = uint56(row >> 32);
            endWord = firstWord + uint8(row >> 24);
        }
        if (payee >= shape.payees) revert PartyTables.PayeeOutOfRange(place, payee);
    }

    /// @notice The mask at byte `position` and how many tasks follow it. The batch holds them.
    function mask(bytes calldata batch, uint256 position)
        internal
        pure
        returns (uint256 found, uint256 tasks)
    {
        found = PartyTables.word(batch, position);
        tasks = SerialBits.ones(found);
        uint256 end = behind(position, tasks);
        if (end > batch.length) revert BatchLength(end, batch.length);
    }

    /// @notice The byte behind the mask at byte `position` and the `tasks` that follow it.
    function behind(uint256 position, uint256 tasks) internal pure returns (uint256) {
        unchecked {
            return position + MASK_BYTES + tasks * TASK_BYTES;
        }
    }

    /// @notice Adds the `count` tasks behind the mask at byte `position` to what their buyers pay. `earned` is
    /// what they pay less the fee, which is rounded down for each task by itself; the node keeps what rounding
    /// leaves over.
    /// @dev This loop is what a task costs, so it decides nothing: the table has room for every index, and a
    /// stray one leaves a flag.
    function addTasks(
        bytes calldata batch,
        uint256 position,
        uint256 count,
        uint256 feeBasisPoints,
        Posting[] memory debits
    ) internal pure returns (uint256 earned) {
        bool stray;
        assembly ("memory-safe") {
            let last := sub(mload(debits), 1)
            let table := add(debits, 0x20)
            let source := add(add(batch.offset, position), MASK_BYTES)
            let end := add(source, mul(count, TASK_BYTES))
            for {} lt(source, end) { source := add(source, TASK_BYTES) } {
                let task := calldataload(source)
                let buyer := byte(0, task)
                stray := or(stray, sgt(buyer, last))
                let entry := add(table, shl(5, buyer))
                let amount := shr(192, shl(8, task))
                mstore(entry, add(mload(entry), amount))
                earned := add(earned, sub(amount, div(mul(amount, feeBasisPoints), BASIS_POINTS)))
            }
        }
        if (stray) _revertAtStrayTask(batch, position + MASK_BYTES, debits.length);
    }

    function _revertAtStrayTask(bytes calldata batch, uint256 position, uint256 known) private pure {
        while (uint8(batch[position]) < known) position += TASK_BYTES;
        revert BuyerOutOfRange(position, uint8(batch[position]));
    }
}
