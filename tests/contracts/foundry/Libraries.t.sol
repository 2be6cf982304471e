// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Account, Accounts} from "../../../contracts/libraries/Accounts.sol";
import {PackedBatch} from "../../../contracts/libraries/PackedBatch.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {PartyTables} from "../../../contracts/libraries/PartyTables.sol";
import {Posting, Postings} from "../../../contracts/libraries/Postings.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {vm} from "./Vm.sol";

/// @title The libraries written for gas agree with plain Solidity
contract LibrariesTest {
    using Accounts for Account;
    using Postings for Posting[];

    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    uint256 private constant MOST_TASKS = 40;
    /// From one task's serial to the next one's: forty tasks reach into a second word.
    uint256 private constant STEP = 11;

    Account private _account;

    /// Sums, masks and credits are what a plain loop over the tasks finds.
    function testFuzz_TallyFindsWhatAPlainLoopFinds(
        uint8[3] calldata counts,
        uint16 fee,
        bytes32[] calldata seeds
    ) external view {
        vm.assume(seeds.length > 0 && seeds.length <= MOST_TASKS);
        fee = fee % 1001;
        (uint256 buyers, uint256 payees, uint256 nodes) = _counts(counts);
        (uint256[] memory debits, uint256[] memory credits) = (new uint256[](buyers), new uint256[](payees));
        uint256[] memory masks = new uint256[](2 * nodes);
        uint256 left;
        for (uint256 i = 0; i < seeds.length; ++i) {
            (uint256 buyer, uint256 node, uint256 amount) = _task(seeds[i], buyers, nodes);
            debits[buyer] += amount;
            credits[node % payees] += amount - amount * fee / 10_000;
            masks[2 * node + i * STEP / 256] |= 1 << (i * STEP % 256);
            left += amount - amount * fee / 10_000;
        }
        (bytes memory batch,) = _batch(buyers, payees, nodes, seeds, 0);
        (uint256[] memory marked, uint256 earned, Posting[] memory paid, Posting[] memory received) =
            this.tally(batch, fee);
        vm.assertEq(earned, left, "earned");
        _requireEqual(marked, masks);
        _requireAmounts(paid, debits);
        _requireAmounts(received, credits);
    }

    /// A buyer index past the table is found wherever it stands, whatever the amount.
    function testFuzz_StrayBuyerRevertsWhereverItStands(
        uint8[3] calldata counts,
        uint256 which,
        uint8 stray,
        bytes32[] calldata seeds
    ) external {
        vm.assume(seeds.length > 0 && seeds.length <= MOST_TASKS);
        (uint256 buyers, uint256 payees, uint256 nodes) = _counts(counts);
        vm.assume(buyers < 255);
        stray = uint8(buyers + uint256(stray) % (256 - buyers));
        (bytes memory batch, uint256 position) = _batch(buyers, payees, nodes, seeds, which % seeds.length);
        batch[position] = bytes1(stray);
        vm.expectRevert(abi.encodeWithSelector(PackedBatch.BuyerOutOfRange.selector, position, stray));
        this.tally(batch, 100);
    }

    function testFuzz_StrayPayeeRevertsWhereverItStands(
        uint8[3] calldata counts,
        uint256 which,
        uint8 stray,
        bytes32[] calldata seeds
    ) external {
        vm.assume(seeds.length > 0 && seeds.length <= MOST_TASKS);
        (uint256 buyers, uint256 payees, uint256 nodes) = _counts(counts);
        vm.assume(payees < 255);
        stray = uint8(payees + uint256(stray) % (256 - payees));
        (bytes memory batch,) = _batch(buyers, payees, nodes, seeds, 0);
        which = which % nodes;
        batch[11 + (buyers + payees) * 20 + which * 29 + 20] = bytes1(stray);
        vm.expectRevert(abi.encodeWithSelector(PartyTables.PayeeOutOfRange.selector, which, stray));
        this.tally(batch, 100);
    }

    /// A batch of any other length than its words need is refused, whatever is read behind it.
    function testFuzz_BatchThatEndsElsewhereIsRefused(
        uint8[3] calldata counts,
        uint16 length,
        bytes32[] calldata seeds
    ) external {
        vm.assume(seeds.length > 0 && seeds.length <= MOST_TASKS);
        (uint256 buyers, uint256 payees, uint256 nodes) = _counts(counts);
        (bytes memory batch,) = _batch(buyers, payees, nodes, seeds, 0);
        uint256 tables = 11 + (buyers + payees) * 20 + nodes * 29;
        bytes memory other = new bytes(tables + length % (batch.length - tables + 40));
        for (uint256 i = 0; i < other.length && i < batch.length; ++i) {
            other[i] = batch[i];
        }
        if (other.length == batch.length) return;
        vm.expectPartialRevert(PackedBatch.BatchLength.selector);
        this.tally(other, 100);
    }

    /// Any bytes are either refused or hold at least the tables that their head announces.
    function testFuzz_HeadIsReadOnlyWhereTablesFollow(bytes calldata batch) external view {
        if (batch.length < 11) return _requireNoHead(batch);
        uint256 tables = 11 + uint256(uint8(batch[8])) * 20 + uint256(uint8(batch[9])) * 20;
        tables += uint256(uint8(batch[10])) * 29;
        if (batch.length < tables) return _requireNoHead(batch);
        vm.assertEq(this.head(batch).wordsAt, tables, "wordsAt");
    }

    function testFuzz_HeadIsReadAsItStands(uint64 epoch, uint8[3] calldata counts) external view {
        uint256 tables = 11 + (uint256(counts[0]) + counts[1]) * 20 + uint256(counts[2]) * 29;
        bytes memory batch = abi.encodePacked(epoch, counts[0], counts[1], counts[2]);
        PackedBatch.Head memory found = this.head(bytes.concat(batch, new bytes(tables - 11)));
        vm.assertEq(found.epoch, epoch, "epoch");
        vm.assertEq(found.buyers, counts[0], "buyers");
        vm.assertEq(found.payees, counts[1], "payees");
        vm.assertEq(found.nodes, counts[2], "nodes");
        vm.assertEq(found.wordsAt, tables, "wordsAt");
    }

    /// A table is read when it ascends strictly, and refused at the first row that does not.
    function testFuzz_TableIsReadWhenItAscends(address[] calldata rows, uint64 amount) external {
        bytes memory batch;
        address previous;
        uint256 sound;
        for (; sound < rows.length && rows[sound] > previous; ++sound) {
            previous = rows[sound];
        }
        for (uint256 i = 0; i < rows.length; ++i) {
            batch = abi.encodePacked(batch, rows[i], amount);
        }
        if (sound < rows.length) {
            vm.expectRevert(
                abi.encodeWithSelector(PartyTables.PartiesNotAscending.selector, previous, rows[sound])
            );
            this.readTable(batch, rows.length);
            return;
        }
        Posting[] memory read = this.readTable(batch, rows.length);
        vm.assertEq(read.length, rows.length, "length");
        for (uint256 i = 0; i < rows.length; ++i) {
            vm.assertTrue(read[i].account() == rows[i] && read[i].amount() == amount, "row");
        }
    }

    function testFuzz_HashIsKeccak256(bytes calldata batch) external pure {
        vm.assertTrue(PartyTables.hash(batch) == keccak256(batch), "hash");
    }

    function testFuzz_OnesCountsBits(uint256 mask, uint8 size) external pure {
        if (size > 0) mask = type(uint256).max >> (256 - uint256(size));
        uint256 count;
        for (uint256 rest = mask; rest != 0; rest &= rest - 1) {
            ++count;
        }
        vm.assertEq(SerialBits.ones(mask), count, "ones");
    }

    function test_OnesCountsAFullWord() external pure {
        vm.assertEq(SerialBits.ones(type(uint256).max), 256, "full");
        vm.assertEq(SerialBits.ones(0), 0, "empty");
    }

    /// Recovering a list finds what ECDSA finds for each, valid or not.
    function testFuzz_RecoveringAListFindsWhatEcdsaFindsForEach(
        bytes32 digest,
        uint256[4] calldata keys,
        bytes32[4] calldata noise
    ) external view {
        bytes memory list;
        for (uint256 i = 0; i < 4; ++i) {
            (bytes32 r, bytes32 vs) = vm.signCompact(1 + keys[i] % 2 ** 250, digest);
            if (noise[i][0] > 0x80) vs = noise[i];
            if (noise[i][0] == 0x80) r = noise[i];
            list = bytes.concat(list, r, vs);
        }
        address[] memory found = this.recoverEach(digest, list);
        vm.assertEq(found.length, 4, "length");
        for (uint256 i = 0; i < 4; ++i) {
            (bytes32 r, bytes32 vs) = _pair(list, i);
            (address expected,,) = ECDSA.tryRecover(digest, r, vs);
            vm.assertTrue(found[i] == expected, "signer");
        }
    }

    /// In 64 bytes a high s fits only just above half the order; ecrecover would take it.
    function testFuzz_MalleableCompactSignatureNamesNobody(bytes32 digest, uint256 key, uint64 above)
        external
        view
    {
        (bytes32 r,) = vm.signCompact(1 + key % 2 ** 250, digest);
        bytes32 s = bytes32(HALF_ORDER + 1 + above);
        vm.assertTrue(ecrecover(digest, 27, r, s) != address(0), "somebody by ecrecover");
        vm.assertTrue(this.recoverEach(digest, bytes.concat(r, s))[0] == address(0), "nobody here");
        address highest = this.recoverEach(digest, bytes.concat(r, bytes32(HALF_ORDER)))[0];
        vm.assertTrue(highest == ecrecover(digest, 27, r, bytes32(HALF_ORDER)), "the highest that counts");
    }

    function testFuzz_AccountKeepsBalanceAndEpochApart(uint128 balance, uint64 epoch, uint128 amount)
        external
    {
        _account.write(balance, epoch);
        if (uint256(balance) + amount > type(uint128).max) {
            vm.expectRevert(
                abi.encodeWithSelector(Accounts.BalanceTooLarge.selector, uint256(balance) + amount)
            );
            this.credit(amount);
            amount = 0;
        } else {
            _account.credit(amount);
        }
        (uint128 found, uint64 kept) = _account.read();
        vm.assertEq(found, uint256(balance) + amount, "balance");
        vm.assertEq(kept, epoch, "epoch");
    }

    function testFuzz_PostingsKeepAccountAndAmount(address[] calldata accounts, address last, uint64 first)
        external
        pure
    {
        vm.assume(accounts.length < 100);
        Posting[] memory postings = new Posting[](accounts.length + 1);
        assembly ("memory-safe") {
            mstore(postings, sub(mload(postings), 1))
        }
        uint256 sum = first;
        for (uint256 i = 0; i < accounts.length; ++i) {
            postings[i] = Postings.one(accounts[i], first)[0];
            postings.increase(i, i * i);
            sum += first + i * i;
        }
        postings.append(last, first);
        vm.assertEq(postings.length, accounts.length + 1, "length");
        vm.assertEq(postings.total(), sum, "total");
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.assertTrue(postings.get(i).account() == accounts[i], "account");
            vm.assertEq(postings.get(i).amount(), uint256(first) + i * i, "amount");
        }
        vm.assertTrue(postings[accounts.length].account() == last, "last");
    }

    function testFuzz_PostingsRefuseWhatTheyCannotHold(address account, uint128 amount) external {
        if (amount >> 96 != 0) {
            vm.expectRevert(abi.encodeWithSelector(Postings.AmountTooLarge.selector, amount));
            this.one(account, amount);
            return;
        }
        vm.assertEq(this.one(account, amount)[0].amount(), amount, "amount");
    }

    function one(address account, uint128 amount) external pure returns (Posting[] memory) {
        return Postings.one(account, amount);
    }

    function tally(bytes calldata batch, uint256 fee)
        external
        pure
        returns (uint256[] memory masks, uint256 earned, Posting[] memory debits, Posting[] memory credits)
    {
        PackedBatch.Head memory shape = PackedBatch.head(batch);
        (debits, credits) = (PackedBatch.buyers(batch, shape), PackedBatch.payees(batch, shape));
        (masks, earned) = PackedBatch.tally(batch, shape, fee, debits, credits);
    }

    function readTable(bytes calldata batch, uint256 rows) external pure returns (Posting[] memory) {
        return PartyTables.read(batch, 0, rows, 28, PartyTables.UINT64_AMOUNT, rows);
    }

    function head(bytes calldata batch) external pure returns (PackedBatch.Head memory) {
        return PackedBatch.head(batch);
    }

    function recoverEach(bytes32 digest, bytes calldata list) external view returns (address[] memory) {
        return Signatures.recoverEach(digest, list, list.length / 64);
    }

    function credit(uint128 amount) external {
        _account.credit(amount);
    }

    function _requireNoHead(bytes calldata batch) private view {
        try this.head(batch) {
            vm.assertTrue(false, "read a head that is not there");
        } catch {}
    }

    function _counts(uint8[3] calldata counts) private pure returns (uint256, uint256, uint256) {
        return (uint256(counts[0]) % 255 + 1, uint256(counts[1]) % 255 + 1, uint256(counts[2]) % 9 + 1);
    }

    /// @dev Each kind of party is 1, 2, …; node i is paid into payee i modulo the number of payees and has two
    /// words. Task i has the serial `STEP * i`. Also where the task `wanted` stands.
    function _batch(uint256 buyers, uint256 payees, uint256 nodes, bytes32[] calldata seeds, uint256 wanted)
        private
        pure
        returns (bytes memory batch, uint256 position)
    {
        batch = abi.encodePacked(uint64(1), uint8(buyers), uint8(payees), uint8(nodes));
        batch = bytes.concat(batch, _parties(buyers), _parties(payees));
        for (uint256 i = 0; i < nodes; ++i) {
            batch = abi.encodePacked(batch, address(uint160(i + 1)), uint8(i % payees), uint56(0), uint8(2));
        }
        for (uint256 i = 0; i < 2 * nodes; ++i) {
            uint256 maskAt = batch.length;
            batch = bytes.concat(batch, bytes32(0));
            uint256 mask;
            for (uint256 j = 0; j < seeds.length; ++j) {
                (uint256 buyer, uint256 node, uint256 amount) = _task(seeds[j], buyers, nodes);
                if (node != i / 2 || j * STEP / 256 != i % 2) continue;
                if (j == wanted) position = batch.length;
                mask |= 1 << (j * STEP % 256);
                batch = abi.encodePacked(batch, uint8(buyer), uint64(amount), bytes16(seeds[j]));
            }
            assembly ("memory-safe") {
                mstore(add(add(batch, 0x20), maskAt), mask)
            }
        }
    }

    function _parties(uint256 count) private pure returns (bytes memory table) {
        for (uint256 i = 1; i <= count; ++i) {
            table = abi.encodePacked(table, address(uint160(i)));
        }
    }

    function _requireAmounts(Posting[] memory found, uint256[] memory expected) private pure {
        vm.assertEq(found.length, expected.length, "postings");
        for (uint256 i = 0; i < found.length; ++i) {
            vm.assertEq(found[i].amount(), expected[i], "amount");
            vm.assertTrue(found[i].account() == address(uint160(i + 1)), "account");
        }
    }

    function _requireEqual(uint256[] memory found, uint256[] memory expected) private pure {
        vm.assertEq(found.length, expected.length, "masks");
        for (uint256 i = 0; i < found.length; ++i) {
            vm.assertEq(found[i], expected[i], "mask");
        }
    }

    function _task(bytes32 seed, uint256 buyers, uint256 nodes)
        private
        pure
        returns (uint256 buyer, uint256 node, uint256 amount)
    {
        return (uint8(seed[0]) % buyers, uint8(seed[1]) % nodes, uint64(uint256(seed)));
    }

    function _pair(bytes memory list, uint256 position) private pure returns (bytes32 r, bytes32 vs) {
        assembly ("memory-safe") {
            let at := add(add(list, 0x20), shl(6, position))
            r := mload(at)
            vs := mload(add(at, 0x20))
        }
    }
}
