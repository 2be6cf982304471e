// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Charging} from "../../../contracts/libraries/Charging.sol";
import {Prices} from "../../../contracts/libraries/Messages.sol";

/// @title For every price and all work: nothing overflows, and rounding goes up by less than one
contract ChargesProof {
    /// The fee of one task, as Settlement takes it out of the node's part.
    function check_FeeIsAtMostATenth(uint32 amount, uint16 fee) external pure {
        if (fee > 1000) return;
        assert(uint256(amount) * fee / 10_000 <= amount / 10);
    }

    function check_FeeOfOneHundredthNeverExceedsTheAmount(uint64 amount) external pure {
        uint256 taken = uint256(amount) * 100 / 10_000;
        assert(taken * 100 <= amount && taken * 100 + 100 > amount);
    }

    function check_GigafuelIsRoundedUpByLessThanOne(uint64 product) external pure {
        uint256 rounded = Math.ceilDiv(product, 1e9);
        assert(rounded * 1e9 >= product && (rounded == 0 || (rounded - 1) * 1e9 < product));
    }

    function check_AtomsAreRoundedUpByLessThanOne(uint64 microAtoms) external pure {
        uint256 atoms = Math.ceilDiv(microAtoms, 1e6);
        assert(atoms * 1e6 >= microAtoms && (atoms == 0 || (atoms - 1) * 1e6 < microAtoms));
    }

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
