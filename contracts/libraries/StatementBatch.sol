// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";
import {PackedBatch} from "./PackedBatch.sol";
import {SerialBits} from "./PaidSerials.sol";
import {PartyTables} from "./PartyTables.sol";

/// @title Reading a packed batch of bilateral statements
/// @notice The batch, which is the public record of its statements, is
///
///     batch = buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8 ‖ buyers ‖ payees ‖ nodes ‖ rows
///     buyer = address, 20 bytes
///     payee = address, 20 bytes
///     node  = address, 20 bytes ‖ payee index u8
///     row   = buyer index u8 ‖ node index u8 ‖ amount u64 ‖ word u64 ‖ mask, 32 bytes
///             ‖ receipts' root, 32 bytes ‖ buyer's signature, 64 bytes ‖ node's signature, 64 bytes
///
/// A row is the Statement of the serials that `word` and `mask` name, and these two, as they stand there, are
/// its marks. Written by `suanli/protocol/statement_batches.py`. Sums cannot overflow: a batch of 2^32 bytes
/// adds up to less than 2^96.
/// @dev What a row costs beyond its signatures and its storage is what this file is made for: rows are read
/// one after the other into the same memory, at places fixed beforehand, where everything already lies as it
/// is hashed or sent. The tables of buyers and payees are the postings themselves: an account above what it
/// pays or receives so far. Behind them stand the nodes, each with its payee's index in the lowest byte.
library StatementBatch {
    uint256 internal constant ROW_BYTES = 210;
    uint256 private constant HEAD_BYTES = 3;
    uint256 private constant ACCOUNT_BYTES = 20;
    uint256 private constant NODE_BYTES = 21;
    uint256 private constant MARKS_BYTES = 40;
    uint256 private constant DIGEST_BYTES = 66;
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    // Where the parts of a row stand in the batch, from the row's first byte on.
    uint256 private constant WORD_AT = 10;
    uint256 private constant MASK_AT = 18;
    uint256 private constant ROOT_AT = 50;
    uint256 private constant BUYER_R_AT = 82;
    uint256 private constant BUYER_VS_AT = 114;
    uint256 private constant NODE_R_AT = 146;
    uint256 private constant NODE_VS_AT = 178;

    // Places in memory, above what the compiler may keep for itself. First the Statement, as EIP-712 has it.
    uint256 private constant TYPE_HASH = 0x280;
    uint256 private constant BUYER = 0x2a0;
    uint256 private constant NODE = 0x2c0;
    uint256 private constant PAYEE = 0x2e0;
    uint256 private constant AMOUNT = 0x300;
    uint256 private constant RECEIPTS = 0x320;
    uint256 private constant ROOT = 0x340;
    uint256 private constant MARKS = 0x360;
    uint256 private constant STATEMENT_BYTES = 0x100;
    // What its digest is the hash of: 0x1901, the domain separator, the struct hash.
    uint256 private constant PREFIX = 0x380;
    uint256 private constant SEPARATOR = 0x382;
    uint256 private constant STRUCT_HASH = 0x3a2;
    // What ecrecover takes, and what it found.
    uint256 private constant DIGEST = 0x3e0;
    uint256 private constant V = 0x400;
    uint256 private constant R = 0x420;
    uint256 private constant S = 0x440;
    uint256 private constant BUYER_SIGNER = 0x460;
    uint256 private constant NODE_SIGNER = 0x480;
    // Where the tables of payees and nodes are.
    uint256 private constant CREDITS_POINTER = 0x4a0;
    uint256 private constant NODES_POINTER = 0x4c0;
    // The call of Ledger.postLines, without the credits, which follow the debits.
    uint256 private constant SELECTOR = 0x4e0;
    uint256 private constant CALL = 0x4fc;
    uint256 private constant ARGUMENTS = 0x500;
    uint256 private constant CREDITS_OFFSET = 0x520;
    uint256 private constant DEBITS = 0x540;
    uint256 private constant FIRST_DEBIT = 0x560;

    /// After the last whole row `count` bytes are left.
    error TrailingRowBytes(uint256 count);
    /// The row at byte `place` names a buyer or a node that the tables do not hold.
    error RowOutOfRange(uint256 place, uint256 buyer, uint256 node);

    /// @notice Lays the batch's parties out. Its rows begin at byte `rowsAt`: one or more whole ones, or this
    /// reverts. `typeHash` is that of a Statement.
    /// @dev To be called before anything else is put into memory.
    function open(bytes calldata batch, bytes32 typeHash, bytes32 separator)
        internal
        pure
        returns (uint256 rowsAt)
    {
        bytes4 selector = ILedger.postLines.selector;
        assembly ("memory-safe") {
            if gt(mload(0x40), TYPE_HASH) { invalid() }
            mstore(TYPE_HASH, typeHash)
            mstore(PREFIX, shl(240, 0x1901))
            mstore(SEPARATOR, separator)
            mstore(SELECTOR, shr(224, selector))
            mstore(ARGUMENTS, 0x40)
        }
        bool wellFormed;
        (rowsAt, wellFormed) = _layTables(batch);
        if (!wellFormed) _revertForm(batch);
    }

    /// @notice Reads the row at byte `place`, and adds its amount to what its buyer pays and its payee
    /// receives. `plain` says that all is well without a delegate: it names parties of the tables and one
    /// serial or more, and buyer and node themselves signed. Otherwise the caller looks closer. The caller
    /// has checked that the batch holds the row.
    function read(bytes calldata batch, uint256 place)
        internal
        view
        returns (address node, uint256 word, uint256 mask, uint256 amount, bool plain)
    {
        bool several;
        assembly ("memory-safe") {
            mask := calldataload(add(batch.offset, add(place, MASK_AT)))
            // A mask of one task, the commonest, need not be counted.
            several := and(mask, sub(mask, 1))
        }
        uint256 receipts = several ? SerialBits.ones(mask) : 1;
        bool inRange;
        (node, word, amount, inRange) = _layRow(batch, place, receipts);
        if (inRange) {
            bool signed = _recoverSigners(batch, place);
            assembly ("memory-safe") {
                plain := and(signed, iszero(iszero(mask)))
            }
        }
    }

    /// @notice Reverts unless the row at byte `place` names parties that the tables hold.
    function requireInRange(bytes calldata batch, uint256 place) internal pure {
        (uint256 buyer, uint256 node) = (uint8(batch[place]), uint8(batch[place + 1]));
        if (buyer >= uint8(batch[0]) || node >= uint8(batch[2])) revert RowOutOfRange(place, buyer, node);
    }

    /// @notice Who the row that was read last names, and whose keys signed it for them; zero for a malleable
    /// or void signature.
    function signers()
        internal
        pure
        returns (address buyer, address buyerSigner, address node, address nodeSigner)
    {
        assembly ("memory-safe") {
            buyer := mload(BUYER)
            buyerSigner := mload(BUYER_SIGNER)
            node := mload(NODE)
            nodeSigner := mload(NODE_SIGNER)
        }
    }

    /// @notice Posts what all rows that were read add up to: `ledger.postLines(debits, credits)`. Reverts as
    /// that does.
    function post(ILedger ledger) internal {
        assembly ("memory-safe") {
            if iszero(call(gas(), ledger, 0, CALL, sub(mload(NODES_POINTER), CALL), 0, 0)) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }

    function _layTables(bytes calldata batch) private pure returns (uint256 rowsAt, bool wellFormed) {
        assembly ("memory-safe") {
            function table(good, from, count, to) -> ascending, end {
                let previous := 0
                ascending := good
                mstore(to, count)
                end := add(to, 0x20)
                for { let last := add(end, shl(5, count)) } lt(end, last) { end := add(end, 0x20) } {
                    let account := shl(96, shr(96, calldataload(from)))
                    ascending := and(ascending, gt(account, previous))
                    mstore(end, account)
                    previous := account
                    from := add(from, ACCOUNT_BYTES)
                }
            }

            let counts := calldataload(batch.offset)
            let payees := byte(1, counts)
            let nodes := byte(2, counts)
            let payeesAt := add(HEAD_BYTES, mul(ACCOUNT_BYTES, byte(0, counts)))
            let nodesAt := add(payeesAt, mul(ACCOUNT_BYTES, payees))
            rowsAt := add(nodesAt, mul(NODE_BYTES, nodes))
            let rest := mod(sub(batch.length, rowsAt), ROW_BYTES)
            wellFormed := and(gt(batch.length, rowsAt), iszero(rest))

            let entry
            wellFormed, entry := table(wellFormed, add(batch.offset, HEAD_BYTES), byte(0, counts), DEBITS)
            mstore(CREDITS_POINTER, entry)
            mstore(CREDITS_OFFSET, sub(entry, ARGUMENTS))
            wellFormed, entry := table(wellFormed, add(batch.offset, payeesAt), payees, entry)
            mstore(NODES_POINTER, entry)
            mstore(entry, nodes)
            let source := add(batch.offset, nodesAt)
            let previous := 0
            for { let last := add(entry, shl(5, nodes)) } lt(entry, last) {} {
                entry := add(entry, 0x20)
                let node := shr(88, calldataload(source))
                mstore(entry, node)
                wellFormed := and(wellFormed, lt(and(0xff, node), payees))
                node := shr(8, node)
                wellFormed := and(wellFormed, gt(node, previous))
                previous := node
                source := add(source, NODE_BYTES)
            }
            mstore(0x40, add(entry, 0x20))
        }
    }

    /// @dev Everything of a row but its signatures, up to its digest. Does nothing for a row out of range.
    function _layRow(bytes calldata batch, uint256 place, uint256 receipts)
        private
        pure
        returns (address node, uint256 word, uint256 amount, bool inRange)
    {
        assembly ("memory-safe") {
            let source := add(batch.offset, place)
            let head := calldataload(source)
            let nodes := mload(NODES_POINTER)
            inRange := and(lt(byte(0, head), mload(DEBITS)), lt(byte(1, head), mload(nodes)))
            if inRange {
                amount := shr(192, shl(16, head))
                word := shr(192, shl(80, head))
                node := mload(add(nodes, shl(5, add(byte(1, head), 1))))
                let entry := add(mload(CREDITS_POINTER), shl(5, add(and(0xff, node), 1)))
                node := shr(8, node)
                let posting := mload(entry)
                mstore(entry, add(posting, amount))
                mstore(PAYEE, shr(96, posting))
                entry := add(FIRST_DEBIT, shl(5, byte(0, head)))
                posting := mload(entry)
                mstore(entry, add(posting, amount))
                mstore(BUYER, shr(96, posting))
                mstore(NODE, node)
                mstore(AMOUNT, amount)
                mstore(RECEIPTS, receipts)
                mstore(ROOT, calldataload(add(source, ROOT_AT)))
                calldatacopy(0, add(source, WORD_AT), MARKS_BYTES)
                mstore(MARKS, keccak256(0, MARKS_BYTES))
                mstore(STRUCT_HASH, keccak256(TYPE_HASH, STATEMENT_BYTES))
                mstore(DIGEST, keccak256(PREFIX, DIGEST_BYTES))
            }
        }
    }

    /// @dev Whether buyer and node themselves signed the row.
    function _recoverSigners(bytes calldata batch, uint256 place) private view returns (bool signed) {
        assembly ("memory-safe") {
            // ecrecover returns nothing for a void signature: the signer stays zero.
            mstore(BUYER_SIGNER, 0)
            mstore(NODE_SIGNER, 0)
            let source := add(batch.offset, place)
            let vs := calldataload(add(source, BUYER_VS_AT))
            let s := shr(1, shl(1, vs))
            mstore(V, add(shr(255, vs), 27))
            mstore(R, calldataload(add(source, BUYER_R_AT)))
            mstore(S, s)
            if iszero(gt(s, HALF_ORDER)) {
                pop(staticcall(gas(), 1, DIGEST, 0x80, BUYER_SIGNER, 0x20))
            }
            vs := calldataload(add(source, NODE_VS_AT))
            s := shr(1, shl(1, vs))
            mstore(V, add(shr(255, vs), 27))
            mstore(R, calldataload(add(source, NODE_R_AT)))
            mstore(S, s)
            if iszero(gt(s, HALF_ORDER)) {
                pop(staticcall(gas(), 1, DIGEST, 0x80, NODE_SIGNER, 0x20))
            }
            let strange := xor(mload(BUYER_SIGNER), mload(BUYER))
            signed := iszero(or(strange, xor(mload(NODE_SIGNER), mload(NODE))))
        }
    }

    /// @dev Says what is wrong with the batch's length or tables.
    function _revertForm(bytes calldata batch) private pure {
        if (batch.length < HEAD_BYTES) revert PackedBatch.BatchTooShort(batch.length);
        (uint256 buyers, uint256 payees, uint256 nodes) = (uint8(batch[0]), uint8(batch[1]), uint8(batch[2]));
        uint256 payeesAt = HEAD_BYTES + buyers * ACCOUNT_BYTES;
        uint256 nodesAt = payeesAt + payees * ACCOUNT_BYTES;
        uint256 rowsAt = nodesAt + nodes * NODE_BYTES;
        if (batch.length < rowsAt + ROW_BYTES) revert PackedBatch.BatchTooShort(batch.length);
        uint256 rest = (batch.length - rowsAt) % ROW_BYTES;
        if (rest != 0) revert TrailingRowBytes(rest);
        PartyTables.read(batch, HEAD_BYTES, buyers, ACCOUNT_BYTES, PartyTables.NO_AMOUNT, buyers);
        PartyTables.read(batch, payeesAt, payees, ACCOUNT_BYTES, PartyTables.NO_AMOUNT, payees);
        PartyTables.read(batch, nodesAt, nodes, NODE_BYTES, PartyTables.NO_AMOUNT, nodes);
        for (uint256 i = 0; i < nodes; ++i) {
            uint256 payee = PartyTables.number(batch, nodesAt + i * NODE_BYTES + ACCOUNT_BYTES, 1);
            if (payee >= payees) revert PartyTables.PayeeOutOfRange(i, payee);
        }
    }
}
