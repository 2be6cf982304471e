// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reading a packed batch of payments
/// @notice The batch, which is the public record of its tasks, is
///
///     epoch u64 ‖ buyerCount u8 ‖ nodeCount u8 ‖ buyers, 20 bytes each ‖ nodes, 20 bytes each ‖ tasks, 42 bytes each
///     task = buyer index u8 ‖ node index u8 ‖ amount u64 ‖ receipt id, 32 bytes
///
/// Written by `suanli/protocol/netting.py`. Sums cannot overflow: a batch of 2^32 bytes adds up to less than 2^96.
library PackedBatch {
    uint256 internal constant HEAD_BYTES = 10;
    uint256 internal constant PARTY_BYTES = 20;
    uint256 internal constant TASK_BYTES = 42;
    uint256 private constant BASIS_POINTS = 10_000;

    struct Head {
        uint64 epoch;
        uint256 buyers;
        uint256 nodes;
        uint256 tasksAt;
    }

    /// The batch of `length` bytes ends before its head, its party tables or its first task does.
    error BatchTooShort(uint256 length);
    /// After the last whole task `count` bytes are left.
    error TrailingBytes(uint256 count);
    /// Parties must ascend strictly, so that each stands in its table once.
    error PartiesNotAscending(address previous, address next);
    /// The task at this position names a buyer or a node that the tables do not hold.
    error PartyOutOfRange(uint256 task, uint256 buyer, uint256 node);

    /// @notice The batch's epoch and the shape of its tables. Reverts unless it holds one or more whole tasks.
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

    /// @notice The party at `position` (buyers first, then nodes), which must lie above `previous`.
    function party(bytes calldata batch, uint256 position, address previous)
        internal
        pure
        returns (address found)
    {
        found = address(uint160(_word(batch, HEAD_BYTES + position * PARTY_BYTES) >> 96));
        if (found <= previous) revert PartiesNotAscending(previous, found);
    }

    /// @notice Adds up the tasks: what each buyer pays and what each node earns after the fee, in atoms.
    /// @dev The fee of each task is rounded down by itself; the node keeps what rounding leaves over.
    function net(bytes calldata batch, Head memory shape, uint256 feeBasisPoints)
        internal
        pure
        returns (uint256[] memory debits, uint256[] memory credits)
    {
        (uint256 buyers, uint256 nodes, uint256 start) = (shape.buyers, shape.nodes, shape.tasksAt);
        debits = new uint256[](buyers);
        credits = new uint256[](nodes);
        unchecked {
            for (uint256 at = start; at < batch.length; at += TASK_BYTES) {
                uint256 word = _word(batch, at);
                uint256 buyer = word >> 248;
                uint256 node = uint8(word >> 240);
                if (buyer >= buyers || node >= nodes) {
                    revert PartyOutOfRange((at - start) / TASK_BYTES, buyer, node);
                }
                uint256 amount = uint64(word >> 176);
                debits[buyer] += amount;
                credits[node] += amount - amount * feeBasisPoints / BASIS_POINTS;
            }
        }
    }

    /// @dev 32 bytes of the batch from `at`; callers stay inside the batch with the bytes they use.
    function _word(bytes calldata batch, uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(batch.offset, at))
        }
    }
}
