// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {Challenge, Claim, ClaimItem, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {IGridRegistry, SlashReason} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {AuctionTerms, Bid, QualityRule} from "../../../contracts/libraries/Auctions.sol";
import {
    Draw,
    JobOrder,
    Messages,
    ReservationRelease,
    Statement
} from "../../../contracts/libraries/Messages.sol";
import {Stoppable} from "../../../contracts/libraries/Stoppable.sol";
import {CourtHouse, blockVm} from "./CourtHouse.sol";
import {Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title The cheat code that sets the origin of a transaction apart from the caller
interface OriginVm {
    function prank(address sender, address origin) external;
}

OriginVm constant originVm = OriginVm(address(vm));

/// @title Each bug that was found in a system of this kind, tried here
contract RivalBugsTest is CourtHouse {
    address private constant STRANGER = address(uint160(uint256(keccak256("stranger"))));
    uint256 private constant LOSING_BID_GAS = 200_000;

    /// Lilypad: the timeout calls a function that its module does not implement, and escrow is stuck.
    function test_Lilypad_EveryTimeoutPaysOutWhenEverybodyVanished() public {
        JobOrder memory order = _order();
        bytes32 id = _reserve(order, 1 << 60);
        ClaimItem memory item = _item(order, 0, 0, _usage());
        Claim memory closed = _claimOf(item, bidding.reservationAccount(id));
        _openAs(node.account, order, "", item);
        item = _item(order, 1, 1, _usage());
        Claim memory disputed = _claimOf(item, bidding.reservationAccount(id));
        _openAs(node.account, order, "", item);
        Challenge memory made = _challenge(disputed);
        vm.warp(order.deadline + CLAIM_GRACE_SECONDS + 1);
        vm.prank(STRANGER);
        court.closeClaim(closed);
        vm.prank(STRANGER);
        court.resolve(disputed, made);
        vm.prank(STRANGER);
        bidding.release(id);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + closed.amount, "worker");
        vm.assertEq(_balance(buyer.account), FUNDS - closed.amount, "buyer");
        vm.assertEq(_balance(challenger.account), FUNDS, "challenger");
        vm.assertEq(_balance(address(court)) + _balance(bidding.reservationAccount(id)), 0, "stuck");
    }

    /// Golem: closing a deposit pays its fee a second time.
    function test_Golem_ClosingAReservationReturnsTheRestOnceAndTakesNoFee() public {
        bytes32 order = _reserve(_order(), 1000);
        _settleReserved(order, 400);
        ReservationRelease memory released = ReservationRelease(order, 0);
        bytes memory signature = _sign(operator, Messages.hash(released));
        bidding.releaseEarly(released, signature);
        vm.assertEq(_balance(buyer.account), FUNDS - 400, "buyer");
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + 400, "worker");
        vm.assertEq(_balance(FEE_RECIPIENT), 0, "fee");
        vm.expectRevert(abi.encodeWithSelector(IBidding.NothingToRelease.selector, order, 0, 0));
        bidding.releaseEarly(released, signature);
        vm.warp(_order().deadline + CLAIM_GRACE_SECONDS + 1);
        vm.expectRevert(abi.encodeWithSelector(IBidding.NothingToRelease.selector, order, 0, 0));
        bidding.release(order);
    }

    /// SONM: the owner of the contracts can sweep what they hold.
    function test_SONM_NobodyWhoDeployedOrGovernsReachesEscrow() public {
        bytes32 order = _reserve(_order(), 1000);
        address account = bidding.reservationAccount(order);
        address[4] memory officials = [GOVERNOR, PAUSER, address(authority), address(this)];
        for (uint256 i = 0; i < officials.length; ++i) {
            _requireRefused(
                officials[i], address(ledger), abi.encodeCall(ILedger.move, (account, GOVERNOR, 1))
            );
            _requireRefused(
                officials[i],
                address(registry),
                abi.encodeCall(
                    IGridRegistry.slash, (node.account, 1, false, GOVERNOR, SlashReason.CLAIM_FALSE)
                )
            );
            _requireRefused(
                officials[i], address(registry), abi.encodeCall(IGridRegistry.lock, (node.account, 1))
            );
            _requireRefused(
                officials[i], address(settlement), abi.encodeCall(ISettlement.take, (node.account, 1))
            );
        }
        bytes memory sweep = abi.encodeCall(ILedger.move, (account, GOVERNOR, 1));
        vm.prank(GOVERNOR);
        authority.schedule(address(ledger), sweep, 0);
        vm.warp(_now() + GOVERNOR_DELAY_SECONDS);
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotModule.selector, address(authority)));
        authority.execute(address(ledger), sweep);
    }

    /// PoCo: a worker that commits and never reveals keeps its stake.
    function test_PoCo_JurorAndBidderWhoDoNotOpenLoseTheirMoney() public {
        Claim memory claim = _openOne(3);
        Challenge memory made = _challenge(claim);
        bytes32 dispute = court.disputeOf(claim, made);
        _draw(claim, made);
        _seal(dispute, 0, 0, _right());
        _seal(dispute, 0, 1, _right());
        uint256 juror = _seat(dispute, 0, 0);
        _waitForOpening(dispute, 0);
        _show(dispute, 0, 1, _right());
        _waitForEnd(dispute, 0, _rules().appealSeconds);
        court.resolve(claim, made);
        vm.assertEq(_stake(jurorNodes[juror].account), STAKE - _rules().jurorSlash, "silent juror");

        (AuctionTerms memory terms, bytes32 auction) = _auction();
        _commit(terms, auction, 0, 10);
        vm.warp(terms.revealUntil + 1);
        bidding.award(terms);
        vm.assertEq(_balance(jurors[0].account), STAKE - terms.deposit, "silent bidder");
        vm.assertEq(_balance(buyer.account), FUNDS + terms.deposit, "buyer");
    }

    /// SONM: resizing a deal copies the other side's constraint over one's own.
    function test_SONM_ResizingChangesNoTermAndEachSidesLimitHoldsByItself() public {
        JobOrder memory order = _order();
        bytes32 id = _reserve(order, _item(order, 0, 0, _usage()).receipt.amount);
        ClaimItem memory item = _item(order, 0, 0, _usage());
        (address reserver, address guardian, uint64 releaseAt,) = bidding.reservationOf(id);
        vm.prank(owner.account);
        bidding.addReservation(id, 500);
        ReservationRelease memory released = ReservationRelease(id, item.receipt.amount + 100);
        bidding.releaseEarly(released, _sign(operator, Messages.hash(released)));
        (address reserverNow, address guardianNow, uint64 releaseAtNow,) = bidding.reservationOf(id);
        vm.assertTrue(
            reserver == reserverNow && guardian == guardianNow && releaseAt == releaseAtNow, "terms"
        );
        item.lease.cap = item.receipt.amount - 1;
        _signItem(item);
        vm.expectPartialRevert(IClaimCourt.AmountAboveCap.selector);
        this.openAs(node.account, order, "", item);
        item = _item(order, 0, 0, _usage());
        item.lease.prices.fuel = order.maximumPrices.fuel + 1;
        item.receipt.amount = _charge(item.lease, _usage());
        _signItem(item);
        vm.expectPartialRevert(IClaimCourt.PriceAboveLimit.selector);
        this.openAs(node.account, order, "", item);
    }

    /// Akash: a deposit is only settled when somebody interacts, so leases go on unpaid.
    function test_Akash_WorkIsPaidThoughTheBuyerTakesItsMoneyOutMeanwhile() public {
        (JobOrder memory covered, JobOrder memory order) = (_order(), _other());
        _reserve(covered, _item(covered, 0, 0, _usage()).receipt.amount);
        ClaimItem memory reserved = _item(covered, 0, 0, _usage());
        ClaimItem memory unreserved = _item(order, 1, 1, _usage());
        vm.prank(buyer.account);
        ledger.thaw(type(uint128).max);
        vm.warp(order.deadline);
        _openAs(node.account, covered, "", reserved);
        _open(order, unreserved);
        vm.warp(_now() + THAW_SECONDS);
        vm.prank(buyer.account);
        ledger.withdraw(buyer.account);
        uint256 paid = uint256(reserved.receipt.amount) + unreserved.receipt.amount;
        vm.assertEq(token.balanceOf(buyer.account), FUNDS - paid, "buyer takes no more than the rest");
        vm.assertEq(_balance(address(court)), paid, "what the work costs stays");
    }

    /// Akash: bids cost gas whether they win or not, which drains small providers.
    function test_Akash_LosingBidCostsTwoCheapCallsAndItsDepositReturnsInTheSecond() public {
        (AuctionTerms memory terms, bytes32 auction) = _auction();
        _commit(terms, auction, 0, 10);
        uint256 gas = gasleft();
        _commit(terms, auction, 1, 20);
        gas -= gasleft();
        vm.warp(terms.commitUntil + 1);
        bidding.revealBid(terms, _bid(0, 10));
        uint256 second = gasleft();
        bidding.revealBid(terms, _bid(1, 20));
        second -= gasleft();
        vm.assertEq(_balance(jurors[1].account), STAKE, "deposit is back without a further call");
        vm.assertLe(gas + second, LOSING_BID_GAS, "gas of a losing bid");
    }

    /// Lilypad: tx.origin counts as authentication, so a contract that one calls acts in one's name.
    function test_Lilypad_ContractThatAPartyCallsCannotActInItsName() public {
        bytes32 order = _reserve(_order(), 1000);
        _thawAs(buyer.account);
        vm.warp(_now() + THAW_SECONDS);
        uint256 before = _balance(buyer.account);
        _requireRefusedBehind(buyer.account, address(ledger), abi.encodeCall(ILedger.withdraw, (STRANGER)));
        _requireRefusedBehind(
            owner.account, address(registry), abi.encodeCall(IGridRegistry.disconnect, (node.account))
        );
        _requireRefusedBehind(
            owner.account, address(registry), abi.encodeCall(IGridRegistry.addStake, (node.account, 1))
        );
        _requireRefusedBehind(
            owner.account, address(bidding), abi.encodeCall(IBidding.cancelForNode, (node.account, 1))
        );
        _requireRefusedBehind(
            buyer.account, address(bidding), abi.encodeCall(IBidding.addReservation, (order, 1))
        );
        originVm.prank(STRANGER, buyer.account);
        bidding.cancel(7);
        vm.assertEq(bidding.cancelledAt(buyer.account, 7), 0, "the order goes on");
        vm.assertEq(_balance(buyer.account), before, "buyer");
    }

    /// Lilypad: judges follow from the block's timestamp, which its proposer sets and the caller sees.
    function testFuzz_Lilypad_PanelDependsOnNoTimestampAndNoCaller(uint16 wait, address drawer) public {
        vm.assume(drawer != address(vm));
        Claim memory claim = _openOne(3);
        Challenge memory made = _challenge(claim);
        bytes32 dispute = court.disputeOf(claim, made);
        blockVm.roll(made.blockNumber + _rules().seedDelayBlocks + 1);
        uint256 state = blockVm.snapshotState();
        court.draw(claim, made);
        (, uint256 panel) = court.panelOf(dispute, 0);
        blockVm.revertToState(state);
        vm.warp(_now() + wait % _rules().drawSeconds);
        vm.prank(drawer);
        court.draw(claim, made);
        (, uint256 other) = court.panelOf(dispute, 0);
        vm.assertEq(other, panel, "panel");
    }

    /// Several: a pause blocks exits, too.
    function test_Several_PauseOfEverythingBlocksNoWayOut() public {
        _fund(operator.account, OPERATOR_BOND);
        vm.prank(operator.account);
        anchors.bond();
        bytes32 order = _reserve(_order(), 1000);
        Claim memory claim = _claimOf(_item(_other(), 0, 5, _usage()), buyer.account);
        address[4] memory pausable = [address(ledger), address(registry), address(bidding), address(anchors)];
        for (uint256 i = 0; i < pausable.length; ++i) {
            vm.prank(PAUSER);
            Stoppable(pausable[i]).pause();
        }
        _open(_other(), _item(_other(), 0, 5, _usage()));
        vm.prank(operator.account);
        anchors.unbond();
        vm.prank(owner.account);
        registry.disconnect(node.account);
        _settleReserved(order, 400);
        vm.warp(_order().deadline + CLAIM_GRACE_SECONDS + UNBONDING_SECONDS);
        court.closeClaim(claim);
        bidding.release(order);
        registry.release(node.account);
        vm.prank(operator.account);
        anchors.withdrawBond();
        address[3] memory leaving = [buyer.account, owner.account, operator.account];
        for (uint256 i = 0; i < leaving.length; ++i) {
            _thawAs(leaving[i]);
        }
        vm.warp(_now() + THAW_SECONDS);
        for (uint256 i = 0; i < leaving.length; ++i) {
            vm.prank(leaving[i]);
            ledger.withdraw(leaving[i]);
            vm.assertEq(_balance(leaving[i]), 0, "left behind");
        }
        vm.assertEq(token.balanceOf(owner.account), FUNDS + 400 + claim.amount, "owner");
        vm.prank(buyer.account);
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        ledger.deposit(buyer.account, 1);
    }

    function openAs(
        address caller,
        JobOrder calldata order,
        bytes calldata signature,
        ClaimItem calldata item
    ) external {
        _openAs(caller, order, signature, item);
    }

    function _other() private view returns (JobOrder memory order) {
        order = _order();
        order.nonce = 8;
    }

    /// @dev Changes the order's budget to `amount`.
    function _reserve(JobOrder memory order, uint128 amount) private returns (bytes32 id) {
        order.budget = amount;
        id = Messages.hash(order);
        vm.prank(buyer.account);
        bidding.reserve(order, amount, "");
    }

    function _settleReserved(bytes32 order, uint128 amount) private {
        bytes memory marks = abi.encodePacked(uint64(9), uint256(1));
        Statement memory statement = Statement(
            buyer.account, node.account, owner.account, amount, 1, keccak256("root"), keccak256(marks)
        );
        bytes32 id = Messages.hash(statement);
        bytes memory draw = _sign(operator, Messages.hash(Draw(order, id)));
        settlement.settleReserved(statement, marks, order, _sign(buyer, id), _sign(node, id), draw);
    }

    function _thawAs(address account) private {
        vm.prank(account);
        ledger.thaw(type(uint128).max);
    }

    function _requireRefused(address caller, address target, bytes memory call) private {
        vm.prank(caller);
        (bool done,) = target.call(call);
        vm.assertFalse(done, "an official got through");
    }

    /// @dev `origin` sends the transaction; a contract that it called calls `target`.
    function _requireRefusedBehind(address origin, address target, bytes memory call) private {
        originVm.prank(STRANGER, origin);
        (bool done,) = target.call(call);
        vm.assertFalse(done, "the origin counted");
    }

    function _auction() private returns (AuctionTerms memory terms, bytes32 auction) {
        terms.buyer = buyer.account;
        (terms.specRoot, terms.tasks, terms.budget, terms.deposit) = (_root(), 2, 1000, 77);
        terms.commitUntil = uint64(_now() + 1 hours);
        (terms.revealUntil, terms.deadline) = (terms.commitUntil + 1 hours, terms.commitUntil + 2 days);
        terms.qualities = new QualityRule[](0);
        vm.prank(buyer.account);
        auction = bidding.openAuction(terms);
    }

    function _bid(uint256 juror, uint96 price) private view returns (Bid memory) {
        return Bid(jurorNodes[juror].account, price, new uint64[](0), SALT);
    }

    function _commit(AuctionTerms memory terms, bytes32 auction, uint256 juror, uint96 price) private {
        bytes32 seal = keccak256(abi.encode(auction, _bid(juror, price)));
        vm.prank(jurors[juror].account);
        bidding.commitBid(terms, jurorNodes[juror].account, seal);
    }
}
