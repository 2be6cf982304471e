// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Messages, Statement} from "../../../contracts/libraries/Messages.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {Market} from "./Market.sol";
import {Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A statement pays the growth of one running total, signed by both sides
contract StatementsTest is Market {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function testFuzz_NodeIsPaidTheGrowthOfEachStatementLessTheFee(uint96 first, uint96 second) public {
        first = uint96(_within(first, 1, FUNDS / 4));
        second = uint96(_within(second, uint256(first) + 1, FUNDS / 2));
        (Party memory buyer, Party memory node) = (buyers[1], nodes[1]);
        uint256 owner = _balance(owners[1].account);
        _settleStatement(_statement(first), buyer, node);
        _settleStatement(_statement(second), buyer, node);
        uint256 fee = _fee(first) + _fee(second - first);
        vm.assertEq(_balance(buyer.account), FUNDS - second, "buyer paid the total once");
        vm.assertEq(_balance(owners[1].account), owner + second - fee, "owner");
        vm.assertEq(_balance(FEE_RECIPIENT), fee, "fee recipient");
        vm.assertEq(settlement.paidOf(buyer.account, node.account), second, "running total");
    }

    function testFuzz_BuyerIsNotDebitedByAStatementThatDoesNotGrow(uint96 settled, uint96 given) public {
        settled = uint96(_within(settled, 1, FUNDS));
        given = uint96(_within(given, 0, settled));
        _settleStatement(_statement(settled), buyers[1], nodes[1]);
        (address buyer, address node) = (buyers[1].account, nodes[1].account);
        bytes32 id = Messages.hash(_statement(given));
        (bytes memory byBuyer, bytes memory byNode) = (_sign(buyers[1], id), _sign(nodes[1], id));
        vm.expectRevert(
            abi.encodeWithSelector(ISettlement.StatementNotGrown.selector, buyer, node, given, settled)
        );
        settlement.settleStatement(_statement(given), byBuyer, byNode);
    }

    function testFuzz_StrangerCannotSignForTheBuyer(uint96 amount, uint256 key) public {
        Party memory stranger = _stranger(key);
        bytes32 id = Messages.hash(_statement(_positive(amount)));
        (bytes memory forged, bytes memory byNode) = (_sign(stranger, id), _sign(nodes[1], id));
        vm.expectRevert(
            abi.encodeWithSelector(IGridRegistry.NotDelegated.selector, buyers[1].account, stranger.account)
        );
        settlement.settleStatement(_statement(_positive(amount)), forged, byNode);
    }

    function testFuzz_StrangerCannotSignForTheNode(uint96 amount, uint256 key) public {
        bytes32 id = Messages.hash(_statement(_positive(amount)));
        (bytes memory byBuyer, bytes memory forged) = (_sign(buyers[1], id), _sign(_stranger(key), id));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, nodes[1].account));
        settlement.settleStatement(_statement(_positive(amount)), byBuyer, forged);
    }

    function testFuzz_RelayerCannotChangeWhatBothSigned(uint96 amount, uint96 other) public {
        (amount, other) = (_positive(amount), _positive(other));
        vm.assume(amount != other);
        bytes32 id = Messages.hash(_statement(amount));
        (bytes memory byBuyer, bytes memory byNode) = (_sign(buyers[1], id), _sign(nodes[1], id));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, nodes[1].account));
        settlement.settleStatement(_statement(other), byBuyer, byNode);
        settlement.settleStatement(_statement(amount), byBuyer, byNode);
    }

    function testFuzz_NodesMalleableTwinSignatureIsRefused(uint96 amount) public {
        Statement memory statement = _statement(_positive(amount));
        bytes32 id = Messages.hash(statement);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(nodes[1].key, _digest(id));
        bytes memory twin = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? 28 : 27);
        bytes memory byBuyer = _sign(buyers[1], id);
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, nodes[1].account));
        settlement.settleStatement(statement, byBuyer, twin);
        settlement.settleStatement(statement, byBuyer, abi.encodePacked(r, s, v));
    }

    function _statement(uint96 amount) private view returns (Statement memory) {
        return Statement(buyers[1].account, nodes[1].account, amount, 1, keccak256("receipts"));
    }

    function _stranger(uint256 key) private pure returns (Party memory) {
        key = _within(key, 0x1000, type(uint128).max);
        return Party(vm.addr(key), key);
    }

    function _positive(uint96 amount) private pure returns (uint96) {
        return uint96(_within(amount, 1, FUNDS));
    }

    function _fee(uint256 amount) private pure returns (uint256) {
        return amount * FEE_BASIS_POINTS / 10_000;
    }
}
