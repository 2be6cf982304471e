// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaidSerials, SerialBits} from "./PaidSerials.sol";
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
    using SerialBits for PaidSerials;

    uint256 private constant HEAD_BYTES = 11;
    uint256 private constant ACCOUNT_BYTES = 20;
    uint256 private constant NODE_BYTES = 29;
    uint256 private constant MASK_BYTES = 32;
    uint256 private constant TASK_BYTES = 25;
    uint256 private constant BASIS_POINTS = 10_000;
    /// Where a node's payee stands in its row, and its number of words behind that.
    uint256 private constant PAYEE_AT = 20;
    uint256 private constant WORDS_AT = 8;

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
        return PartyTables.read(
            batch, HEAD_BYTES, shape.buyers, ACCOUNT_BYTES, PartyTables.NO_AMOUNT, PartyTables.INDEXES
        );
    }

    /// @notice The accounts that are paid, ascending, with nothing earned yet and room for every index.
    function payees(bytes calldata batch, Head memory shape) internal pure returns (Posting[] memory) {
        return PartyTables.read(
            batch, shape.payeesAt, shape.payees, ACCOUNT_BYTES, PartyTables.NO_AMOUNT, PartyTables.INDEXES
        );
    }

    /// @notice Requires the nodes to ascend and to be the last of the signers.
    function requireSigners(bytes calldata batch, Head memory shape, address[] memory signers) internal pure {
        PartyTables.requireSigners(batch, shape.nodesAt, shape.nodes, NODE_BYTES, signers);
    }

    /// @notice Adds every task to what its buyer pays and, less the fee, to what its node's payee earns; the
    /// fee is rounded down for each task by itself, the node keeps what rounding leaves over. `masks` are
    /// those of the nodes' words, one after the other; `earned` is the sum of all credits.
    /// @dev The inner loop is what a task costs, so it decides nothing: the tables have room for every index,
    /// and a stray one leaves a flag. Where a mask or a task lacks, what stands behind the batch is read, and
    /// refused afterwards, because the batch ends exactly with its last task.
    function tally(
        bytes calldata batch,
        Head memory shape,
        uint256 feeBasisPoints,
        Posting[] memory debits,
        Posting[] memory credits
    ) internal pure returns (uint256[] memory masks, uint256 earned) {
        uint256 end;
        bool stray;
        (uint256 row, uint256 wordsAt) = (shape.nodesAt + PAYEE_AT, shape.wordsAt);
        assembly ("memory-safe") {
            let lastBuyer := sub(mload(debits), 1)
            let lastPayee := sub(mload(credits), 1)
            masks := mload(0x40)
            let next := masks
            end := add(batch.offset, wordsAt)
            let rowsEnd := end
            for { row := add(batch.offset, row) } lt(row, rowsEnd) { row := add(row, NODE_BYTES) } {
                let sum := 0
                for { let words := byte(WORDS_AT, calldataload(row)) } words { words := sub(words, 1) } {
                    let mask := calldataload(end)
                    next := add(next, 0x20)
                    mstore(next, mask)
                    end := add(end, MASK_BYTES)
                    for {} mask { mask := and(mask, sub(mask, 1)) } {
                        let task := calldataload(end)
                        let buyer := byte(0, task)
                        stray := or(stray, sgt(buyer, lastBuyer))
                        let debit := add(add(debits, 0x20), shl(5, buyer))
                        let amount := shr(192, shl(8, task))
                        mstore(debit, add(mload(debit), amount))
                        sum := add(sum, sub(amount, div(mul(amount, feeBasisPoints), BASIS_POINTS)))
                        end := add(end, TASK_BYTES)
                    }
                }
                let payee := byte(0, calldataload(row))
                stray := or(stray, sgt(payee, lastPayee))
                let credit := add(add(credits, 0x20), shl(5, payee))
                mstore(credit, add(mload(credit), sum))
                earned := add(earned, sum)
            }
            mstore(masks, shr(5, sub(next, masks)))
            mstore(0x40, add(next, 0x20))
            end := sub(end, batch.offset)
        }
        if (stray) _revertAtStray(batch, shape);
        if (end != batch.length) revert BatchLength(end, batch.length);
        if (end == wordsAt + masks.length * MASK_BYTES) revert NoTasks();
    }

    /// @notice Marks the serials that the nodes' `masks` name.
    function markAll(
        bytes calldata batch,
        Head memory shape,
        uint256[] memory masks,
        PaidSerials storage paid
    ) internal {
        unchecked {
            uint256 place = 0;
            for (uint256 position = shape.nodesAt; position < shape.wordsAt; position += NODE_BYTES) {
                uint256 row = PartyTables.word(batch, position);
                address node = address(uint160(row >> 96));
                uint256 word = uint56(row >> 32);
                for (uint256 end = word + uint8(row >> 24); word < end; ++word) {
                    paid.mark(node, word, masks[place]);
                    ++place;
                }
            }
        }
    }

    /// @dev Says which node's payee or which task's buyer it was that the tables do not hold.
    function _revertAtStray(bytes calldata batch, Head memory shape) private pure {
        uint256 position = shape.wordsAt;
        for (uint256 i = 0; i < shape.nodes; ++i) {
            uint256 row = PartyTables.word(batch, shape.nodesAt + i * NODE_BYTES + PAYEE_AT);
            uint256 payee = row >> 248;
            if (payee >= shape.payees) revert PartyTables.PayeeOutOfRange(i, payee);
            for (uint256 words = uint8(row >> 184); words > 0; --words) {
                uint256 mask = PartyTables.word(batch, position);
                position += MASK_BYTES;
                for (; mask != 0; mask &= mask - 1) {
                    uint256 buyer = PartyTables.word(batch, position) >> 248;
                    if (buyer >= shape.buyers) revert BuyerOutOfRange(position, buyer);
                    position += TASK_BYTES;
                }
            }
        }
    }
}
