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

    Account private _account;

    /// Sums by buyer, and what the node earns, are what a plain loop over the tasks finds.
    function testFuzz_AddingTasksFindsWhatAPlainLoopFinds(uint8 buyers, uint16 fee, bytes32[] calldata seeds)
        external
        view
    {
        vm.assume(buyers > 0 && seeds.length < 257);
        fee = fee % 1001;
        (Posting[] memory debits, uint256 earned) =
            this.addTasks(_word(buyers, seeds), buyers, seeds.length, fee);
        uint256[] memory expected = new uint256[](buyers);
        uint256 left;
        for (uint256 i = 0; i < seeds.length; ++i) {
            (uint256 buyer, uint256 amount) = _task(seeds[i], buyers);
            expected[buyer] += amount;
            left += amount - amount * fee / 10_000;
        }
        vm.assertEq(earned, left, "earned");
        vm.assertEq(debits.length, buyers, "buyers");
        for (uint256 i = 0; i < buyers; ++i) {
            vm.assertEq(debits[i].amount(), expected[i], "debit");
            vm.assertTrue(debits[i].account() == address(uint160(i + 1)), "buyer");
        }
    }

    /// A buyer index past the table is found wherever it stands, whatever the amount.
    function testFuzz_StrayBuyerRevertsWhereverItStands(
        uint8 buyers,
        uint256 place,
        uint8 stray,
        bytes32[] calldata seeds
    ) external {
        vm.assume(buyers > 0 && buyers < 255 && seeds.length > 0 && seeds.length < 257);
        stray = uint8(buyers + uint256(stray) % (256 - buyers));
        bytes memory batch = _word(buyers, seeds);
        uint256 position = uint256(buyers) * 20 + 32 + (place % seeds.length) * 25;
        batch[position] = bytes1(stray);
        vm.expectRevert(abi.encodeWithSelector(PackedBatch.BuyerOutOfRange.selector, position, stray));
        this.addTasks(batch, buyers, seeds.length, 100);
    }

    /// Any bytes are either refused or hold at least the tables that their head announces.
    function testFuzz_HeadIsReadOnlyWhereTablesFollow(bytes calldata batch) external view {
        if (batch.length < 11) return _requireNoHead(batch);
        uint256 tables = 11 + uint256(uint8(batch[8])) * 20 + uint256(uint8(batch[9])) * 20;
        tables += uint256(uint8(batch[10])) * 29;
        if (batch.length < tables) return _requireNoHead(batch);
        vm.assertEq(this.head(batch).wordsAt, tables, "wordsAt");
    }

    function testFuzz_HeadAndNodesAreReadAsTheyStand(
        uint64 epoch,
        uint8[3] calldata counts,
        address node,
        uint56 word,
        uint8 words
    ) external view {
        vm.assume(counts[1] > 0 && counts[2] > 0);
        bytes memory batch = abi.encodePacked(epoch, counts[0], counts[1], counts[2]);
        uint256 nodesAt = 11 + uint256(counts[0]) * 20 + uint256(counts[1]) * 20;
        batch = bytes.concat(batch, new bytes(nodesAt - 11 + uint256(counts[2] - 1) * 29));
        batch = abi.encodePacked(batch, node, counts[1] - 1, word, words);
        PackedBatch.Head memory found = this.head(batch);
        vm.assertEq(found.epoch, epoch, "epoch");
        vm.assertEq(found.wordsAt, batch.length, "wordsAt");
        (address account, uint256 payee, uint256 first, uint256 end) = this.node(batch, counts[2] - 1);
        vm.assertTrue(account == node && payee == counts[1] - 1, "account and payee");
        vm.assertTrue(first == word && end == uint256(word) + words, "words");
    }

    /// A mask says how many tasks follow it; a batch that ends before they do is refused.
    function testFuzz_WordThatEndsEarlyIsRefused(uint256 mask, uint16 missing) external {
        uint256 tasks = SerialBits.ones(mask);
        missing = uint16(missing % (tasks * 25 + 32) + 1);
        bytes memory batch = bytes.concat(bytes32(mask), new bytes(tasks * 25));
        (uint256 found, uint256 count) = this.mask(batch);
        vm.assertTrue(found == mask && count == tasks, "mask and tasks");
        if (missing > tasks * 25) return;
        assembly ("memory-safe") {
            mstore(batch, sub(mload(batch), missing))
        }
        vm.expectRevert(
            abi.encodeWithSelector(PackedBatch.BatchLength.selector, 32 + tasks * 25, batch.length)
        );
        this.mask(batch);
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

    /// @dev The buyers' table stands at the beginning, a word of tasks behind it.
    function addTasks(bytes calldata batch, uint256 buyers, uint256 tasks, uint256 fee)
        external
        pure
        returns (Posting[] memory debits, uint256 earned)
    {
        debits = PartyTables.read(batch, 0, buyers, 20, PartyTables.NO_AMOUNT, 256);
        earned = PackedBatch.addTasks(batch, buyers * 20, tasks, fee, debits);
    }

    function readTable(bytes calldata batch, uint256 rows) external pure returns (Posting[] memory) {
        return PartyTables.read(batch, 0, rows, 28, PartyTables.UINT64_AMOUNT, rows);
    }

    function mask(bytes calldata batch) external pure returns (uint256 found, uint256 tasks) {
        return PackedBatch.mask(batch, 0);
    }

    function node(bytes calldata batch, uint256 place)
        external
        pure
        returns (address account, uint256 payee, uint256 first, uint256 end)
    {
        return PackedBatch.node(batch, PackedBatch.head(batch), place);
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

    /// @dev Buyers 1, 2, …, then a word whose mask is never looked at, then a task for each seed.
    function _word(uint8 buyers, bytes32[] calldata seeds) private pure returns (bytes memory batch) {
        for (uint256 i = 1; i <= buyers; ++i) {
            batch = abi.encodePacked(batch, address(uint160(i)));
        }
        batch = bytes.concat(batch, new bytes(32));
        for (uint256 i = 0; i < seeds.length; ++i) {
            (uint256 buyer, uint256 amount) = _task(seeds[i], buyers);
            batch = abi.encodePacked(batch, uint8(buyer), uint64(amount), bytes16(seeds[i]));
        }
    }

    function _task(bytes32 seed, uint256 buyers) private pure returns (uint256 buyer, uint256 amount) {
        return (uint8(seed[0]) % buyers, uint64(uint256(seed)));
    }

    function _pair(bytes memory list, uint256 position) private pure returns (bytes32 r, bytes32 vs) {
        assembly ("memory-safe") {
            let at := add(add(list, 0x20), shl(6, position))
            r := mload(at)
            vs := mload(add(at, 0x20))
        }
    }
}
