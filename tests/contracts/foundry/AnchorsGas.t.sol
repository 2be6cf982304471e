// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EpochAnchor} from "../../../contracts/libraries/Messages.sol";
import {gasVm} from "./GasVm.sol";
import {Operators} from "./Operators.sol";
import {vm} from "./Vm.sol";

/// @title What anchoring an epoch costs, pinned in snapshots/anchors.json
/// @dev Run with --isolate, so that each call is a transaction with its intrinsic and calldata gas.
contract AnchorsGasTest is Operators {
    function test_GasOfALaterAnchor() public {
        _anchorFull(1 << 20);
        _anchorFull((1 << 20) + 1);
        uint256 used = gasVm.snapshotGasLastCall("anchors", "anchor");
        vm.assertLe(used, 60_000, "gas of an anchor");
    }

    function _anchorFull(uint64 epoch) private {
        bytes32 drawn = keccak256(abi.encode(epoch));
        EpochAnchor memory anchor = EpochAnchor({
            epoch: epoch,
            bookRoot: keccak256(abi.encode(drawn, 1)),
            matchRoot: keccak256(abi.encode(drawn, 2)),
            prices: keccak256(abi.encode(drawn, 3)),
            orders: 1234,
            leases: 5678,
            evidence: keccak256(abi.encode(drawn, 4))
        });
        vm.prank(operator.account);
        anchors.anchor(anchor, "https://market.suanli.example/v1/clearings/1234567/anchor");
    }
}
