// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackedBatch} from "./PackedBatch.sol";
import {PartyTables} from "./PartyTables.sol";

/// @title Reading a packed batch that lists sums and a root instead of tasks
/// @notice The batch is
///
///     batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8 ‖ tasks u32 ‖ root, 32 bytes
///             ‖ buyers ‖ payees ‖ nodes ‖ masks
///     buyer = address, 20 bytes ‖ debit u64 ‖ base u64 ‖ words u8
///     payee = address, 20 bytes
///     node  = address, 20 bytes ‖ payee index u8 ‖ gross u64
///     mask  = 32 bytes for each of the buyers' words, in the buyers' order
///
/// Written by `suanli/protocol/root_netting.py`.
library RootBatch {
    uint256 private constant HEAD_BYTES = 47;
    uint256 private constant BUYER_BYTES = 37;
    uint256 private constant PAYEE_BYTES = 20;
    uint256 private constant NODE_BYTES = 29;
    uint256 private constant BASIS_POINTS = 10_000;

    struct Head {
        uint64 epoch;
        uint32 tasks;
        bytes32 root;
        uint256 buyers;
        uint256 payees;
        uint256 nodes;
        uint256 payeesAt;
        uint256 nodesAt;
        uint256 masksAt;
    }

    /// A batch is for one task or more.
    error NoTasks();
    /// The batch has another length than its tables and its buyers' words need.
    error RootBatchLength(uint256 expected, uint256 given);

    /// @notice The batch's epoch, tasks and root and the shape of its tables.
    function head(bytes calldata batch) internal pure returns (Head memory found) {
        if (batch.length < HEAD_BYTES) revert PackedBatch.BatchTooShort(batch.length);
        found.epoch = uint64(bytes8(batch));
        found.buyers = uint8(batch[8]);
        found.payees = uint8(batch[9]);
        found.nodes = uint8(batch[10]);
        found.tasks = uint32(PartyTables.number(batch, 11, 4));
        found.root = bytes32(PartyTables.number(batch, 15, 32));
        found.payeesAt = HEAD_BYTES + found.buyers * BUYER_BYTES;
        found.nodesAt = found.payeesAt + found.payees * PAYEE_BYTES;
        found.masksAt = found.nodesAt + found.nodes * NODE_BYTES;
        if (found.tasks == 0) revert NoTasks();
        if (batch.length < found.masksAt) revert PackedBatch.BatchTooShort(batch.length);
        uint256 expected = found.masksAt;
        for (uint256 i = 0; i < found.buyers; ++i) {
            expected += wordsOf(batch, i) * 32;
        }
        if (batch.length != expected) revert RootBatchLength(expected, batch.length);
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

    /// @notice The first word of a buyer's serials.
    function firstWordOf(bytes calldata batch, uint256 buyer) internal pure returns (uint256) {
        uint256 base = PartyTables.number(batch, HEAD_BYTES + buyer * BUYER_BYTES + 28, 8);
        if (base % 256 != 0) revert PackedBatch.BaseNotAligned(buyer, base);
        return base >> 8;
    }

    /// @notice How many words a buyer's serials take.
    function wordsOf(bytes calldata batch, uint256 buyer) internal pure returns (uint256) {
        return PartyTables.number(batch, HEAD_BYTES + buyer * BUYER_BYTES + 36, 1);
    }

    /// @notice What each buyer pays, in atoms.
    function debits(bytes calldata batch, Head memory shape) internal pure returns (uint256[] memory sums) {
        sums = new uint256[](shape.buyers);
        for (uint256 i = 0; i < sums.length; ++i) {
            sums[i] = PartyTables.number(batch, HEAD_BYTES + i * BUYER_BYTES + 20, 8);
        }
    }

    /// @notice What each payee earns, in atoms, after the fee, with one more entry for the fee, which is
    /// rounded down for each node; and the sum of all.
    function credits(bytes calldata batch, Head memory shape, uint256 feeBasisPoints)
        internal
        pure
        returns (uint256[] memory sums, uint256 volume, uint256 fee)
    {
        sums = new uint256[](shape.payees + 1);
        for (uint256 i = 0; i < shape.nodes; ++i) {
            uint256 row = shape.nodesAt + i * NODE_BYTES;
            uint256 payee = PartyTables.number(batch, row + 20, 1);
            uint256 gross = PartyTables.number(batch, row + 21, 8);
            if (payee >= shape.payees) revert PartyTables.PayeeOutOfRange(i, payee);
            uint256 part = gross * feeBasisPoints / BASIS_POINTS;
            sums[payee] += gross - part;
            volume += gross;
            fee += part;
        }
        sums[shape.payees] = fee;
    }
}
