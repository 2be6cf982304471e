// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {Claim, ClaimItem, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {JobOrder, Messages, Statement, Usage} from "../../../contracts/libraries/Messages.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {CourtHouse, blockVm} from "./CourtHouse.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title Claims on the real contracts: a finished task is paid without the buyer, once, and nothing else is
contract ClaimsTest is CourtHouse {
    function testFuzz_UnchallengedClaimPaysTheOwnerWhatTheUsageCosts(uint64 a, uint64 b, uint64 c, uint64 d)
        public
    {
        JobOrder memory order = _order();
        Usage memory usage = Usage(
            uint64(_within(a, 0, 1e12)),
            uint64(_within(b, 0, 1024 * 1e6)),
            uint64(_within(c, 0, 1 << 30)),
            uint64(_within(d, 0, 1 << 30))
        );
        ClaimItem memory item = _item(order, 1, 300, usage);
        Claim memory claim = _claimOf(item, buyer.account);
        _open(order, item);
        vm.assertEq(_balance(address(court)), claim.amount, "held");
        uint256 end = claim.openedAt + _rules().claimWindowSeconds;
        vm.warp(end);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.PhaseNotBegun.selector, end));
        court.closeClaim(claim);
        vm.warp(end + 1);
        court.closeClaim(claim);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + _charge(item.lease, usage), "owner");
        vm.assertEq(_balance(buyer.account), FUNDS - _charge(item.lease, usage), "buyer");
        vm.expectPartialRevert(IClaimCourt.ClaimMismatch.selector);
        court.closeClaim(claim);
        vm.expectPartialRevert(SerialBits.AlreadyPaid.selector);
        this.open(order, item);
    }

    function testFuzz_FlippedBitOfAnySignatureIsRefused(uint8 which, uint16 bit) public {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 0, _usage());
        bytes memory signature = _sign(buyer, Messages.hash(order));
        bytes memory flipped =
            which % 3 == 0 ? signature : which % 3 == 1 ? item.operatorSignature : item.nodeSignature;
        flipped[(bit / 8) % 64] ^= bytes1(uint8(1 << (bit % 8)));
        blockVm.expectRevert();
        this.openAs(node.account, order, signature, item);
    }

    /// @dev Each change is signed anew by operator and node, so that only the check itself can refuse it.
    function test_WhatTheBuyerDidNotOrderIsRefused() public {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 0, _usage());
        item.lease.prices.fuel = order.maximumPrices.fuel + 1;
        _requireRefused(order, item, IClaimCourt.PriceAboveLimit.selector);
        item = _item(order, 0, 0, _usage());
        item.lease.prices.egress = order.maximumPrices.egress + 1;
        _requireRefused(order, item, IClaimCourt.PriceAboveLimit.selector);
        item = _item(order, 0, 0, _usage());
        item.lease.minimumCharge = 1 << 100;
        _requireRefused(order, item, IClaimCourt.MinimumAboveLimit.selector);
        item = _item(order, 0, 0, _usage());
        item.lease.task = 2;
        _requireRefused(order, item, IClaimCourt.WrongTask.selector);
        item = _item(order, 0, 0, _usage());
        item.lease.spec = _spec(1);
        _requireRefused(order, item, IClaimCourt.WrongSpec.selector);
        item = _item(order, 0, 0, _usage());
        item.lease.deadline = order.deadline + 1;
        _requireRefused(order, item, IClaimCourt.WrongDeadline.selector);
        item = _item(order, 0, 0, _usage());
        item.lease.order = keccak256("another order");
        _requireRefused(order, item, IClaimCourt.WrongOrder.selector);
    }

    function test_WhatTheReceiptMayNotSayIsRefused() public {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 0, _usage());
        item.receipt.amount += 1;
        _requireRefused(order, item, IClaimCourt.WrongAmount.selector);
        item = _item(order, 0, 0, _usage());
        item.lease.cap = item.receipt.amount - 1;
        _requireRefused(order, item, IClaimCourt.AmountAboveCap.selector);
        item = _item(order, 0, 0, _usage());
        item.receipt.outcome = 2;
        _requireRefused(order, item, IClaimCourt.WrongOutcome.selector);
        Usage memory usage = _usage();
        usage.fuel = order.limits.fuel + 1;
        _requireRefused(order, _item(order, 0, 0, usage), IClaimCourt.UsageAboveLimit.selector);
        usage = _usage();
        usage.memoryFuel = 1024 * 1e6 + 1;
        _requireRefused(order, _item(order, 0, 0, usage), IClaimCourt.UsageAboveLimit.selector);
        usage = _usage();
        usage.ingress = order.limits.inputBytes + 1;
        _requireRefused(order, _item(order, 0, 0, usage), IClaimCourt.UsageAboveLimit.selector);
        usage = _usage();
        usage.egress = order.limits.outputBytes + 1;
        _requireRefused(order, _item(order, 0, 0, usage), IClaimCourt.UsageAboveLimit.selector);
        item = _item(order, 0, 0, _usage());
        item.receipt.lease = keccak256("another lease");
        item.nodeSignature = _sign(node, Messages.hash(item.receipt));
        vm.expectPartialRevert(IClaimCourt.WrongLease.selector);
        this.open(order, item);
    }

    function testFuzz_StrangerCannotClaimForANode(address stranger) public {
        vm.assume(stranger != node.account && stranger != owner.account && stranger != address(vm));
        JobOrder memory order = _order();
        bytes memory signature = _sign(buyer, Messages.hash(order));
        ClaimItem memory item = _item(order, 0, 0, _usage());
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.NotClaimant.selector, node.account, stranger));
        this.openAs(stranger, order, signature, item);
        _openAs(owner.account, order, signature, item);
    }

    function test_EachSerialIsPaidByOneExitOnly() public {
        _openOne(300);
        (Statement memory statement, bytes memory marks) = _statement(300);
        vm.expectPartialRevert(SerialBits.AlreadyPaid.selector);
        this.settle(statement, marks);
        (statement, marks) = _statement(301);
        this.settle(statement, marks);
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 301, _usage());
        vm.expectPartialRevert(SerialBits.AlreadyPaid.selector);
        this.open(order, item);
    }

    function test_NoMoreCopiesThanReplicasAndNoMoreThanTheBudgetAreClaimed() public {
        JobOrder memory order = _order();
        for (uint64 serial = 0; serial < 2; ++serial) {
            _open(order, _item(order, 0, serial, _usage()));
        }
        vm.assertEq(court.copiesOf(Messages.hash(order), 0), 2, "copies");
        _requireRefused(order, _item(order, 0, 2, _usage()), IClaimCourt.CopiesExceeded.selector);
        _open(order, _item(order, 1, 3, _usage()));
        order.budget = 2 * _item(order, 0, 0, _usage()).receipt.amount - 1;
        _open(order, _item(order, 0, 4, _usage()));
        _requireRefused(order, _item(order, 1, 5, _usage()), IClaimCourt.BudgetExceeded.selector);
    }

    function testFuzz_ClaimsOnACancelledOrEndedOrderStopAfterTheGrace(uint32 moment, bool cancelled) public {
        JobOrder memory order = _order();
        uint256 end = order.deadline;
        if (cancelled) {
            vm.warp(end = _within(moment, _now(), order.deadline));
            vm.prank(buyer.account);
            bidding.cancel(order.nonce);
        }
        end += CLAIM_GRACE_SECONDS;
        ClaimItem memory item = _item(order, 0, 0, _usage());
        vm.warp(end + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IClaimCourt.ClaimsEnded.selector, Messages.hash(order), uint64(end))
        );
        this.open(order, item);
        vm.warp(end);
        this.open(order, item);
    }

    function test_DelegatesOrderDrawsItsCapAlsoInTheGraceAfterItExpired() public {
        JobOrder memory order = _order();
        ClaimItem memory item = _item(order, 0, 0, _usage());
        Party memory delegate = _party(0xDE);
        uint128 cap = item.receipt.amount + 3;
        _delegate(buyer, delegate.account, cap, uint64(_now() + 60), 1);
        vm.warp(_now() + 120);
        _openAs(node.account, order, _sign(delegate, Messages.hash(order)), item);
        (uint128 remaining,,) = registry.delegationOf(buyer.account, delegate.account);
        vm.assertEq(remaining, 3, "cap left");
        item = _item(order, 1, 1, _usage());
        bytes memory signature = _sign(delegate, Messages.hash(order));
        vm.expectPartialRevert(IGridRegistry.DelegationExceeded.selector);
        this.openAs(node.account, order, signature, item);
    }

    function test_ReservedOrderPaysFromItsReservationWithoutTheBuyersSignature() public {
        JobOrder memory order = _order();
        order.budget = _item(order, 0, 0, _usage()).receipt.amount;
        ClaimItem memory item = _item(order, 0, 0, _usage());
        vm.expectPartialRevert(Signatures.InvalidSignature.selector);
        this.openAs(node.account, order, "", item);
        vm.prank(buyer.account);
        bidding.reserve(order, order.budget, "");
        address account = bidding.reservationAccount(Messages.hash(order));
        Claim memory claim = _claimOf(item, account);
        _openAs(node.account, order, "", item);
        vm.assertEq(_balance(account), 0, "reservation");
        vm.assertEq(_balance(buyer.account), FUNDS - claim.amount, "buyer");
        vm.warp(_now() + _rules().claimWindowSeconds + 1);
        court.closeClaim(claim);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + claim.amount, "owner");
    }

    /// A pause that blocks exits is a bug of several systems.
    function test_PauseStopsNoClaim() public {
        vm.prank(PAUSER);
        (bool paused,) = address(registry).call(abi.encodeWithSignature("pause()"));
        vm.assertTrue(paused, "paused");
        Claim memory claim = _openOne(0);
        vm.warp(_now() + _rules().claimWindowSeconds + 1);
        court.closeClaim(claim);
    }

    function test_ABuyerAndItsOwnNodeCannotUseUpSerialsOfAnotherNodeBeforeItClaims() public {
        Party memory sock = Parties.make(0x50C, 1)[0];
        (Statement memory statement, bytes memory marks) = _statement(0);
        (statement.node, statement.amount) = (sock.account, 0);
        _settleStatement(statement, marks, buyer, sock);
        Claim memory claim = _openOne(0);
        vm.warp(_now() + _rules().claimWindowSeconds + 1);
        court.closeClaim(claim);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + claim.amount, "owner");
    }

    function test_NodeWithAnOpenClaimKeepsItsStakeLocked() public {
        Claim memory claim = _openOne(0);
        vm.prank(owner.account);
        registry.disconnect(node.account);
        vm.warp(_now() + UNBONDING_SECONDS + 1);
        vm.expectPartialRevert(IGridRegistry.StakeStillLocked.selector);
        registry.release(node.account);
        court.closeClaim(claim);
        registry.release(node.account);
        vm.assertEq(_balance(owner.account), FUNDS + claim.amount, "owner");
    }

    function open(JobOrder calldata order, ClaimItem calldata item) external {
        _open(order, item);
    }

    function openAs(
        address caller,
        JobOrder calldata order,
        bytes calldata signature,
        ClaimItem calldata item
    ) external {
        _openAs(caller, order, signature, item);
    }

    function settle(Statement calldata statement, bytes calldata marks) external {
        _settleStatement(statement, marks, buyer, node);
    }

    function _requireRefused(JobOrder memory order, ClaimItem memory item, bytes4 reason) private {
        _signItem(item);
        vm.expectPartialRevert(reason);
        this.open(order, item);
    }

    /// @dev Pays 5 atoms for one receipt with this serial.
    function _statement(uint64 serial) private view returns (Statement memory statement, bytes memory marks) {
        marks = abi.encodePacked(serial >> 8, uint256(1) << (serial & 255));
        statement = Statement(
            buyer.account, node.account, owner.account, 5, 1, bytes32(uint256(serial)), keccak256(marks)
        );
    }
}
