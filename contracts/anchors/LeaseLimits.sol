// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Limit} from "../interfaces/IEpochAnchors.sol";
import {Charging} from "../libraries/Charging.sol";
import {Ask, JobOrder, Lease, Prices} from "../libraries/Messages.sol";

/// @title The first signed limit that a lease breaks
/// @notice The rules of the market's clearing (`market/core/rules`), as far as order, ask and lease tell.
library LeaseLimits {
    /// @notice Held against the order that the lease names.
    function brokenOfOrder(Lease calldata lease, JobOrder calldata order, address operator)
        internal
        pure
        returns (Limit)
    {
        if (order.operator != operator) return Limit.OPERATOR;
        if (lease.task >= order.tasks) return Limit.TASK;
        if (lease.deadline > order.deadline) return Limit.DEADLINE;
        if (!_isAtMost(lease.prices, order.maximumPrices)) return Limit.PRICES;
        uint256 most = Charging.wholeTaskRoundedUp(order.maximumPrices, order.limits);
        if (lease.minimumCharge > most) return Limit.MINIMUM_CHARGE;
        if (lease.cap > most || lease.cap > order.budget) return Limit.CAP;
        return Limit.NONE;
    }

    /// @notice Held against the ask that the lease names. An ask has expired for new leases only.
    function brokenOfAsk(Lease calldata lease, Ask calldata ask) internal pure returns (Limit) {
        if (lease.node != ask.node) return Limit.NODE;
        if (!_isAtMost(ask.prices, lease.prices)) return Limit.PRICES;
        if (lease.minimumCharge < ask.minimumCharge) return Limit.MINIMUM_CHARGE;
        return Limit.NONE;
    }

    function _isAtMost(Prices calldata prices, Prices calldata most) private pure returns (bool) {
        return prices.fuel <= most.fuel && prices.memoryFuel <= most.memoryFuel
            && prices.ingress <= most.ingress && prices.egress <= most.egress;
    }
}
