// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Messages, Statement} from "../../../contracts/libraries/Messages.sol";
import {Market} from "./Market.sol";
import {Parties, Party} from "./Parties.sol";

/// One statement of a batch; `buyer` and `node` are positions in the market's tables, and so in the batch's.
struct Line {
    uint8 buyer;
    uint8 node;
    uint64 amount;
    uint64 word;
    uint256 mask;
}

/// @title Statements packed by hand, so that StatementBatch is read by somebody else's hand
abstract contract StatementRows is Market {
    bytes32 internal constant RECEIPTS_ROOT = keccak256("receipts");
    uint256 internal constant ROW_BYTES = 210;

    /// @dev The batch of all buyers and nodes, each line by both its signatures.
    function _packed(Line[] memory lines) internal view returns (bytes memory batch) {
        batch = _tables();
        for (uint256 i = 0; i < lines.length; ++i) {
            batch = bytes.concat(batch, _row(lines[i], buyers[lines[i].buyer], nodes[lines[i].node]));
        }
    }

    function _packed(Line memory line) internal view returns (bytes memory) {
        Line[] memory lines = new Line[](1);
        lines[0] = line;
        return _packed(lines);
    }

    function _tables() internal view returns (bytes memory tables) {
        address[] memory payees = Parties.accounts(owners, nodes.length);
        tables = abi.encodePacked(uint8(buyers.length), uint8(payees.length), uint8(nodes.length));
        for (uint256 i = 0; i < buyers.length; ++i) {
            tables = abi.encodePacked(tables, buyers[i].account);
        }
        tables = bytes.concat(tables, Parties.payeeRows(payees));
        for (uint256 i = 0; i < nodes.length; ++i) {
            tables = abi.encodePacked(tables, nodes[i].account, Parties.placeOf(owners[i].account, payees));
        }
    }

    /// @dev `forBuyer` and `forNode` sign, whoever they are.
    function _row(Line memory line, Party memory forBuyer, Party memory forNode)
        internal
        view
        returns (bytes memory)
    {
        bytes32 id = Messages.hash(_statementOf(line));
        bytes memory told = abi.encodePacked(line.buyer, line.node, line.amount, line.word, line.mask);
        return abi.encodePacked(told, RECEIPTS_ROOT, _sign(forBuyer, id), _sign(forNode, id));
    }

    function _statementOf(Line memory line) internal view returns (Statement memory) {
        return Statement({
            buyer: buyers[line.buyer].account,
            node: nodes[line.node].account,
            payee: owners[line.node].account,
            amount: line.amount,
            receipts: _bits(line.mask),
            receiptsRoot: RECEIPTS_ROOT,
            marks: keccak256(abi.encodePacked(line.word, line.mask))
        });
    }

    function _bits(uint256 mask) internal pure returns (uint32 count) {
        for (; mask != 0; mask &= mask - 1) {
            ++count;
        }
    }
}
