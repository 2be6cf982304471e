// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Account, Accounts} from "../../../contracts/libraries/Accounts.sol";
import {PackedBatch} from "../../../contracts/libraries/PackedBatch.sol";
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
        uint8 nodes,
        uint16 fee,
        bytes32[] calldata seeds
    ) external view {
        vm.assume(buyers > 0 && nodes > 0 && seeds.length > 0);
        fee = fee % 1001;
        bytes memory batch = _batch(buyers, nodes, seeds);
        PackedBatch.Tally memory sums = this.tally(batch, fee);
        (uint256[] memory debits, uint256[] memory credits) = (new uint256[](buyers), new uint256[](nodes));
        uint256 volume;
        for (uint256 i = 0; i < seeds.length; ++i) {
            (uint256 buyer, uint256 node, uint256 amount) = _task(seeds[i], buyers, nodes);
            debits[buyer] += amount;
            credits[node] += amount - amount * fee / 10_000;
            volume += amount;
        }
        vm.assertEq(sums.debits.length, buyers, "debits");
        vm.assertEq(sums.credits.length, uint256(nodes) + 1, "credits");
        vm.assertEq(sums.credits[nodes], 0, "the fee's entry");
        vm.assertEq(sums.volume, volume, "volume");
        uint256 earned;
        for (uint256 i = 0; i < buyers; ++i) {
            vm.assertEq(sums.debits[i], debits[i], "debit");
        }
        for (uint256 i = 0; i < nodes; ++i) {
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
        bytes memory batch = _batch(buyers, nodes, seeds);
        place = place % seeds.length;
        uint256 position = 10 + (uint256(buyers) + nodes) * 20 + place * 42;
        batch[inBuyers ? position : position + 1] = bytes1(stray);
        (uint256 buyer, uint256 node) = (uint8(batch[position]), uint8(batch[position + 1]));
        vm.expectRevert(abi.encodeWithSelector(PackedBatch.PartyOutOfRange.selector, place, buyer, node));
        this.tally(batch, 100);
    }

    /// Any bytes are either refused or hold exactly the tables and tasks that their head announces.
    function testFuzz_HeadIsReadOnlyWhereTablesAndWholeTasksFollow(bytes calldata batch) external view {
        try this.head(batch) returns (PackedBatch.Head memory found) {
            uint256 tables = 10 + (found.buyers + found.nodes) * 20;
            vm.assertEq(found.tasksAt, tables, "tasksAt");
            vm.assertTrue(batch.length > tables && (batch.length - tables) % 42 == 0, "whole tasks");
        } catch {
            if (batch.length < 10) return;
            uint256 tables = 10 + (uint256(uint8(batch[8])) + uint8(batch[9])) * 20;
            vm.assertTrue(batch.length <= tables || (batch.length - tables) % 42 != 0, "refused for a reason");
        }
    }

    function testFuzz_HashIsKeccak256(bytes calldata batch) external pure {
        vm.assertTrue(PackedBatch.hash(batch) == keccak256(batch), "hash");
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
        return Signatures.recoverEach(digest, list);
    }

    function credit(uint128 amount) external {
        _account.credit(amount);
    }

    function _batch(uint8 buyers, uint8 nodes, bytes32[] calldata seeds)
        private
        pure
        returns (bytes memory batch)
    {
        batch = bytes.concat(bytes8(uint64(1)), bytes1(buyers), bytes1(nodes));
        batch = bytes.concat(batch, new bytes((uint256(buyers) + nodes) * 20));
        for (uint256 i = 0; i < seeds.length; ++i) {
            (uint256 buyer, uint256 node, uint256 amount) = _task(seeds[i], buyers, nodes);
            batch = bytes.concat(
                batch, bytes1(uint8(buyer)), bytes1(uint8(node)), bytes8(uint64(amount)), seeds[i]
            );
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
