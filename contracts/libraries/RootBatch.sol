// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PackedBatch} from "./PackedBatch.sol";
import {PaidSerials, SerialBits} from "./PaidSerials.sol";
import {PartyTables} from "./PartyTables.sol";
import {Posting} from "./Postings.sol";

/// @title Reading a packed batch that lists sums and a root instead of tasks
/// @notice The batch is
///
///     batch = epoch u64 ‖ buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8 ‖ tasks u32 ‖ root, 32 bytes
///             ‖ buyers ‖ payees ‖ nodes ‖ masks
///     buyer = address, 20 bytes ‖ debit u64
///     payee = address, 20 bytes
///     node  = address, 20 bytes ‖ payee index u8 ‖ gross u64 ‖ first word u56 ‖ words u8
///     mask  = 32 bytes for each of the nodes' words, in the nodes' order
///
/// Bit b of word w is the node's serial 256 w + b; the root is over the receipts by node and serial. Written
/// by `suanli/protocol/root_netting.py`.
library RootBatch {
    using SerialBits for PaidSerials;

    uint256 private constant HEAD_BYTES = 47;
    uint256 private constant BUYER_BYTES = 28;
    uint256 private constant PAYEE_BYTES = 20;
    uint256 private constant NODE_BYTES = 37;
    uint256 private constant FIRST_WORD_AT = 29;
    /// Of a node's row, from its payee on.
    uint256 private constant WORDS_AT = 16;
    uint256 private constant MASK_BYTES = 32;
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

    /// @notice The batch's epoch, tasks and root and the shape of its tables.
    function head(bytes calldata batch) internal pure returns (Head memory found) {
        if (batch.length < HEAD_BYTES) revert PackedBatch.BatchTooShort(batch.length);
        uint256 word = PartyTables.number(batch, 0, 15);
        found.epoch = uint64(word >> 56);
        (found.buyers, found.payees, found.nodes) = (uint8(word >> 48), uint8(word >> 40), uint8(word >> 32));
        found.tasks = uint32(word);
        found.root = bytes32(PartyTables.number(batch, 15, 32));
        unchecked {
            found.payeesAt = HEAD_BYTES + found.buyers * BUYER_BYTES;
            found.nodesAt = found.payeesAt + found.payees * PAYEE_BYTES;
            found.masksAt = found.nodesAt + found.nodes * NODE_BYTES;
        }
        if (found.tasks == 0) revert PackedBatch.NoTasks();
        if (batch.length < found.masksAt) revert PackedBatch.BatchTooShort(batch.length);
    }

    /// @notice The accounts that pay, ascending, with what they pay.
    function buyers(bytes calldata batch, Head memory shape) internal pure returns (Posting[] memory) {
        return PartyTables.read(
            batch, HEAD_BYTES, shape.buyers, BUYER_BYTES, PartyTables.UINT64_AMOUNT, shape.buyers
        );
    }

    /// @notice The accounts that are paid, ascending, with nothing earned yet and room for every index.
    function payees(bytes calldata batch, Head memory shape) internal pure returns (Posting[] memory) {
        return PartyTables.read(
            batch, shape.payeesAt, shape.payees, PAYEE_BYTES, PartyTables.NO_AMOUNT, PartyTables.INDEXES
        );
    }

    /// @notice Requires the nodes to ascend and to be the last of the signers.
    function requireSigners(bytes calldata batch, Head memory shape, address[] memory signers) internal pure {
        PartyTables.requireSigners(batch, shape.nodesAt, shape.nodes, NODE_BYTES, signers);
    }

    /// @notice Adds what each node earns to its payee's part, after the fee, which is rounded down for each
    /// node; also the sums of all. Requires the batch to end with the last of the nodes' masks.
    function addEarned(
        bytes calldata batch,
        Head memory shape,
        uint256 feeBasisPoints,
        Posting[] memory credits
    ) internal pure returns (uint256 volume, uint256 fee) {
        (uint256 end, uint256 masksAt, uint256 row) =
            (shape.masksAt, shape.masksAt, shape.nodesAt + PAYEE_BYTES);
        bool stray;
        assembly ("memory-safe") {
            let lastPayee := sub(mload(credits), 1)
            for {} lt(row, masksAt) { row := add(row, NODE_BYTES) } {
                let rest := calldataload(add(batch.offset, row))
                let payee := byte(0, rest)
                stray := or(stray, sgt(payee, lastPayee))
                let gross := shr(192, shl(8, rest))
                let part := div(mul(gross, feeBasisPoints), BASIS_POINTS)
                let credit := add(add(credits, 0x20), shl(5, payee))
                mstore(credit, add(mload(credit), sub(gross, part)))
                volume := add(volume, gross)
                fee := add(fee, part)
                end := add(end, mul(MASK_BYTES, byte(WORDS_AT, rest)))
            }
        }
        if (stray) _revertAtStrayPayee(batch, shape);
        if (end != batch.length) revert PackedBatch.BatchLength(end, batch.length);
    }

    /// @notice Marks the serials of all masks and counts them.
    /// @dev `addEarned` has checked that the batch holds the masks.
    function markAll(bytes calldata batch, Head memory shape, PaidSerials storage paid)
        internal
        returns (uint256 serials)
    {
        unchecked {
            uint256 position = shape.masksAt;
            for (uint256 row = shape.nodesAt; row < shape.masksAt; row += NODE_BYTES) {
                address node = address(uint160(PartyTables.word(batch, row) >> 96));
                uint256 words = PartyTables.word(batch, row + FIRST_WORD_AT);
                uint256 word = words >> 200;
                for (uint256 end = word + uint8(words >> 192); word < end; ++word) {
                    uint256 mask = PartyTables.word(batch, position);
                    paid.mark(node, word, mask);
                    serials += SerialBits.ones(mask);
                    position += MASK_BYTES;
                }
            }
        }
    }

    function _revertAtStrayPayee(bytes calldata batch, Head memory shape) private pure {
        uint256 place = 0;
        while (_payeeAt(batch, shape, place) < shape.payees) ++place;
        revert PartyTables.PayeeOutOfRange(place, _payeeAt(batch, shape, place));
    }

    function _payeeAt(bytes calldata batch, Head memory shape, uint256 place) private pure returns (uint256) {
        return PartyTables.number(batch, shape.nodesAt + place * NODE_BYTES + PAYEE_BYTES, 1);
    }
}
