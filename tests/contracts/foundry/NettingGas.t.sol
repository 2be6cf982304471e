// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Messages, RootNetting} from "../../../contracts/libraries/Messages.sol";
import {gasVm} from "./GasVm.sol";
import {Market} from "./Market.sol";
import {Parties, Party, Task} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title What netting costs, pinned in snapshots/netting.json
/// @dev Run with --isolate, so that each call is a transaction with its intrinsic and calldata gas. Ten buyers,
/// twenty nodes of five owners, accounts with money, words of serials begun, a fee.
contract NettingGasTest is Market {
    uint256 private constant MANY_BUYERS = 10;
    uint256 private constant MANY_NODES = 20;
    uint256 private constant FEW_OWNERS = 5;

    function setUp() public override {
        _deploy(100);
        (buyers, nodes) = (Parties.make(0xB0, MANY_BUYERS), Parties.make(0xA0, MANY_NODES));
        Party[] memory holders = Parties.make(0xC0, FEW_OWNERS);
        _fund(FEE_RECIPIENT, 1);
        for (uint256 i = 0; i < MANY_BUYERS; ++i) {
            _fund(buyers[i].account, FUNDS);
        }
        for (uint256 i = 0; i < MANY_NODES; ++i) {
            owners.push(holders[i % FEW_OWNERS]);
            if (i < FEW_OWNERS) _fund(holders[i].account, FUNDS);
            _connect(nodes[i], owners[i], MINIMUM_STAKE);
        }
    }

    function test_GasOfThreeHundredListedTasks() public {
        _pin("300 listed tasks", 300, 2000);
    }

    function test_GasOfAThousandListedTasks() public {
        _pin("1000 listed tasks", 1000, 1100);
    }

    function test_GasOfThreeHundredTasksByRoot() public {
        _landRoot(1, 300);
        _landRoot(2, 300);
        gasVm.snapshotGasLastCall("netting", "300 tasks by root");
    }

    function _pin(string memory name, uint256 count, uint256 most) private {
        _settle(1, _tasks(count, 0), MANY_BUYERS, MANY_NODES);
        _settle(2, _tasks(count, count / MANY_NODES), MANY_BUYERS, MANY_NODES);
        vm.assertLe(gasVm.snapshotGasLastCall("netting", name), count * most, name);
    }

    /// @dev As many for each node, by its serials from `offset` on; of every buyer in turn.
    function _tasks(uint256 count, uint256 offset) private pure returns (Task[] memory tasks) {
        tasks = new Task[](count);
        uint256 each = count / MANY_NODES;
        for (uint256 i = 0; i < count; ++i) {
            bytes32 drawn = keccak256(abi.encode(i, offset));
            uint64 amount = 1000 + uint64(uint256(drawn) % 99_000);
            uint16 serial = uint16(offset + i % each);
            tasks[i] = Task(uint8(i % MANY_BUYERS), uint8(i / each), amount, serial, bytes16(drawn));
        }
    }

    function _landRoot(uint64 epoch, uint32 count) private {
        uint64 each = count / uint64(MANY_NODES);
        bytes memory batch = _rootTables(epoch, count);
        for (uint256 i = 0; i < MANY_NODES; ++i) {
            batch = abi.encodePacked(batch, ((uint256(1) << each) - 1) << (each * (epoch - 1)));
        }
        bytes32 id = Messages.hash(RootNetting(epoch, keccak256(batch)));
        bytes memory signatures;
        for (uint256 i = 0; i < MANY_BUYERS; ++i) {
            signatures = bytes.concat(signatures, _sign(buyers[i], id));
        }
        for (uint256 i = 0; i < MANY_NODES; ++i) {
            signatures = bytes.concat(signatures, _sign(nodes[i], id));
        }
        settlement.settleRoot(batch, signatures);
    }

    /// @dev Each buyer pays for two nodes.
    function _rootTables(uint64 epoch, uint32 count) private view returns (bytes memory batch) {
        address[] memory payees = Parties.accounts(owners, MANY_NODES);
        bytes memory counts = abi.encodePacked(uint8(MANY_BUYERS), uint8(FEW_OWNERS), uint8(MANY_NODES));
        batch = abi.encodePacked(epoch, counts, count, keccak256("root"));
        for (uint256 i = 0; i < MANY_BUYERS; ++i) {
            batch = abi.encodePacked(batch, buyers[i].account, uint64(2 * 750_123));
        }
        batch = bytes.concat(batch, Parties.payeeRows(payees));
        for (uint256 i = 0; i < MANY_NODES; ++i) {
            bytes memory node = abi.encodePacked(
                nodes[i].account, Parties.placeOf(owners[i].account, payees), uint64(750_123)
            );
            batch = abi.encodePacked(batch, node, uint56(9), uint8(1));
        }
    }
}
