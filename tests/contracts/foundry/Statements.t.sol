// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Draw, Messages, Statement} from "../../../contracts/libraries/Messages.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {Exits} from "./Exits.sol";
import {Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A statement pays what both sides signed, once, without a fee
contract StatementsTest is Exits {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function testFuzz_NodesOwnerIsPaidTheWholeAmount(uint96 amount, uint256 mask) public {
        amount = uint96(_within(amount, 0, FUNDS));
        vm.assume(mask != 0);
        uint256 owner = _balance(owners[1].account);
        _settleStatement(_statement(amount, mask), _marks(mask));
        vm.assertEq(_balance(buyers[1].account), FUNDS - amount, "buyer");
        vm.assertEq(_balance(owners[1].account), owner + amount, "owner");
        vm.assertEq(_balance(FEE_RECIPIENT), 0, "no fee");
        vm.assertEq(settlement.paidWord(nodes[1].account, WORD), mask, "serials");
    }

    function testFuzz_ReceiptsAreAsManyAsSerials(uint32 receipts, uint256 mask) public {
        vm.assume(receipts != _ones(mask));
        vm.assume(mask != 0);
        Statement memory statement = _statement(1, mask);
        statement.receipts = receipts;
        _requireRefused(statement, _marks(mask), ISettlement.ReceiptsMismatch.selector);
    }

    function test_StatementOverNothingPaysNothing() public {
        Statement memory statement = _statement(1, 1);
        (statement.receipts, statement.marks) = (0, keccak256(""));
        _requireRefused(statement, "", ISettlement.ReceiptsMismatch.selector);
    }

    function testFuzz_StrangerCannotSignForTheBuyer(uint256 key) public {
        Party memory stranger = _stranger(key);
        Statement memory statement = _statement(5, 1);
        bytes32 id = Messages.hash(statement);
        (bytes memory forged, bytes memory byNode) = (_sign(stranger, id), _sign(nodes[1], id));
        vm.expectRevert(
            abi.encodeWithSelector(IGridRegistry.NotDelegated.selector, buyers[1].account, stranger.account)
        );
        settlement.settleStatement(statement, _marks(1), forged, byNode);
    }

    function testFuzz_StrangerCannotSignForTheNode(uint256 key) public {
        Statement memory statement = _statement(5, 1);
        bytes32 id = Messages.hash(statement);
        (bytes memory byBuyer, bytes memory forged) = (_sign(buyers[1], id), _sign(_stranger(key), id));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, nodes[1].account));
        settlement.settleStatement(statement, _marks(1), byBuyer, forged);
    }

    function test_RelayerCannotFlipAnyBitOfAStatementItsMarksOrItsSignatures() public {
        bytes memory arguments = _signed(_statement(5, 3), _marks(3));
        uint256 changed;
        for (uint256 place = 0; place < arguments.length; ++place) {
            for (uint256 bit = 0; bit < 8; ++bit) {
                arguments[place] ^= bytes1(uint8(1 << bit));
                (bool landed,) =
                    address(settlement).call(bytes.concat(ISettlement.settleStatement.selector, arguments));

                if (landed) vm.assertTrue(false, "a changed statement landed");
                else ++changed;
                arguments[place] ^= bytes1(uint8(1 << bit));
            }
        }
        vm.assertEq(changed, arguments.length * 8, "every bit tried");
        (bool original,) =
            address(settlement).call(bytes.concat(ISettlement.settleStatement.selector, arguments));
        vm.assertTrue(original, "the original lands");
    }

    function testFuzz_NodesMalleableTwinSignatureIsRefused(uint96 amount) public {
        Statement memory statement = _statement(amount % FUNDS, 1);
        bytes32 id = Messages.hash(statement);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(nodes[1].key, _digest(id));
        bytes memory twin = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? 28 : 27);
        bytes memory byBuyer = _sign(buyers[1], id);
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, nodes[1].account));
        settlement.settleStatement(statement, _marks(1), byBuyer, twin);
        settlement.settleStatement(statement, _marks(1), byBuyer, abi.encodePacked(r, s, v));
    }

    function testFuzz_ReservationPaysOnlyWithItsGuardiansDraw(uint96 amount, uint256 key) public {
        _reserve(FUNDS / 2);
        amount = uint96(_within(amount, 0, FUNDS / 2));
        Statement memory statement = _statement(amount, 1);
        bytes32 id = Messages.hash(statement);
        bytes memory forged = _sign(_stranger(key), Messages.hash(Draw(order, id)));
        (bytes memory byBuyer, bytes memory byNode) = (_sign(buyers[1], id), _sign(nodes[1], id));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, _operator().account));
        settlement.settleReserved(statement, _marks(1), order, byBuyer, byNode, forged);
        _settleReserved(statement, _marks(1));
        vm.assertEq(_balance(bidding.reservationAccount(order)), FUNDS / 2 - amount, "reservation");
        vm.assertEq(_balance(buyers[1].account), FUNDS - FUNDS / 2, "the buyer's account pays nothing");
    }

    function test_ReservationOfSomebodyElseDoesNotPay() public {
        _reserve(FUNDS / 2);
        Statement memory statement = _statement(5, 1);
        statement.buyer = buyers[2].account;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlement.WrongReservation.selector, order, buyers[1].account, buyers[2].account
            )
        );
        settlement.settleReserved(statement, _marks(1), order, "", "", "");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ReservationUnknown.selector, ROOT));
        settlement.settleReserved(statement, _marks(1), ROOT, "", "", "");
    }

    function _requireRefused(Statement memory statement, bytes memory marks, bytes4 reason) private {
        (bool landed, bytes memory answer) = address(settlement)
            .call(bytes.concat(ISettlement.settleStatement.selector, _signed(statement, marks)));
        vm.assertFalse(landed, "landed");
        vm.assertTrue(bytes4(answer) == reason, "reason");
    }

    /// @dev Packed by hand without padding, so that every byte has a meaning.
    function _signed(Statement memory statement, bytes memory marks) private view returns (bytes memory) {
        bytes32 id = Messages.hash(statement);
        uint256 start = 10 * 32;
        bytes memory head =
            abi.encode(statement, start, start + 32 + marks.length, start + 64 + marks.length + 64);
        bytes memory tail = abi.encodePacked(marks.length, marks, uint256(64), _sign(buyers[1], id));
        return bytes.concat(head, tail, abi.encodePacked(uint256(64), _sign(nodes[1], id)));
    }

    function _stranger(uint256 key) private pure returns (Party memory) {
        key = _within(key, 0x1000, type(uint128).max);
        return Party(vm.addr(key), key);
    }
}
