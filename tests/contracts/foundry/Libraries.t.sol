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

    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    Account private _account;

    /// The batch's sums are what a plain loop over the tasks finds.
    function testFuzz_TallyFindsWhatAPlainLoopFinds(
        uint8 buyers,
        uint8 payees,
        uint8 nodes,
        uint16 fee,
        bytes32[] calldata seeds
    ) external view {
        vm.assume(buyers > 0 && payees > 0 && nodes > 0 && seeds.length > 0);
        fee = fee % 1001;
        bytes memory batch = _batch(buyers, payees, nodes, seeds);
        PackedBatch.Tally memory sums = this.tally(batch, fee);
        (uint256[] memory debits, uint256[] memory credits) = (new uint256[](buyers), new uint256[](payees));
        uint256 volume;
        for (uint256 i = 0; i < seeds.length; ++i) {
            (uint256 buyer, uint256 node, uint256 amount) = _task(seeds[i], buyers, nodes);
            debits[buyer] += amount;
            credits[node % payees] += amount - amount * fee / 10_000;
            volume += amount;
        }
        vm.assertEq(sums.debits.length, buyers, "debits");
        vm.assertEq(sums.credits.length, uint256(payees) + 1, "credits");
        vm.assertEq(sums.credits[payees], 0, "the fee's entry");
        vm.assertEq(sums.volume, volume, "volume");
        uint256 earned;
        for (uint256 i = 0; i < buyers; ++i) {
            vm.assertEq(sums.debits[i], debits[i], "debit");
        }
        for (uint256 i = 0; i < payees; ++i) {
            vm.assertEq(sums.credits[i], credits[i], "credit");
            earned += credits[i];
        }
        vm.assertEq(sums.earned, earned, "earned");
    }

    /// One index past its table is found wherever it stands, whatever the amount.
    function testFuzz_StrayIndexRevertsWhereverItStands(
        uint8 buyers,
        uint8 nodes,
        uint256 place,
        uint8 stray,
        bool inBuyers,
        bytes32[] calldata seeds
    ) external {
        vm.assume(buyers > 0 && nodes > 0 && seeds.length > 0);
        uint8 count = inBuyers ? buyers : nodes;
        vm.assume(count < 255);
        stray = uint8(count + uint256(stray) % (256 - count));
        bytes memory batch = _batch(buyers, 1, nodes, seeds);
        place = place % seeds.length;
        uint256 position = 11 + uint256(buyers) * 28 + 20 + uint256(nodes) * 21 + place * 28;
        batch[inBuyers ? position : position + 1] = bytes1(stray);
        (uint256 buyer, uint256 node) = (uint8(batch[position]), uint8(batch[position + 1]));
        // A stray buyer may also break the order of the tasks, which is refused as well.
        try this.tally(batch, 100) {
            vm.assertTrue(false, "a stray index was counted");
        } catch (bytes memory reason) {
            bytes memory stray_ =
                abi.encodeWithSelector(PackedBatch.PartyOutOfRange.selector, place, buyer, node);
            vm.assertTrue(
                keccak256(reason) == keccak256(stray_)
                    || (inBuyers && bytes4(reason) == PackedBatch.TasksNotAscending.selector),
                "reason"
            );
        }
    }

    /// Any bytes are either refused or hold exactly the tables and tasks that their head announces.
    function testFuzz_HeadIsReadOnlyWhereTablesAndWholeTasksFollow(bytes calldata batch) external view {
        if (batch.length < 11) return _requireNoHead(batch);
        uint256 tables = 11 + uint256(uint8(batch[8])) * 28 + uint256(uint8(batch[9])) * 20;
        tables += uint256(uint8(batch[10])) * 21;
        if (batch.length <= tables || (batch.length - tables) % 28 != 0) return _requireNoHead(batch);
        vm.assertEq(this.head(batch).tasksAt, tables, "tasksAt");
    }

    function testFuzz_HeadOfTheRightLengthIsRead(uint8 buyers, uint8 payees, uint8 nodes, uint8 tasks)
        external
        view
    {
        bytes memory batch = bytes.concat(bytes8(uint64(1)), bytes1(buyers), bytes1(payees), bytes1(nodes));
        uint256 tables = 11 + uint256(buyers) * 28 + uint256(payees) * 20 + uint256(nodes) * 21;
        batch = bytes.concat(batch, new bytes(tables - 11 + (uint256(tasks) + 1) * 28));
        vm.assertEq(this.head(batch).tasksAt, tables, "tasksAt");
    }

    /// A task that repeats or precedes the serial before it is refused.
    function testFuzz_TasksOutOfOrderAreRefused(uint8 buyer, uint16 offset, uint16 lower) external {
        lower = uint16(uint256(lower) % (uint256(offset) + 1));
        bytes memory batch = bytes.concat(bytes8(uint64(1)), bytes1(0xff), bytes1(0x01), bytes1(0x01));
        batch = bytes.concat(batch, new bytes(uint256(255) * 28 + 20 + 21));
        bytes memory first = abi.encodePacked(buyer % 255, uint8(0), uint64(1), offset, bytes16(0));
        bytes memory second = abi.encodePacked(buyer % 255, uint8(0), uint64(1), lower, bytes16(0));
        vm.expectRevert(abi.encodeWithSelector(PackedBatch.TasksNotAscending.selector, 1));
        this.tally(bytes.concat(batch, first, second), 100);
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

    function testFuzz_PostingsKeepAccountAndAmount(address[] calldata accounts, address last, uint96 first)
        external
        pure
    {
        vm.assume(accounts.length < 100);
        uint256[] memory amounts = new uint256[](accounts.length + 1);
        for (uint256 i = 0; i < amounts.length; ++i) {
            unchecked {
                amounts[i] = uint96(first + i * i);
            }
        }
        Posting[] memory postings = Postings.post(accounts, last, amounts);
        vm.assertEq(postings.length, accounts.length + 1, "length");
        for (uint256 i = 0; i < postings.length; ++i) {
            address expected = i < accounts.length ? accounts[i] : last;
            vm.assertTrue(postings[i].account() == expected, "account");
            unchecked {
                vm.assertEq(postings[i].amount(), uint96(first + i * i), "amount");
            }
        }
    }

    function tally(bytes calldata batch, uint256 fee) external pure returns (PackedBatch.Tally memory) {
        return PackedBatch.tally(batch, PackedBatch.head(batch), fee);
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

    /// @dev Node i is paid into payee i modulo the number of payees.
    function _batch(uint8 buyers, uint8 payees, uint8 nodes, bytes32[] calldata seeds)
        private
        pure
        returns (bytes memory batch)
    {
        batch = bytes.concat(bytes8(uint64(1)), bytes1(buyers), bytes1(payees), bytes1(nodes));
        batch = bytes.concat(batch, new bytes(uint256(buyers) * 28 + uint256(payees) * 20));
        for (uint256 i = 0; i < nodes; ++i) {
            batch = bytes.concat(batch, new bytes(20), bytes1(uint8(i % payees)));
        }
        for (uint256 wanted = 0; wanted < buyers; ++wanted) {
            for (uint256 i = 0; i < seeds.length; ++i) {
                (uint256 buyer, uint256 node, uint256 amount) = _task(seeds[i], buyers, nodes);
                if (buyer != wanted) continue;
                batch = abi.encodePacked(
                    batch, uint8(buyer), uint8(node), uint64(amount), uint16(i), bytes16(seeds[i])
                );
            }
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
