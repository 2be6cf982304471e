// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reading a packed batch of payments
/// @notice The batch, which is the public record of its tasks, is
///
///     batch = epoch u64 ‖ buyerCount u8 ‖ nodeCount u8 ‖ buyers ‖ nodes ‖ tasks
///     party = address, 20 bytes
///     task  = buyer index u8 ‖ node index u8 ‖ amount u64 ‖ receipt id, 32 bytes
///
/// Written by `suanli/protocol/netting.py`. Sums cannot overflow: a batch of 2^32 bytes adds up to less
/// than 2^96.
library PackedBatch {
    uint256 private constant HEAD_BYTES = 10;
    uint256 private constant PARTY_BYTES = 20;
    uint256 private constant TASK_BYTES = 42;
    uint256 private constant TABLE_BYTES = 256 * 32;
    uint256 private constant ONE_TASK = 1 << 128;

    struct Head {
        uint64 epoch;
        uint256 buyers;
        uint256 nodes;
        uint256 tasksAt;
    }

    /// What each buyer pays, what each node earns after the fee (one more entry, empty, for the fee), and
    /// the sums.
    struct Tally {
        uint256[] debits;
        uint256[] credits;
        uint256 volume;
        uint256 earned;
    }

    /// The batch of `length` bytes ends before its head, its party tables or its first task does.
    error BatchTooShort(uint256 length);
    /// After the last whole task `count` bytes are left.
    error TrailingBytes(uint256 count);
    /// Parties must ascend strictly, so that each stands in its table once.
    error PartiesNotAscending(address previous, address next);
    /// The task at this position names a buyer or a node that the tables do not hold.
    error PartyOutOfRange(uint256 task, uint256 buyer, uint256 node);

    /// @notice The batch's epoch and the shape of its tables. Reverts unless it holds one or more whole
    /// tasks.
    function head(bytes calldata batch) internal pure returns (Head memory found) {
        if (batch.length < HEAD_BYTES) revert BatchTooShort(batch.length);
        found.epoch = uint64(bytes8(batch));
        found.buyers = uint8(batch[8]);
        found.nodes = uint8(batch[9]);
        found.tasksAt = HEAD_BYTES + (found.buyers + found.nodes) * PARTY_BYTES;
        if (batch.length < found.tasksAt + TASK_BYTES) revert BatchTooShort(batch.length);
        uint256 rest = (batch.length - found.tasksAt) % TASK_BYTES;
        if (rest != 0) revert TrailingBytes(rest);
    }

    /// @notice keccak256 of the batch.
    /// @dev Hashes in memory that stays free, so that the tables that follow do not lie behind a copy of
    /// the batch.
    function hash(bytes calldata batch) internal pure returns (bytes32 found) {
        assembly ("memory-safe") {
            let copy := mload(0x40)
            calldatacopy(copy, batch.offset, batch.length)
            found := keccak256(copy, batch.length)
        }
    }

    /// @notice The accounts that pay, ascending.
    function buyers(bytes calldata batch, Head memory shape) internal pure returns (address[] memory) {
        return _table(batch, HEAD_BYTES, shape.buyers);
    }

    /// @notice The nodes that are paid, ascending.
    function nodes(bytes calldata batch, Head memory shape) internal pure returns (address[] memory) {
        return _table(batch, HEAD_BYTES + shape.buyers * PARTY_BYTES, shape.nodes);
    }

    /// @notice Adds up the tasks by party, in atoms. The fee of each task is rounded down by itself; the
    /// node keeps what rounding leaves over.
    /// @dev This loop is what a task costs, so it checks nothing: tables have room for every index, and
    /// each entry counts its tasks above bit 128. A task with a stray index is then missing in the count of
    /// the real parties.
    function tally(bytes calldata batch, Head memory shape, uint256 feeBasisPoints)
        internal
        pure
        returns (Tally memory sums)
    {
        (uint256 debitTable, uint256 creditTable) = (_emptyTable(), _emptyTable());
        uint256 start = shape.tasksAt;
        assembly ("memory-safe") {
            let end := add(batch.offset, batch.length)
            for { let at := add(batch.offset, start) } lt(at, end) { at := add(at, TASK_BYTES) } {
                let task := calldataload(at)
                let amount := shr(192, shl(16, task))
                let counted := or(amount, ONE_TASK)
                let entry := add(debitTable, shl(5, byte(0, task)))
                mstore(entry, add(mload(entry), counted))
                entry := add(creditTable, shl(5, byte(1, task)))
                mstore(entry, add(mload(entry), sub(counted, div(mul(amount, feeBasisPoints), 10000))))
            }
        }
        uint256 tasks = (batch.length - start) / TASK_BYTES;
        uint256 debited;
        uint256 credited;
        (sums.debits, sums.volume, debited) = _readTable(debitTable, shape.buyers, 0);
        (sums.credits, sums.earned, credited) = _readTable(creditTable, shape.nodes, 1);
        if (debited != tasks || credited != tasks) _revertAtStrayTask(batch, shape);
    }

    /// @dev Zeroed memory for one entry per possible index.
    function _emptyTable() private pure returns (uint256 table) {
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, TABLE_BYTES))
            calldatacopy(table, calldatasize(), TABLE_BYTES)
        }
    }

    /// @dev The amounts of the first `count` entries with `spare` empty ones behind, their sum, and their
    /// tasks.
    function _readTable(uint256 table, uint256 count, uint256 spare)
        private
        pure
        returns (uint256[] memory amounts, uint256 sum, uint256 tasks)
    {
        amounts = new uint256[](count + spare);
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

    /// @dev `count` addresses from byte `position`; `head` has checked that the batch holds them.
    function _table(bytes calldata batch, uint256 position, uint256 count)
        private
        pure
        returns (address[] memory parties)
    {
        parties = new address[](count);
        address previous;
        address party;
        bool ascending = true;
        assembly ("memory-safe") {
            let source := add(batch.offset, position)
            let entry := add(parties, 0x20)
            for { let end := add(entry, shl(5, count)) } lt(entry, end) { entry := add(entry, 0x20) } {
                party := shr(96, calldataload(source))
                if iszero(gt(party, previous)) {
                    ascending := 0
                    break
                }
                mstore(entry, party)
                previous := party
                source := add(source, PARTY_BYTES)
            }
        }
        if (!ascending) revert PartiesNotAscending(previous, party);
    }
}
