// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Limits, Prices} from "./Messages.sol";

/// @title What work costs
/// @notice Mirrors `suanli/protocol/units.py` and `charging.py`. No step can overflow: a price is below 2^64,
/// work in any dimension below 2^88.
library Charging {
    uint256 private constant FUEL_PER_GIGAFUEL = 1e9;
    uint256 private constant FUEL_PER_MEGAFUEL = 1e6;
    uint256 private constant MEMORY_FUEL_PER_GIBIBYTE_GIGAFUEL = 1024 * 1000;
    uint256 private constant BYTES_PER_MEBIBYTE = 1 << 20;
    uint256 private constant MICRO_ATOMS_PER_ATOM = 1e6;

    /// @notice Atoms for metered work: each dimension rounded up to a micro-atom, the sum to an atom.
    function chargeRoundedUp(
        Prices calldata prices,
        uint256 fuel,
        uint256 memoryFuel,
        uint256 ingress,
        uint256 egress
    ) internal pure returns (uint256) {
        uint256 microAtoms = Math.ceilDiv(prices.fuel * fuel, FUEL_PER_GIGAFUEL)
            + Math.ceilDiv(prices.memoryFuel * memoryFuel, MEMORY_FUEL_PER_GIBIBYTE_GIGAFUEL)
            + Math.ceilDiv(prices.ingress * ingress, BYTES_PER_MEBIBYTE)
            + Math.ceilDiv(prices.egress * egress, BYTES_PER_MEBIBYTE);
        return Math.ceilDiv(microAtoms, MICRO_ATOMS_PER_ATOM);
    }

    /// @notice Memory held over work, in MiB·megafuel.
    function memoryFuelRoundedUp(uint256 memoryBytes, uint256 fuel) internal pure returns (uint256) {
        return Math.ceilDiv(memoryBytes * fuel, BYTES_PER_MEBIBYTE * FUEL_PER_MEGAFUEL);
    }

    /// @notice Atoms for a task that uses all that `limits` allow.
    function wholeTaskRoundedUp(Prices calldata prices, Limits calldata limits)
        internal
        pure
        returns (uint256)
    {
        uint256 memoryFuel = memoryFuelRoundedUp(limits.memoryBytes, limits.fuel);
        return chargeRoundedUp(prices, limits.fuel, memoryFuel, limits.inputBytes, limits.outputBytes);
    }
}
