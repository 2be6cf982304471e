// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Limits, Prices, Usage} from "../libraries/Messages.sol";

/// @title What metered work costs
/// @notice Mirrors `suanli/protocol/units.py` and `charging.py`; pinned vectors hold both equal. Vectors have one
/// number per dimension: fuel, memory-fuel, bytes in, bytes out. No sum here can reach 2^256.
library Charges {
    uint256 internal constant DIMENSIONS = 4;
    uint256 private constant MICRO_ATOMS_PER_ATOM = 1_000_000;
    uint256 private constant FUEL_PER_GIGAFUEL = 1e9;
    uint256 private constant FUEL_PER_MEGAFUEL = 1e6;
    uint256 private constant BYTES_PER_MEBIBYTE = 1 << 20;
    uint256 private constant MEMORY_FUEL_PER_GIBIBYTE_GIGAFUEL = 1024 * 1000;

    /// @notice The charge in atoms: each dimension's line in micro-atoms rounded up, their sum rounded up once, at
    /// least `minimum`.
    function charge(uint256[DIMENSIONS] memory prices, uint256[DIMENSIONS] memory used, uint256 minimum)
        internal
        pure
        returns (uint256)
    {
        uint256 lines = Math.ceilDiv(prices[0] * used[0], FUEL_PER_GIGAFUEL)
            + Math.ceilDiv(prices[1] * used[1], MEMORY_FUEL_PER_GIBIBYTE_GIGAFUEL)
            + Math.ceilDiv(prices[2] * used[2], BYTES_PER_MEBIBYTE)
            + Math.ceilDiv(prices[3] * used[3], BYTES_PER_MEBIBYTE);
        return Math.max(minimum, Math.ceilDiv(lines, MICRO_ATOMS_PER_ATOM));
    }

    /// @notice The most that a task can use within its limits, with as much input as they allow.
    function atLimits(Limits calldata limits) internal pure returns (uint256[DIMENSIONS] memory) {
        uint256 memoryFuel =
            Math.ceilDiv(uint256(limits.memoryBytes) * limits.fuel, BYTES_PER_MEBIBYTE * FUEL_PER_MEGAFUEL);
        return [uint256(limits.fuel), memoryFuel, limits.inputBytes, limits.outputBytes];
    }

    function vector(Prices calldata prices) internal pure returns (uint256[DIMENSIONS] memory) {
        return [uint256(prices.fuel), prices.memoryFuel, prices.ingress, prices.egress];
    }

    function vector(Usage calldata usage) internal pure returns (uint256[DIMENSIONS] memory) {
        return [uint256(usage.fuel), usage.memoryFuel, usage.ingress, usage.egress];
    }
}
