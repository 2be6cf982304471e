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
    /// sums, and the serials: pairs of `buyer index << 8 | word counted from the base` and the mask.
    struct Tally {
        uint256[] debits;
        uint256[] credits;
        uint256 volume;
        uint256 earned;
        uint256[] marks;
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
    /// @dev The loop is what a task costs, so it decides nothing: tables have room for every index, and each
    /// entry counts its tasks above bit 128. A task with a stray index is then missing in the count of the
    /// real parties, and tasks out of order leave a flag.
    function tally(bytes calldata batch, Head memory shape, uint256 feeBasisPoints)
        internal
        pure
        returns (Tally memory sums)
    {
        (uint256 debitTable, uint256 creditTable) = (_emptyTable(), _emptyTable());
        uint256[] memory marks;
        bool unordered;
        uint256 start = shape.tasksAt;
        assembly ("memory-safe") {
            marks := mload(0x40)
            let mark := marks
            let next := 0
            let group := not(0)
            let end := add(batch.offset, batch.length)
            for { let at := add(batch.offset, start) } lt(at, end) { at := add(at, TASK_BYTES) } {
                let task := calldataload(at)
                let key := or(shl(16, byte(0, task)), and(shr(160, task), 0xffff))
                unordered := or(unordered, lt(key, next))
                next := add(key, 1)
                if sub(shr(8, key), group) {
                    group := shr(8, key)
                    mark := add(mark, 0x40)
                    mstore(sub(mark, 0x20), group)
                    mstore(mark, 0)
                }
                mstore(mark, or(mload(mark), shl(and(key, 0xff), 1)))
                let amount := shr(192, shl(16, task))
                let counted := or(amount, ONE_TASK)
                let entry := add(debitTable, shl(5, byte(0, task)))
                mstore(entry, add(mload(entry), counted))
                entry := add(creditTable, shl(5, byte(1, task)))
                mstore(entry, add(mload(entry), sub(counted, div(mul(amount, feeBasisPoints), 10000))))
            }
            mstore(marks, shr(5, sub(mark, marks)))
            mstore(0x40, add(mark, 0x20))
        }
        if (unordered) _revertAtUnorderedTask(batch, start);
        sums.marks = marks;
        uint256 tasks = (batch.length - start) / TASK_BYTES;
        uint256 debited;
        uint256 credited;
        uint256[] memory byNode;
        (sums.debits, sums.volume, debited) = _readTable(debitTable, shape.buyers);
        (byNode, sums.earned, credited) = _readTable(creditTable, shape.nodes);
        if (debited != tasks || credited != tasks) _revertAtStrayTask(batch, shape);
        sums.credits = _byPayee(batch, shape, byNode);
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
            uint256 key = (uint256(uint8(batch[position])) << 16)
                | PartyTables.number(batch, position + 10, 2);
            if (key < next) revert TasksNotAscending((position - tasksAt) / TASK_BYTES);
            next = key + 1;
        }
    }
}
