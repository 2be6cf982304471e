// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {PackedBatch} from "../../../contracts/libraries/PackedBatch.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {PartyTables} from "../../../contracts/libraries/PartyTables.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {StatementBatch} from "../../../contracts/libraries/StatementBatch.sol";
import {Party} from "./Parties.sol";
import {Line, StatementRows} from "./StatementRows.sol";
import {vm} from "./Vm.sol";

/// @title The cheat codes that take the chain back
interface StateVm {
    function snapshotState() external returns (uint256);
    function revertToState(uint256 state) external returns (bool);
}

StateVm constant stateVm = StateVm(address(vm));

/// @title Packed statements pay what landing each alone would pay, and nothing that both sides did not sign
contract StatementBatchesTest is StatementRows {
    uint256 private constant LINES = 6;

    function testFuzz_SettlingABatchEqualsSettlingItsStatementsOneByOne(uint256 seed) public {
        Line[] memory lines = _lines(seed);
        uint256 state = stateVm.snapshotState();
        settlement.settleStatements(_packed(lines));
        uint256[] memory together = _state(lines);
        stateVm.revertToState(state);
        for (uint256 i = 0; i < lines.length; ++i) {
            bytes memory marks = abi.encodePacked(lines[i].word, lines[i].mask);
            _settleStatement(_statementOf(lines[i]), marks, buyers[lines[i].buyer], nodes[lines[i].node]);
        }
        uint256[] memory alone = _state(lines);
        for (uint256 i = 0; i < alone.length; ++i) {
            vm.assertEq(together[i], alone[i], "state");
        }
    }

    function test_RelayerCannotFlipAnyBitOfABatch() public {
        Line[] memory lines = new Line[](4);
        for (uint8 i = 0; i < 4; ++i) {
            lines[i] = Line(i, 3 - i, 1000 + i, i % 2, 1 << (200 + i));
        }
        bytes memory batch = _packed(lines);
        for (uint256 place = 0; place < batch.length; ++place) {
            for (uint256 bit = 0; bit < 8; ++bit) {
                batch[place] ^= bytes1(uint8(1 << bit));
                vm.assertFalse(_lands(batch), "a changed batch landed");
                batch[place] ^= bytes1(uint8(1 << bit));
            }
        }
        vm.assertTrue(_lands(batch), "the original lands");
    }

    function testFuzz_SerialStandsInABatchOnce(uint256 mask, uint256 again) public {
        vm.assume(mask & again != 0);
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (Line(0, 1, 5, 9, mask), Line(2, 1, 5, 9, again));
        bytes memory batch = _packed(lines);
        vm.expectRevert(
            abi.encodeWithSelector(SerialBits.AlreadyPaid.selector, nodes[1].account, 9, mask & again)
        );
        settlement.settleStatements(batch);
    }

    function test_BatchLandsOnce() public {
        bytes memory batch = _packed(Line(0, 1, 5, 9, 3));
        settlement.settleStatements(batch);
        vm.expectRevert(abi.encodeWithSelector(SerialBits.AlreadyPaid.selector, nodes[1].account, 9, 3));
        settlement.settleStatements(batch);
    }

    function test_BuyerMustHoldTheSumOfItsStatements() public {
        Line[] memory lines = new Line[](2);
        lines[0] = Line(1, 1, type(uint64).max, 0, 1);
        lines[1] = Line(1, 2, 1, 0, 1);
        _leave(buyers[1], type(uint64).max);
        bytes memory batch = _packed(lines);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.BalanceTooSmall.selector, buyers[1].account, type(uint64).max, uint256(1) << 64
            )
        );
        settlement.settleStatements(batch);
    }

    function testFuzz_DelegateSignsWithinItsCap(uint64 first, uint64 second, uint128 cap) public {
        Party memory delegate = _stranger(7);
        _delegate(buyers[0], delegate.account, cap, type(uint64).max, 1);
        Line memory one = Line(0, 1, first, 0, 1);
        Line memory two = Line(0, 2, second, 0, 1);
        bytes memory rows = bytes.concat(_row(one, delegate, nodes[1]), _row(two, delegate, nodes[2]));
        uint256 sum = uint256(first) + second;
        bytes memory batch = bytes.concat(_tables(), rows);
        vm.assertTrue(_lands(batch) == (sum <= cap), "within the cap");
        (uint128 remaining,,) = _grant(buyers[0].account, delegate.account);
        vm.assertEq(remaining, sum <= cap ? cap - sum : cap, "what remains of the cap");
    }

    function testFuzz_StrangerSignsForNobody(uint256 key) public {
        Party memory stranger = _stranger(key);
        Line memory line = Line(0, 1, 5, 0, 1);
        (address buyer, address node) = (buyers[0].account, nodes[1].account);
        bytes memory forged = bytes.concat(_tables(), _row(line, stranger, nodes[1]));
        vm.expectRevert(abi.encodeWithSelector(IGridRegistry.NotDelegated.selector, buyer, stranger.account));
        settlement.settleStatements(forged);
        forged = bytes.concat(_tables(), _row(line, buyers[0], stranger));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, node));
        settlement.settleStatements(forged);
    }

    function test_VoidAndHighSignaturesAreNobodys() public {
        bytes memory row = _row(Line(0, 1, 5, 0, 1), buyers[0], nodes[1]);
        bytes32 high = bytes32(uint256(type(int256).max));
        _requireRefused(_with(row, 82, bytes32(0), bytes32(0)), buyers[0]);
        _requireRefused(_with(row, 146, bytes32(0), bytes32(0)), nodes[1]);
        for (uint256 r = 1; r < 5; ++r) {
            _requireRefused(_with(row, 82, bytes32(r), high), buyers[0]);
            _requireRefused(_with(row, 146, bytes32(r), high), nodes[1]);
        }
        settlement.settleStatements(bytes.concat(_tables(), row));
    }

    function test_VoidSignatureIsNotThatOfTheRowBefore() public {
        bytes memory first = _row(Line(0, 1, 5, 0, 1), buyers[0], nodes[1]);
        bytes memory second = _row(Line(0, 1, 5, 0, 2), buyers[0], nodes[1]);
        for (uint256 place = 82; place < ROW_BYTES; place += 64) {
            bytes memory forged = _with(second, place, bytes32(0), bytes32(0));
            bytes memory batch = bytes.concat(_tables(), first, forged);
            address signer = place == 82 ? buyers[0].account : nodes[1].account;
            vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, signer));
            settlement.settleStatements(batch);
        }
    }

    function test_StatementOfNothingIsRefused() public {
        bytes memory batch = _packed(Line(0, 1, 5, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ReceiptsMismatch.selector, 0, 0));
        settlement.settleStatements(batch);
    }

    function test_SerialsAreBelowTwoToThe64() public {
        bytes memory batch = _packed(Line(0, 1, 5, 1 << 56, 1));
        vm.expectRevert(abi.encodeWithSelector(SerialBits.WordTooLarge.selector, 1 << 56));
        settlement.settleStatements(batch);
        settlement.settleStatements(_packed(Line(0, 1, 5, (1 << 56) - 1, type(uint256).max)));
        vm.assertTrue(settlement.isPaid(nodes[1].account, type(uint64).max), "the last serial");
    }

    function testFuzz_RowNamesPartiesOfTheTables(uint8 buyer, uint8 node) public {
        vm.assume(buyer >= BUYERS || node >= NODES);
        bytes memory batch = _packed(Line(0, 0, 5, 0, 1));
        uint256 place = batch.length - ROW_BYTES;
        (batch[place], batch[place + 1]) = (bytes1(buyer), bytes1(node));
        vm.expectRevert(abi.encodeWithSelector(StatementBatch.RowOutOfRange.selector, place, buyer, node));
        settlement.settleStatements(batch);
    }

    function testFuzz_NodeNamesAPayeeOfTheTable(uint8 payee) public {
        payee = uint8(_within(payee, 2, 255));
        bytes memory batch = _packed(Line(0, 0, 5, 0, 1));
        batch[batch.length - ROW_BYTES - 1] = bytes1(payee);
        vm.expectRevert(abi.encodeWithSelector(PartyTables.PayeeOutOfRange.selector, NODES - 1, payee));
        settlement.settleStatements(batch);
    }

    function test_PartiesAscendAndNobodyIsNone() public {
        bytes memory batch = _packed(Line(0, 0, 5, 0, 1));
        _requireNotAscending(_copied(batch, 23, 3, 20), buyers[0].account, buyers[0].account);
        _requireNotAscending(
            _copied(batch, batch.length - 231, batch.length - 252, 20), nodes[2].account, nodes[2].account
        );
        for (uint256 i = 3; i < 23; ++i) {
            batch[i] = 0;
        }
        _requireNotAscending(batch, address(0), address(0));
    }

    function test_BatchIsOneOrMoreWholeRows() public {
        bytes memory tables = _tables();
        bytes memory batch = _packed(Line(0, 0, 5, 0, 1));
        _requireTooShort("");
        _requireTooShort(hex"0000");
        _requireTooShort(hex"000000");
        _requireTooShort(tables);
        for (uint256 length = tables.length; length < batch.length; length += 30) {
            _requireTooShort(_first(batch, length));
        }
        vm.expectRevert(abi.encodeWithSelector(StatementBatch.TrailingRowBytes.selector, 1));
        settlement.settleStatements(bytes.concat(batch, hex"00"));
        vm.expectRevert(abi.encodeWithSelector(StatementBatch.TrailingRowBytes.selector, ROW_BYTES - 1));
        settlement.settleStatements(bytes.concat(batch, _first(batch, ROW_BYTES - 1)));
    }

    function test_LargestAmountsAddUp() public {
        Line[] memory lines = new Line[](40);
        for (uint8 i = 0; i < 40; ++i) {
            lines[i] = Line(1, i % 4, type(uint64).max, i, type(uint256).max);
        }
        settlement.settleStatements(_packed(lines));
        vm.assertEq(_balance(buyers[1].account), FUNDS - 40 * uint256(type(uint64).max), "the buyer");
    }

    /// @dev Lines whose serials are all different: each has a word of its own.
    function _lines(uint256 seed) private pure returns (Line[] memory lines) {
        lines = new Line[](1 + seed % LINES);
        for (uint64 i = 0; i < lines.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            (uint8 buyer, uint8 node) = (uint8(seed % BUYERS), uint8((seed >> 8) % NODES));
            uint256 mask = seed % 3 == 0 ? type(uint256).max : 1 << (seed >> 248);
            lines[i] = Line(buyer, node, uint64(seed >> 64), i, seed % 5 == 0 ? seed : mask);
        }
    }

    function _state(Line[] memory lines) private view returns (uint256[] memory found) {
        found = new uint256[](2 * BUYERS + 1 + lines.length);
        for (uint256 i = 0; i < BUYERS; ++i) {
            found[2 * i] = _balance(buyers[i].account);
            found[2 * i + 1] = _balance(owners[i].account);
        }
        found[2 * BUYERS] = _balance(FEE_RECIPIENT);
        for (uint256 i = 0; i < lines.length; ++i) {
            found[2 * BUYERS + 1 + i] = settlement.paidWord(nodes[lines[i].node].account, lines[i].word);
        }
    }

    function _lands(bytes memory batch) private returns (bool landed) {
        (landed,) = address(settlement).call(abi.encodeCall(ISettlement.settleStatements, (batch)));
    }

    function _grant(address account, address delegate) private view returns (uint128, uint64, uint64) {
        return registry.delegationOf(account, delegate);
    }

    /// @dev Takes money away until `rest` is left.
    function _leave(Party memory account, uint256 rest) private {
        uint256 spare = _balance(account.account) - rest;
        vm.prank(address(settlement.court()));
        ledger.move(account.account, owners[1].account, uint128(spare));
    }

    function _requireRefused(bytes memory row, Party memory signer) private {
        bytes memory batch = bytes.concat(_tables(), row);
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, signer.account));
        settlement.settleStatements(batch);
    }

    function _requireTooShort(bytes memory batch) private {
        vm.expectRevert(abi.encodeWithSelector(PackedBatch.BatchTooShort.selector, batch.length));
        settlement.settleStatements(batch);
    }

    function _requireNotAscending(bytes memory batch, address previous, address next) private {
        vm.expectRevert(abi.encodeWithSelector(PartyTables.PartiesNotAscending.selector, previous, next));
        settlement.settleStatements(batch);
    }

    function _with(bytes memory row, uint256 place, bytes32 r, bytes32 vs)
        private
        pure
        returns (bytes memory changed)
    {
        changed = bytes.concat(row);
        for (uint256 i = 0; i < 32; ++i) {
            (changed[place + i], changed[place + 32 + i]) = (r[i], vs[i]);
        }
    }

    function _copied(bytes memory batch, uint256 to, uint256 from, uint256 count)
        private
        pure
        returns (bytes memory changed)
    {
        changed = bytes.concat(batch);
        for (uint256 i = 0; i < count; ++i) {
            changed[to + i] = changed[from + i];
        }
    }

    function _first(bytes memory batch, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            part[i] = batch[i];
        }
    }

    function _stranger(uint256 key) private pure returns (Party memory) {
        key = _within(key, 0x1000, type(uint128).max);
        return Party(vm.addr(key), key);
    }
}
