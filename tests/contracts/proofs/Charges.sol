// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Charging} from "../../../contracts/libraries/Charging.sol";
import {Prices} from "../../../contracts/libraries/Messages.sol";

/// @title For every price: no work costs nothing
/// @dev Solvers do not get through products of two unknowns divided by a constant: rounding is fuzzed, and held
/// against Python in tests/contracts/test_charging_in_solidity.py.
contract ChargesProof {
    function check_NothingCostsNothing(uint64[4] memory price) external view {
        assert(this.charge(Prices(price[0], price[1], price[2], price[3]), 0, 0, 0, 0) == 0);
    }

    function charge(Prices calldata prices, uint256 fuel, uint256 memoryFuel, uint256 ingress, uint256 egress)
        external
        pure
        returns (uint256)
    {
        return Charging.chargeRoundedUp(prices, fuel, memoryFuel, ingress, egress);
    }
}
