// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {gasVm} from "./GasVm.sol";
import {Parties} from "./Parties.sol";
import {Line, StatementRows} from "./StatementRows.sol";
import {vm} from "./Vm.sol";

/// @title What bilateral statements cost, pinned in snapshots/statements.json
/// @dev Run with --isolate, so that each call is a transaction with its intrinsic and calldata gas. Steady
/// state: accounts hold money and the nodes' words of serials are begun, unless a name says otherwise.
contract StatementsGasTest is StatementRows {
    uint256 private constant PAIRS = 10;
    uint256 private constant ROUNDS = 4;

    uint256 private _next = 1;

    function setUp() public override {
        _deploy(FEE_BASIS_POINTS);
        (buyers, nodes, owners) =
        (Parties.make(0xB0, PAIRS), Parties.make(0xA0, PAIRS), Parties.make(0xC0, PAIRS));
        for (uint256 i = 0; i < PAIRS; ++i) {
            _fund(buyers[i].account, FUNDS);
            _fund(owners[i].account, FUNDS);
            _connect(nodes[i], owners[i], MINIMUM_STAKE);
        }
    }

    function test_GasOfOneStatement() public {
        _settleAlone(_line(0));
        gasVm.snapshotGasLastCall("statements", "settleStatement, new word of serials");
        _settleAlone(_line(0));
        gasVm.snapshotGasLastCall("statements", "settleStatement");
    }

    function test_GasOfOneStatementAsABatch() public {
        _keepPairs(1);
        _land(_lines(1));
        gasVm.snapshotGasLastCall("statements", "one row, new word of serials");
        _land(_lines(1));
        uint256 used = gasVm.snapshotGasLastCall("statements", "one row");
        vm.assertLe(used, 55_000, "gas of one statement");
    }

    /// Sixteen receipts, as `make bench` has it: more serials need to be counted.
    function test_GasOfOneStatementOverManyReceipts() public {
        _keepPairs(1);
        _land(_lines(1));
        Line[] memory lines = new Line[](1);
        lines[0] = Line(0, 0, 16 * 50_123, 7, 0xffff << 96);
        _land(lines);
        uint256 used = gasVm.snapshotGasLastCall("statements", "one row of sixteen receipts");
        vm.assertLe(used, 55_000, "gas of one statement");
    }

    function test_GasOfFurtherRows() public {
        _land(_lines(1));
        uint256 few = _landedGas(1);
        uint256 many = _landedGas(ROUNDS);
        uint256 further = (many - few) / (PAIRS * (ROUNDS - 1));
        gasVm.snapshotValue("statements", "further row of the same pairs", further);
        vm.assertLe(further, 11_000, "gas of a further row");
    }

    function test_GasOfFurtherPairs() public {
        _land(_lines(1));
        uint256 many = _landedGas(1);
        _keepPairs(1);
        uint256 one = _landedGas(1);
        gasVm.snapshotValue("statements", "further row of another pair", (many - one) / (PAIRS - 1));
    }

    function _settleAlone(Line memory line) private {
        bytes memory marks = abi.encodePacked(line.word, line.mask);
        _settleStatement(_statementOf(line), marks, buyers[line.buyer], nodes[line.node]);
    }

    /// @dev `rounds` statements of one receipt for each pair.
    function _lines(uint256 rounds) private returns (Line[] memory lines) {
        lines = new Line[](rounds * buyers.length);
        for (uint256 i = 0; i < lines.length; ++i) {
            lines[i] = _line(uint8(i % buyers.length));
        }
    }

    /// @dev The next serial of the pair's node; every node has one word, begun by its first statement.
    function _line(uint8 pair) private returns (Line memory) {
        return Line(pair, pair, 50_123, 7, 1 << (_next++ % 256));
    }

    function _land(Line[] memory lines) private {
        settlement.settleStatements(_packed(lines));
    }

    function _landedGas(uint256 rounds) private returns (uint256) {
        _land(_lines(rounds));
        return gasVm.lastCallGas().gasTotalUsed;
    }

    function _keepPairs(uint256 count) private {
        while (buyers.length > count) {
            buyers.pop();
            nodes.pop();
            owners.pop();
        }
    }
}
