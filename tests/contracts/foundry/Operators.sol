// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignedLease} from "../../../contracts/interfaces/IEpochAnchors.sol";
import {
    Ask,
    EpochAnchor,
    InclusionPromise,
    JobOrder,
    Lease,
    Limits,
    Messages,
    Prices
} from "../../../contracts/libraries/Messages.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A bonded operator, a buyer with an order, a node with an ask, and somebody who reports
abstract contract Operators is Deployment {
    address internal constant BURNED = 0x000000000000000000000000000000000000dEaD;
    address internal constant REPORTER = address(uint160(uint256(keccak256("reporter"))));

    Party internal operator;
    Party internal buyer;
    Party internal node;

    function setUp() public virtual {
        _deploy(0);
        (operator, buyer, node) =
        (Parties.make(0x0F, 1)[0], Parties.make(0xB0, 1)[0], Parties.make(0xA0, 1)[0]);
        _fund(operator.account, 3 * OPERATOR_BOND);
        _bond();
    }

    function _bond() internal {
        vm.prank(operator.account);
        anchors.bond();
    }

    function _anchor(EpochAnchor memory anchor) internal {
        vm.prank(operator.account);
        anchors.anchor(anchor, "https://market.example/clearings/7/anchor");
    }

    function _book(uint64 epoch, bytes32 root, uint256 count) internal pure returns (EpochAnchor memory) {
        return EpochAnchor(epoch, root, bytes32(0), bytes32(0), uint32(count), 0, keccak256("evidence"));
    }

    /// @dev Checks that exactly the bond has gone, half of it burned.
    function _requireSlashed(address harmed) internal view {
        uint256 shared = OPERATOR_BOND / 2;
        uint256 toHarmed = harmed == address(0) ? 0 : shared / 2;
        vm.assertEq(_balance(address(anchors)), 0, "bond is gone");
        vm.assertEq(_balance(BURNED), OPERATOR_BOND - shared, "half is burned");
        vm.assertEq(_balance(REPORTER), shared - toHarmed, "reporter has its part");
        if (harmed != address(0)) vm.assertEq(_balance(harmed), toHarmed, "harmed has its part");
        (uint128 amount,,,) = anchors.operatorOf(operator.account);
        vm.assertEq(amount, 0, "operator is not bonded");
    }

    /// @dev A whole task may cost 11 atoms.
    function _order() internal view returns (JobOrder memory order) {
        order.buyer = buyer.account;
        order.operator = operator.account;
        (order.tasks, order.replicas, order.budget) = (5, 1, 1_000_000);
        order.maximumPrices = Prices(2_000_000, 1000, 500, 600);
        order.limits = Limits(5_000_000_000, 1 << 28, 1 << 24, 1 << 22, 60);
        order.deadline = START + 1 days;
        order.nonce = 11;
    }

    function _ask() internal view returns (Ask memory ask) {
        ask.node = node.account;
        ask.prices = Prices(1_500_000, 1000, 400, 600);
        (ask.minimumCharge, ask.slots, ask.expiry) = (3, 4, START + 1 hours);
        ask.limits = Limits(6_000_000_000, 1 << 29, 1 << 25, 1 << 23, 90);
        ask.offering = keccak256("offering");
    }

    /// @dev What an honest operator leases of `order` under `ask`.
    function _lease(JobOrder memory order, Ask memory ask) internal pure returns (Lease memory lease) {
        lease.order = Messages.hash(order);
        lease.ask = Messages.hash(ask);
        (lease.task, lease.epoch, lease.serial) = (4, 7, 9);
        lease.node = ask.node;
        Prices memory prices = ask.prices;
        lease.prices = Prices(prices.fuel, prices.memoryFuel, prices.ingress, prices.egress);
        (lease.minimumCharge, lease.cap, lease.deadline) = (ask.minimumCharge, 9, order.deadline);
    }

    function _leased(Lease memory lease) internal view returns (SignedLease memory) {
        return SignedLease(lease, _sign(operator, Messages.hash(lease)));
    }

    function _promise(bytes32 order, uint64 receivedAt)
        internal
        view
        returns (InclusionPromise memory made, bytes memory signature)
    {
        made = InclusionPromise(order, 7, receivedAt);
        signature = _sign(operator, Messages.hash(made));
    }
}
