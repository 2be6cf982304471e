// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Charging} from "../libraries/Charging.sol";
import {Limits, Prices, Usage} from "../libraries/Messages.sol";

/// @title Lets a test hold the charges against `suanli/protocol/charging.py`
/// @notice For parity tests; never deployed for use.
contract ChargingHarness {
    /// @notice What each usage costs at the prices beside it, in atoms.
    function chargesRoundedUp(Prices[] calldata prices, Usage[] calldata usages)
        external
        pure
        returns (uint256[] memory charges)
    {
        charges = new uint256[](usages.length);
        for (uint256 i = 0; i < usages.length; ++i) {
            Usage calldata usage = usages[i];
            charges[i] = Charging.chargeRoundedUp(
                prices[i], usage.fuel, usage.memoryFuel, usage.ingress, usage.egress
            );
        }
    }

    /// @notice What a task costs that uses all its limits, in atoms.
    function wholeTasksRoundedUp(Prices[] calldata prices, Limits[] calldata limits)
        external
        pure
        returns (uint256[] memory charges)
    {
        charges = new uint256[](limits.length);
        for (uint256 i = 0; i < limits.length; ++i) {
            charges[i] = Charging.wholeTaskRoundedUp(prices[i], limits[i]);
        }
    }
}
