// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AwardItem, Challenge, Claim, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {AuctionTerms, Bid, QualityRule} from "../../../contracts/libraries/Auctions.sol";
import {Messages} from "../../../contracts/libraries/Messages.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {CourtHouse, Finding} from "./CourtHouse.sol";
import {vm} from "./Vm.sol";

/// @title The winner of an auction is paid for each task by its own claim, out of the award's reservation
contract AwardClaimsTest is CourtHouse {
    uint96 private constant PAYMENT = 1001;
    uint96 private constant DEPOSIT = 70;

    AuctionTerms private _terms;
    bytes32 private _auction;
    address private _reserved;

    function setUp() public override {
        super.setUp();
        _terms.buyer = buyer.account;
        (_terms.specRoot, _terms.tasks, _terms.budget, _terms.deposit) = (_root(), 2, PAYMENT, DEPOSIT);
        _terms.commitUntil = uint64(_now() + 1 hours);
        (_terms.revealUntil, _terms.deadline) = (_terms.commitUntil + 1 hours, _terms.commitUntil + 2 days);
        vm.prank(buyer.account);
        _auction = bidding.openAuction(_terms);
        _reserved = bidding.reservationAccount(_auction);
        Bid memory bid = Bid(node.account, 600, new uint64[](0), SALT);
        vm.prank(owner.account);
        bidding.commitBid(_terms, node.account, keccak256(abi.encode(_auction, bid)));
        vm.warp(_terms.commitUntil + 1);
        bidding.revealBid(_terms, bid);
    }

    function test_EachTaskPaysItsShareAndTheLastOneTheRemainderToo() public {
        _award();
        (Claim memory first, Claim memory last) = (_claim(0), _claim(1));
        vm.assertEq(first.amount, 500, "payment / tasks");
        vm.assertEq(last.amount, 501, "and the remainder");
        _openBoth();
        vm.assertEq(_balance(_reserved), 0, "reservation");
        vm.assertEq(_balance(address(court)), PAYMENT, "held");
        vm.assertEq(court.openClaimsOf(_auction), 2, "both are open");
        vm.warp(_now() + _rules().claimWindowSeconds + 1);
        court.closeClaim(first);
        vm.assertEq(court.openClaimsOf(_auction), 1, "one is open");
        court.closeClaim(last);
        vm.assertEq(court.openClaimsOf(_auction), 0, "none is open");
        vm.assertEq(_balance(owner.account), FUNDS - STAKE - DEPOSIT + PAYMENT, "winner's owner");
        vm.assertEq(_balance(buyer.account), FUNDS - PAYMENT, "buyer");
        bidding.settleBond(_terms);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + PAYMENT, "deposit is back");
    }

    function test_TaskIsClaimedOnceAndNeverPaidByStatementAsWell() public {
        _award();
        _open(_item(0));
        AwardItem memory again = _item(0);
        vm.expectPartialRevert(IClaimCourt.ClaimExists.selector);
        this.open(again);
        vm.warp(_now() + _rules().claimWindowSeconds + 1);
        Claim memory claim = _claim(0);
        claim.openedAt -= _rules().claimWindowSeconds + 1;
        court.closeClaim(claim);
        vm.expectRevert(abi.encodeWithSelector(SerialBits.AlreadyPaid.selector, _reserved, 0, 1));
        this.open(again);
    }

    function test_WhatTheAwardDoesNotSayIsRefused() public {
        _award();
        AwardItem memory item = _item(0);
        item.task = 2;
        _requireRefused(item, IClaimCourt.WrongTask.selector);
        item = _item(0);
        item.spec = _spec(1);
        _requireRefused(item, IClaimCourt.WrongSpec.selector);
        item = _item(0);
        item.receipt.amount += 1;
        _requireRefused(item, IClaimCourt.WrongAmount.selector);
        item = _item(0);
        item.receipt.outcome = 2;
        _requireRefused(item, IClaimCourt.WrongOutcome.selector);
        item = _item(0);
        item.receipt.lease = _taskId(1);
        _requireRefused(item, IClaimCourt.WrongLease.selector);
        item = _item(0);
        item.nodeSignature = _sign(operator, Messages.hash(item.receipt));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, node.account));
        this.open(item);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.NothingClaimed.selector));
        court.openAwardClaims(_auction, new AwardItem[](0));
    }

    function testFuzz_FlippedBitOfTheWinnersSignatureIsRefused(uint16 bit) public {
        _award();
        AwardItem memory item = _item(0);
        item.nodeSignature[(bit / 8) % 64] ^= bytes1(uint8(1 << (bit % 8)));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, node.account));
        this.open(item);
    }

    function testFuzz_StrangerCannotClaimForTheWinner(address stranger) public {
        vm.assume(stranger != node.account && stranger != owner.account && stranger != address(vm));
        _award();
        AwardItem[] memory items = _list(_item(0));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.NotClaimant.selector, node.account, stranger));
        court.openAwardClaims(_auction, items);
    }

    function test_NothingIsClaimedBeforeTheAwardNorAfterTheGrace() public {
        AwardItem memory item = _item(0);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.NotAwarded.selector, _auction));
        this.open(item);
        _award();
        uint256 last = uint256(_terms.deadline) + CLAIM_GRACE_SECONDS;
        vm.warp(last + 1);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.ClaimsEnded.selector, _auction, uint64(last)));
        this.open(item);
        vm.warp(last);
        _open(item);
    }

    function test_FalseClaimReturnsToTheReservationAndItsTaskIsFreeAgain() public {
        _award();
        Claim memory claim = _claim(0);
        _open(_item(0));
        Challenge memory made = _challenge(claim);
        bytes32 dispute = court.disputeOf(claim, made);
        _draw(claim, made);
        _judge(dispute, 0, _three(_wrong(), _wrong(), _wrong()));
        _waitForEnd(dispute, 0, _rules().appealSeconds);
        vm.assertEq(court.openClaimsOf(_auction), 1, "disputed claims are open");
        court.resolve(claim, made);
        vm.assertEq(court.openClaimsOf(_auction), 0, "none is open");
        uint256 share = (_rules().claimBond - 3 * _rules().jurorFee) / 2;
        vm.assertEq(_balance(_reserved), PAYMENT + share, "the payer is the reservation");
        vm.assertFalse(settlement.isPaid(_reserved, 0), "task 0 is free");
        AwardItem memory again = _item(0);
        vm.expectPartialRevert(IClaimCourt.ClaimExists.selector);
        this.open(again);
        vm.warp(uint256(_terms.deadline) + CLAIM_GRACE_SECONDS + 1);
        bidding.release(_auction);
        bidding.settleBond(_terms);
        vm.assertEq(_balance(buyer.account), FUNDS + share + DEPOSIT, "all of it is the buyer's");
    }

    function test_WinnerIsPaidWhenBuyerAndMarketVanishAndTheBuyerGetsTheRest() public {
        _award();
        vm.warp(_terms.deadline);
        Claim memory claim = _claim(1);
        _open(_item(1));
        vm.warp(uint256(_terms.deadline) + CLAIM_GRACE_SECONDS + 1);
        court.closeClaim(claim);
        bidding.release(_auction);
        bidding.settleBond(_terms);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE - DEPOSIT / 2 + 501, "winner, half of the deposit");
        vm.assertEq(_balance(buyer.account), FUNDS - 501 + DEPOSIT / 2, "buyer, the other half");
    }

    function test_WinnerCannotTakeItsDepositOutBeforeItsInventedResultsAreJudged() public {
        _award();
        (Claim memory first, Claim memory last) = (_claim(0), _claim(1));
        _openBoth();
        _requireWaiting(2);
        Challenge memory made = _challenge(first);
        bytes32 dispute = court.disputeOf(first, made);
        _draw(first, made);
        _judge(dispute, 0, _three(_wrong(), _wrong(), _wrong()));
        _waitForEnd(dispute, 0, _rules().appealSeconds);
        court.closeClaim(last);
        _requireWaiting(1);
        court.resolve(first, made);
        vm.expectPartialRevert(IBidding.AwardUnfinished.selector);
        bidding.settleBond(_terms);
        vm.warp(uint256(_terms.deadline) + CLAIM_GRACE_SECONDS + 1);
        bidding.settleBond(_terms);
        uint256 lost = DEPOSIT / 2;
        vm.assertEq(
            _balance(owner.account), FUNDS - STAKE - lost + last.amount, "half of the deposit is lost"
        );
    }

    function test_ClaimOfTheLastSecondHoldsTheDepositUntilItIsDecided() public {
        _award();
        vm.warp(uint256(_terms.deadline) + CLAIM_GRACE_SECONDS);
        Claim memory claim = _claim(1);
        _open(_item(1));
        vm.warp(_now() + 1);
        _requireWaiting(1);
        vm.warp(_now() + _rules().claimWindowSeconds);
        court.closeClaim(claim);
        bidding.settleBond(_terms);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE - DEPOSIT / 2 + 501, "half of the deposit");
    }

    function open(AwardItem calldata item) external {
        _open(item);
    }

    function _requireWaiting(uint32 claims) private {
        vm.expectRevert(abi.encodeWithSelector(IBidding.ClaimsOpen.selector, _auction, claims));
        bidding.settleBond(_terms);
    }

    function _award() private {
        bidding.award(_terms);
    }

    function _open(AwardItem memory item) private {
        AwardItem[] memory items = _list(item);
        vm.prank(node.account);
        court.openAwardClaims(_auction, items);
    }

    function _openBoth() private {
        AwardItem[] memory items = new AwardItem[](2);
        (items[0], items[1]) = (_item(0), _item(1));
        vm.prank(owner.account);
        court.openAwardClaims(_auction, items);
    }

    function _list(AwardItem memory item) private pure returns (AwardItem[] memory items) {
        items = new AwardItem[](1);
        items[0] = item;
    }

    function _requireRefused(AwardItem memory item, bytes4 reason) private {
        item.nodeSignature = _sign(node, Messages.hash(item.receipt));
        vm.expectPartialRevert(reason);
        this.open(item);
    }

    /// @dev By another hand than the court's.
    function _taskId(uint32 task) private view returns (bytes32) {
        return keccak256(abi.encode(_auction, task));
    }

    function _item(uint32 task) private view returns (AwardItem memory item) {
        (item.task, item.spec) = (task, _spec(task));
        item.specProof = new bytes32[](1);
        item.specProof[0] = _leaf(1 - task);
        item.receipt.lease = _taskId(task);
        (item.receipt.result, item.receipt.usage) = (keccak256("result"), _usage());
        item.receipt.amount = task == 0 ? 500 : 501;
        item.nodeSignature = _sign(node, Messages.hash(item.receipt));
    }

    /// @dev The claim on a task that the court opens now.
    function _claim(uint32 task) private view returns (Claim memory claim) {
        (claim.id, claim.order, claim.task) = (_taskId(task), _auction, task);
        (claim.node, claim.buyer, claim.payer) = (node.account, buyer.account, _reserved);
        (claim.awarded, claim.serial, claim.amount) = (true, task, task == 0 ? 500 : 501);
        (claim.openedAt, claim.work) = (uint64(_now()), _work(_right()));
    }
}
