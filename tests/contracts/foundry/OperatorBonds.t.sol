// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEpochAnchors, SignedLease} from "../../../contracts/interfaces/IEpochAnchors.sol";
import {JobOrder, Lease} from "../../../contracts/libraries/Messages.sol";
import {Stoppable} from "../../../contracts/libraries/Stoppable.sol";
import {Operators} from "./Operators.sol";
import {vm} from "./Vm.sol";

/// @title A bond comes back whole after its time, and answers for faults until then
contract OperatorBondsTest is Operators {
    function testFuzz_BondComesBackWholeNeverEarly(uint64 waited) public {
        waited = uint64(_within(waited, 0, UNBONDING_SECONDS - 1));
        vm.prank(operator.account);
        anchors.unbond();
        vm.warp(START + waited);
        vm.expectPartialRevert(IEpochAnchors.StillUnbonding.selector);
        _withdraw();
        vm.warp(START + UNBONDING_SECONDS);
        _withdraw();
        vm.assertEq(_balance(operator.account), 3 * OPERATOR_BOND, "all is back");
        vm.expectPartialRevert(IEpochAnchors.NotBonded.selector);
        _withdraw();
    }

    function testFuzz_BondAnswersUntilItIsWithdrawn(uint64 waited) public {
        vm.prank(operator.account);
        anchors.unbond();
        vm.warp(START + _within(waited, 0, 2 * UNBONDING_SECONDS));
        (JobOrder memory order, SignedLease memory leased) = _fault();
        vm.prank(REPORTER);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
        _requireSlashed(buyer.account);
    }

    function testFuzz_FaultIsNotUsedUpWhileNothingIsBonded(uint64 waited) public {
        vm.prank(operator.account);
        anchors.unbond();
        vm.warp(START + UNBONDING_SECONDS + _within(waited, 0, 365 days));
        _withdraw();
        (JobOrder memory order, SignedLease memory leased) = _fault();
        vm.expectPartialRevert(IEpochAnchors.NotBonded.selector);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
        _bond();
        vm.prank(REPORTER);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
        _requireSlashed(buyer.account);
    }

    function testFuzz_OperatorThatStagesAFaultLosesHalf(bool throughItsOwnOrder) public {
        (JobOrder memory order, Lease memory lease) = (_order(), _lease(_order(), _ask()));
        if (throughItsOwnOrder) order.buyer = operator.account;
        lease = _lease(order, _ask());
        lease.task = order.tasks;
        SignedLease memory leased = _leased(lease);
        vm.prank(operator.account);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
        uint256 lost = 3 * OPERATOR_BOND - _balance(operator.account);
        vm.assertGe(lost, OPERATOR_BOND / 2, "at least half is lost");
    }

    function test_BondThatIsOnItsWayOutStaysByBondingAgain() public {
        vm.prank(operator.account);
        anchors.unbond();
        _bond();
        vm.assertEq(_balance(operator.account), 2 * OPERATOR_BOND, "bonded once");
        vm.warp(START + 2 * UNBONDING_SECONDS);
        vm.expectPartialRevert(IEpochAnchors.NotUnbonding.selector);
        _withdraw();
        vm.expectPartialRevert(IEpochAnchors.AlreadyBonded.selector);
        _bond();
    }

    function test_PauseStopsBondingAndNothingElse() public {
        vm.prank(PAUSER);
        Stoppable(address(anchors)).pause();
        _anchor(_book(7, 0, 0));
        (JobOrder memory order, SignedLease memory leased) = _fault();
        vm.prank(operator.account);
        anchors.unbond();
        vm.expectPartialRevert(bytes4(keccak256("EnforcedPause()")));
        _bond();
        vm.warp(START + UNBONDING_SECONDS);
        uint256 snapshot = _balance(operator.account);
        _withdraw();
        vm.assertEq(_balance(operator.account), snapshot + OPERATOR_BOND, "the bond is back");
        vm.expectPartialRevert(IEpochAnchors.NotBonded.selector);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
    }

    function _fault() private view returns (JobOrder memory order, SignedLease memory leased) {
        order = _order();
        Lease memory lease = _lease(order, _ask());
        lease.task = order.tasks;
        leased = _leased(lease);
    }

    function _withdraw() private {
        vm.prank(operator.account);
        anchors.withdrawBond();
    }
}
