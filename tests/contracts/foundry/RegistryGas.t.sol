// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deployment} from "./Deployment.sol";
import {gasVm} from "./GasVm.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title What connecting a node costs, pinned in snapshots/registry.json
/// @dev Run with --isolate, so that each call is a transaction with its intrinsic and calldata gas.
contract RegistryGasTest is Deployment {
    function test_GasOfConnecting() public {
        _deploy(0);
        Party[] memory owners = Parties.make(0xC0, 2);
        Party[] memory nodes = Parties.make(0xA0, 2);
        for (uint256 i = 0; i < 2; ++i) {
            _fund(owners[i].account, 1 << 90);
            _connect(nodes[i], owners[i], MINIMUM_STAKE);
        }
        uint256 used = gasVm.snapshotGasLastCall("registry", "connect");
        vm.assertLe(used, 110_000, "gas of connecting");
    }
}
