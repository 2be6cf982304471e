// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartyTables} from "./PartyTables.sol";

/// @title Reading a packed batch of payments
/// @notice The batch, which is the public record of its tasks, is
///
///     batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8 ‖ buyers ‖ payees ‖ nodes ‖ tasks
///     buyer = address, 20 bytes ‖ base u64
///     payee = address, 20 bytes
///     node  = address, 20 bytes ‖ payee index u8
///     task  = buyer index u8 ‖ node index u8 ‖ amount u64 ‖ offset u16 ‖ first half of the receipt id
///
/// A task's serial is its buyer's base, a multiple of 256, plus its offset; tasks ascend strictly by buyer
/// and offset. Written by `suanli/protocol/netting.py`. Sums cannot overflow: a batch of 2^32 bytes adds up
/// to less than 2^96.
library PackedBatch {
    uint256 private constant HEAD_BYTES = 11;
    uint256 private constant BUYER_BYTES = 28;
    uint256 private constant PAYEE_BYTES = 20;
    uint256 private constant NODE_BYTES = 21;
    uint256 private constant TASK_BYTES = 28;
    uint256 private constant TABLE_BYTES = 256 * 32;
    uint256 private constant ONE_TASK = 1 << 128;
    uint256 internal constant RUN_WORDS = 3;
    /// Of a task's 32 bytes from its first on: the buyer's index and the upper byte of the offset.
    uint256 private constant RUN_MASK = (0xff << 248) | (0xff << 168);

    struct Head {
        uint64 epoch;
        uint256 buyers;
        uint256 payees;
        uint256 nodes;
        uint256 payeesAt;
        uint256 nodesAt;
        uint256 tasksAt;
    }

    /// What each buyer pays, what each payee earns after the fee (one more entry, empty, for the fee), the
    /// sums, and the runs of one buyer and word, three numbers each: `buyer index << 8 | word counted from
    /// the base`, the mask of its serials, what they cost.
    struct Tally {
        uint256[] debits;
        uint256[] credits;
        uint256 volume;
        uint256 earned;
        uint256[] runs;
    }

    /// The batch of `length` bytes ends before its head, its party tables or its first task does.
    error BatchTooShort(uint256 length);
    /// After the last whole task `count` bytes are left.
    error TrailingBytes(uint256 count);
    /// The task at this position names a buyer or a node that the tables do not hold.
    error PartyOutOfRange(uint256 task, uint256 buyer, uint256 node);
    /// The task at this position does not follow the one before by buyer and offset.
    error TasksNotAscending(uint256 task);
    /// A base is a multiple of 256.
    error BaseNotAligned(uint256 buyer, uint256 base);

    /// @notice The batch's epoch and the shape of its tables. Reverts unless it holds one or more whole
    /// tasks.
    function head(bytes calldata batch) internal pure returns (Head memory found) {
        if (batch.length < HEAD_BYTES) revert BatchTooShort(batch.length);
        found.epoch = uint64(bytes8(batch));
        found.buyers = uint8(batch[8]);
        found.payees = uint8(batch[9]);
        found.nodes = uint8(batch[10]);
        found.payeesAt = HEAD_BYTES + found.buyers * BUYER_BYTES;
        found.nodesAt = found.payeesAt + found.payees * PAYEE_BYTES;
        found.tasksAt = found.nodesAt + found.nodes * NODE_BYTES;
        if (batch.length < found.tasksAt + TASK_BYTES) revert BatchTooShort(batch.length);
        uint256 rest = (batch.length - found.tasksAt) % TASK_BYTES;
        if (rest != 0) revert TrailingBytes(rest);
    }

    /// @notice The accounts that pay, ascending.
    function buyers(bytes calldata batch, Head memory shape) internal pure returns (address[] memory) {
        return PartyTables.read(batch, HEAD_BYTES, shape.buyers, BUYER_BYTES);
    }

    /// @notice The accounts that are paid, ascending.
    function payees(bytes calldata batch, Head memory shape) internal pure returns (address[] memory) {
        return PartyTables.read(batch, shape.payeesAt, shape.payees, PAYEE_BYTES);
    }

    /// @notice The nodes that earn, ascending.
    function nodes(bytes calldata batch, Head memory shape) internal pure returns (address[] memory) {
        return PartyTables.read(batch, shape.nodesAt, shape.nodes, NODE_BYTES);
    }

    /// @notice The first word of each buyer's serials: its base without the lowest 8 bits.
    function firstWords(bytes calldata batch, Head memory shape)
        internal
        pure
        returns (uint256[] memory words)
    {
        words = new uint256[](shape.buyers);
        for (uint256 i = 0; i < words.length; ++i) {
            uint256 base = PartyTables.number(batch, HEAD_BYTES + i * BUYER_BYTES + 20, 8);
            if (base % 256 != 0) revert BaseNotAligned(i, base);
            words[i] = base >> 8;
        }
    }

    /// @notice Adds up the tasks by party, in atoms, and gathers their serials. The fee of each task is
    /// rounded down by itself; the node keeps what rounding leaves over.
    /// @dev Tasks come in runs of one buyer and one word of serials. The inner loop is what a task costs, so
    /// it decides nothing: the table has room for every node index, and each entry counts its tasks above
    /// bit 128. A task with a stray node is then missing in the count of the real nodes; one out of order
    /// leaves a flag.
    function tally(bytes calldata batch, Head memory shape, uint256 feeBasisPoints)
        internal
        pure
        returns (Tally memory sums)
    {
        uint256 creditTable = _emptyTable();
        uint256 start = shape.tasksAt;
        (uint256[] memory runs, bool unordered) = _readRuns(batch, start, feeBasisPoints, creditTable);
        if (unordered) _revertAtUnorderedTask(batch, shape.tasksAt);
        uint256 credited;
        uint256[] memory byNode;
        (byNode, sums.earned, credited) = _readTable(creditTable, shape.nodes);
        if (credited != (batch.length - shape.tasksAt) / TASK_BYTES) _revertAtStrayTask(batch, shape);
        sums.runs = runs;
        sums.debits = new uint256[](shape.buyers);
        for (uint256 i = 0; i < runs.length; i += RUN_WORDS) {
            uint256 buyer = runs[i] >> 8;
            if (buyer >= shape.buyers) _revertAtStrayTask(batch, shape);
            unchecked {
                sums.debits[buyer] += runs[i + 2];
                sums.volume += runs[i + 2];
            }
        }
        sums.credits = _byPayee(batch, shape, byNode);
    }

    /// @dev Adds each task to its node's entry and gathers the runs. `unordered` says that tasks do not
    /// ascend.
    function _readRuns(bytes calldata batch, uint256 position, uint256 feeBasisPoints, uint256 creditTable)
        private
        pure
        returns (uint256[] memory runs, bool unordered)
    {
        assembly ("memory-safe") {
            runs := mload(0x40)
            let next := add(runs, 0x20)
            let source := add(batch.offset, position)
            let end := add(batch.offset, batch.length)
            let task := calldataload(source)
            let begun := 0
            for {} lt(source, end) {} {
                // Any first run may follow the zero that stands for none; a later one must exceed the last.
                unordered := or(unordered, lt(and(task, RUN_MASK), begun))
                begun := and(task, RUN_MASK)
                let debit := 0
                let mask := 0
                for {} 1 {} {
                    let bit := shl(byte(11, task), 1)
                    unordered := or(unordered, iszero(gt(bit, mask)))
                    mask := or(mask, bit)
                    let amount := shr(192, shl(16, task))
                    debit := add(debit, amount)
                    let entry := add(creditTable, shl(5, byte(1, task)))
                    amount := sub(or(amount, ONE_TASK), div(mul(amount, feeBasisPoints), 10000))
                    mstore(entry, add(mload(entry), amount))
                    source := add(source, TASK_BYTES)
                    task := calldataload(source)
                    if or(sub(and(task, RUN_MASK), begun), iszero(lt(source, end))) { break }
                }
                mstore(next, or(shl(8, byte(0, begun)), byte(10, begun)))
                mstore(add(next, 0x20), mask)
                mstore(add(next, 0x40), debit)
                next := add(next, 0x60)
            }
            mstore(runs, shr(5, sub(sub(next, runs), 0x20)))
            mstore(0x40, next)
        }
    }

    /// @dev What the nodes earn, added up by payee, with one empty entry behind.
    function _byPayee(bytes calldata batch, Head memory shape, uint256[] memory byNode)
        private
        pure
        returns (uint256[] memory credits)
    {
        credits = new uint256[](shape.payees + 1);
        for (uint256 i = 0; i < byNode.length; ++i) {
            uint256 payee = PartyTables.number(batch, shape.nodesAt + i * NODE_BYTES + 20, 1);
            if (payee >= shape.payees) revert PartyTables.PayeeOutOfRange(i, payee);
            unchecked {
                credits[payee] += byNode[i];
            }
        }
    }

    /// @dev Zeroed memory for one entry per possible index.
    function _emptyTable() private pure returns (uint256 table) {
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, TABLE_BYTES))
            calldatacopy(table, calldatasize(), TABLE_BYTES)
        }
    }

    /// @dev The amounts of the first `count` entries, their sum, and their tasks.
    function _readTable(uint256 table, uint256 count)
        private
        pure
        returns (uint256[] memory amounts, uint256 sum, uint256 tasks)
    {
        amounts = new uint256[](count);
        assembly ("memory-safe") {
            let target := add(amounts, 0x20)
            for { let end := add(table, shl(5, count)) } lt(table, end) { table := add(table, 0x20) } {
                let entry := mload(table)
                sum := add(sum, entry)
                mstore(target, and(entry, sub(ONE_TASK, 1)))
                target := add(target, 0x20)
            }
        }
        (sum, tasks) = (uint128(sum), sum >> 128);
    }

    function _revertAtStrayTask(bytes calldata batch, Head memory shape) private pure {
        for (uint256 position = shape.tasksAt; position < batch.length; position += TASK_BYTES) {
            (uint256 buyer, uint256 node) = (uint8(batch[position]), uint8(batch[position + 1]));
            if (buyer >= shape.buyers || node >= shape.nodes) {
                revert PartyOutOfRange((position - shape.tasksAt) / TASK_BYTES, buyer, node);
            }
        }
    }

    function _revertAtUnorderedTask(bytes calldata batch, uint256 tasksAt) private pure {
        uint256 next = 0;
        for (uint256 position = tasksAt; position < batch.length; position += TASK_BYTES) {
            uint256 key =
                (uint256(uint8(batch[position])) << 16) | PartyTables.number(batch, position + 10, 2);
            if (key < next) revert TasksNotAscending((position - tasksAt) / TASK_BYTES);
            next = key + 1;
        }
    }
}
