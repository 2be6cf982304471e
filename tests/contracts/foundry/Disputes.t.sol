// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {CourtHouse, Finding, blockVm} from "./CourtHouse.sol";
import {Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title Disputes on the real contracts: who wins, who pays, and that nobody can hold them up
contract DisputesTest is CourtHouse {
    uint256 private constant BOND = 500;
    uint256 private constant FEE = 50;
    uint256 private constant SLASH = 500;

    Claim private _claim;
    Challenge private _made;
    bytes32 private _dispute;

    function setUp() public override {
        super.setUp();
        _claim = _openOne(3);
        _made = _challenge(_claim);
        _dispute = court.disputeOf(_claim, _made);
    }

    function test_HonestClaimantIsPaidAndGetsTheChallengersBond() public {
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_right(), _right(), _right()));
        _resolveAfter(0, _rules().appealSeconds);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + _claim.amount + BOND - 3 * FEE, "owner");
        vm.assertEq(_balance(challenger.account), FUNDS - BOND, "challenger");
        _requirePaidJurors(3);
        vm.assertTrue(settlement.isPaid(node.account, 3), "serial taken");
        _requireBooksEmpty();
    }

    function test_FalseClaimReturnsTheMoneyAndItsBondPaysJurorsChallengerAndBuyer() public {
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_wrong(), _wrong(), _wrong()));
        _resolveAfter(0, _rules().appealSeconds);
        vm.assertEq(_stake(node.account), STAKE - BOND, "stake");
        vm.assertEq(_balance(buyer.account), FUNDS + (BOND - 3 * FEE) / 2, "buyer");
        vm.assertEq(_balance(challenger.account), FUNDS + (BOND - 3 * FEE) / 2, "challenger");
        vm.assertFalse(settlement.isPaid(node.account, 3), "serial free");
        vm.assertEq(court.claimedOf(_claim.order), 0, "claimed");
        vm.assertEq(court.copiesOf(_claim.order, 0), 0, "copies");
        _requireBooksEmpty();
    }

    /// PoCo lets a worker that never reveals keep its stake.
    function test_JurorWhoDoesNotOpenLosesStake() public {
        _draw(_claim, _made);
        for (uint256 seat = 0; seat < 3; ++seat) {
            _seal(_dispute, 0, seat, _right());
        }
        _waitForOpening(_dispute, 0);
        _show(_dispute, 0, 0, _right());
        _show(_dispute, 0, 2, _right());
        _resolveAfter(0, _rules().appealSeconds);
        _requirePaidJurors(2);
        vm.assertEq(_balance(BURNED), SLASH, "burned");
        _requireBooksEmpty();
    }

    /// A seal whose lowest bit is clear looks like an opened verdict, this one like an abstention.
    function test_JurorWhoSealsWhatLooksOpenedLosesStake() public {
        _draw(_claim, _made);
        _seal(_dispute, 0, 0, _right());
        vm.prank(jurorNodes[_seat(_dispute, 0, 1)].account);
        court.commitVerdict(_dispute, 0, 1, bytes32(uint256(2)));
        _seal(_dispute, 0, 2, _right());
        _waitForOpening(_dispute, 0);
        _show(_dispute, 0, 0, _right());
        _show(_dispute, 0, 2, _right());
        _resolveAfter(0, _rules().appealSeconds);
        _requirePaidJurors(2);
        vm.assertEq(_balance(BURNED), SLASH, "burned");
        _requireBooksEmpty();
    }

    function test_JurorInTheMinorityLosesStakeAndOneWithoutInputsDoesNot() public {
        _draw(_claim, _made);
        uint256[3] memory seats = _seats();
        _judge(_dispute, 0, _three(_right(), _wrong(), _right()));
        _resolveAfter(0, _rules().appealSeconds);
        vm.assertEq(_stake(jurorNodes[seats[1]].account), STAKE - SLASH, "minority");
        vm.assertEq(_balance(BURNED), SLASH, "burned");
        _claim = _openOne(4);
        _made = _challenge(_claim);
        _dispute = court.disputeOf(_claim, _made);
        _draw(_claim, _made);
        seats = _seats();
        uint256 before = _stake(jurorNodes[seats[1]].account);
        _judge(_dispute, 0, _three(_right(), _away(), _right()));
        _resolveAfter(0, _rules().appealSeconds);
        vm.assertEq(_stake(jurorNodes[seats[1]].account), before, "abstained");
        _requireBooksEmpty();
    }

    function test_WithoutAMajorityAnyoneEscalatesAndSevenDecide() public {
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_right(), _wrong(), _away()));
        _waitForEnd(_dispute, 0, 0);
        court.escalate(_claim, _made);
        _draw(_claim, _made);
        Finding[] memory findings = new Finding[](7);
        for (uint256 seat = 0; seat < 7; ++seat) {
            findings[seat] = seat < 4 ? _right() : seat == 4 ? _wrong() : _away();
        }
        _judge(_dispute, 1, findings);
        _resolveAfter(1, 0);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + _claim.amount + BOND - 5 * FEE, "owner");
        vm.assertEq(_balance(BURNED), 2 * SLASH, "both who found otherwise");
        _requireBooksEmpty();
    }

    function test_SecondPanelHasNoOwnerOfTheFirst() public {
        _draw(_claim, _made);
        uint256[3] memory seats = _seats();
        _waitForEnd(_dispute, 0, 0);
        court.escalate(_claim, _made);
        _draw(_claim, _made);
        for (uint256 seat = 0; seat < 7; ++seat) {
            uint256 drawn = _seat(_dispute, 1, seat);
            vm.assertTrue(drawn != seats[0] && drawn != seats[1] && drawn != seats[2], "drawn twice");
        }
    }

    function test_LoserAppealsAndSevenOverturnTheThree() public {
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_wrong(), _wrong(), _wrong()));
        _waitForEnd(_dispute, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IClaimCourt.NotLoser.selector, owner.account, challenger.account)
        );
        vm.prank(challenger.account);
        court.escalate(_claim, _made);
        vm.prank(owner.account);
        court.escalate(_claim, _made);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE - 1000, "appeal bond");
        _draw(_claim, _made);
        _judge(_dispute, 1, _seven(_right()));
        _resolveAfter(1, 0);
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + _claim.amount + BOND - 7 * FEE, "owner");
        vm.assertEq(_balance(BURNED), 3 * SLASH, "the first panel");
        _requireBooksEmpty();
    }

    function test_LostAppealCostsItsBond() public {
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_right(), _right(), _right()));
        _waitForEnd(_dispute, 0, 0);
        vm.prank(challenger.account);
        court.escalate(_claim, _made);
        _draw(_claim, _made);
        _judge(_dispute, 1, _seven(_right()));
        _resolveAfter(1, 0);
        vm.assertEq(_balance(challenger.account), FUNDS - BOND - 1000, "challenger");
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + _claim.amount + BOND + 1000 - 10 * FEE, "owner");
        _requireBooksEmpty();
    }

    function test_AppealThatNobodyHearsReturnsItsBondAndTheFirstPanelCounts() public {
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_right(), _right(), _right()));
        _waitForEnd(_dispute, 0, 0);
        vm.prank(challenger.account);
        court.escalate(_claim, _made);
        vm.warp(_now() + _rules().drawSeconds + 1);
        court.resolve(_claim, _made);
        vm.assertEq(_balance(challenger.account), FUNDS - BOND, "challenger");
        vm.assertEq(_balance(owner.account), FUNDS - STAKE + _claim.amount + BOND - 3 * FEE, "owner");
        _requireBooksEmpty();
    }

    function test_WithoutAnyVerdictEverythingReturnsAndTheClaimMayBeOpenedAgain() public {
        _draw(_claim, _made);
        _resolveAfter(0, _rules().appealSeconds);
        vm.assertEq(_balance(buyer.account), FUNDS, "buyer");
        vm.assertEq(_balance(challenger.account), FUNDS, "challenger");
        vm.assertEq(_stake(node.account), STAKE, "stake");
        vm.assertEq(_balance(BURNED), 0, "where nobody judged nobody is slashed");
        _requireBooksEmpty();
        _openOne(3);
    }

    function test_FallenClaimCannotBeOpenedAgain() public {
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_wrong(), _wrong(), _wrong()));
        _resolveAfter(0, _rules().appealSeconds);
        vm.expectPartialRevert(IClaimCourt.ClaimExists.selector);
        this.openOneExternally();
    }

    function test_FleetTooSmallForAPanelCostsNobodyAnything() public {
        for (uint256 i = 2; i < JURORS; ++i) {
            vm.prank(jurors[i].account);
            registry.disconnect(jurorNodes[i].account);
        }
        blockVm.roll(blockVm.getBlockNumber() + 5);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.PanelIncomplete.selector, 2, 3));
        court.draw(_claim, _made);
        uint256 end = _made.challengedAt + _rules().drawSeconds;
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.PhaseNotBegun.selector, end));
        court.resolve(_claim, _made);
        vm.warp(end + 1);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.PhaseEnded.selector, end));
        court.draw(_claim, _made);
        court.resolve(_claim, _made);
        vm.assertEq(_balance(buyer.account), FUNDS, "buyer");
        vm.assertEq(_balance(challenger.account), FUNDS, "challenger");
        vm.assertEq(_stake(node.account), STAKE, "stake");
        _requireBooksEmpty();
    }

    /// Lilypad chooses judges by the block's timestamp, which its proposer sets and the opener sees.
    function testFuzz_PanelFollowsALaterBlocksHashAndNothingElse(bytes32 hash, uint16 wait, address drawer)
        public
    {
        uint256 named = _made.blockNumber + _rules().seedDelayBlocks;
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.SeedNotReady.selector, named));
        court.draw(_claim, _made);
        blockVm.roll(named + 1);
        blockVm.setBlockhash(named, hash);
        vm.assume(hash != 0);
        uint256 expected = this.drawnPanel(_claim, _made, 0, drawer);
        vm.assertEq(this.drawnPanel(_claim, _made, wait % 1500, address(this)), expected, "panel");
    }

    function testFuzz_EveryPanelIsOfDistinctOwnersNoneOfThemAParty(bytes32 hash) public {
        vm.assume(hash != 0);
        _addJuror(0x1000, 0x3000);
        blockVm.roll(_made.blockNumber + 5);
        blockVm.setBlockhash(_made.blockNumber + 4, hash);
        court.draw(_claim, _made);
        uint256[3] memory seats = _seats();
        vm.assertTrue(seats[0] < JURORS && seats[1] < JURORS && seats[2] < JURORS, "party or newcomer");
        vm.assertTrue(seats[0] != seats[1] && seats[1] != seats[2] && seats[0] != seats[2], "twice");
    }

    function test_LostSeedIsNamedAnewAndAnAvailableOneIsNot() public {
        blockVm.roll(_made.blockNumber + 5);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.SeedAvailable.selector, _made.blockNumber + 4));
        court.rearm(_claim, _made);
        blockVm.roll(_made.blockNumber + 9000);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.SeedLost.selector, _made.blockNumber + 4));
        court.draw(_claim, _made);
        court.rearm(_claim, _made);
        blockVm.roll(_made.blockNumber + 9005);
        court.draw(_claim, _made);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.AlreadyDrawn.selector, _dispute, 0));
        court.draw(_claim, _made);
    }

    function test_CopiedSealCannotBeOpened() public {
        _draw(_claim, _made);
        bytes32 verdict = keccak256(abi.encode(_dispute, 0, 0, _work(_right()), SALT));
        _seal(_dispute, 0, 0, _right());
        vm.prank(jurors[_seat(_dispute, 0, 1)].account);
        court.commitVerdict(_dispute, 0, 1, verdict);
        _waitForOpening(_dispute, 0);
        _show(_dispute, 0, 0, _right());
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.SealMismatch.selector, _dispute, 0, 1));
        this.show(0, 1, _right());
    }

    function test_JurorSealsOnceInTimeAndInItsOwnSeat() public {
        _draw(_claim, _made);
        uint256[3] memory seats = _seats();
        vm.prank(jurors[seats[1]].account);
        vm.expectPartialRevert(IClaimCourt.NotJuror.selector);
        court.commitVerdict(_dispute, 0, 0, SALT);
        _seal(_dispute, 0, 0, _right());
        vm.prank(jurors[seats[0]].account);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.AlreadySealed.selector, _dispute, 0, 0));
        court.commitVerdict(_dispute, 0, 0, SALT);
        vm.expectPartialRevert(IClaimCourt.PhaseNotBegun.selector);
        this.show(0, 0, _right());
        _waitForOpening(_dispute, 0);
        vm.prank(jurors[seats[1]].account);
        vm.expectPartialRevert(IClaimCourt.PhaseEnded.selector);
        court.commitVerdict(_dispute, 0, 1, SALT);
        _waitForEnd(_dispute, 0, 0);
        vm.expectPartialRevert(IClaimCourt.PhaseEnded.selector);
        this.show(0, 0, _right());
    }

    function test_ChallengedClaimIsNotClosedAndNotChallengedAgain() public {
        vm.warp(_claim.openedAt + 10 days);
        vm.expectPartialRevert(IClaimCourt.ClaimMismatch.selector);
        court.closeClaim(_claim);
        vm.expectPartialRevert(IClaimCourt.ClaimMismatch.selector);
        court.challenge(_claim);
    }

    function openOneExternally() external {
        _openOne(3);
    }

    function show(uint256 round, uint256 seat, Finding calldata finding) external {
        _show(_dispute, round, seat, finding);
    }

    /// @dev The panel if `drawer` draws `wait` seconds from now; takes itself back.
    function drawnPanel(Claim calldata claim, Challenge calldata made, uint256 wait, address drawer)
        external
        returns (uint256)
    {
        try this.drawAndRevert(claim, made, wait, drawer) {
            revert("did not revert");
        } catch (bytes memory reason) {
            return abi.decode(reason, (uint256));
        }
    }

    function drawAndRevert(Claim calldata claim, Challenge calldata made, uint256 wait, address drawer)
        external
    {
        vm.warp(_now() + wait);
        vm.prank(drawer);
        court.draw(claim, made);
        (, uint256 panel) = court.panelOf(_dispute, 0);
        assembly ("memory-safe") {
            mstore(0, panel)
            revert(0, 32)
        }
    }

    function _resolveAfter(uint256 round, uint256 wait) private {
        _waitForEnd(_dispute, round, wait);
        court.resolve(_claim, _made);
    }

    function _seats() private view returns (uint256[3] memory) {
        return [_seat(_dispute, 0, 0), _seat(_dispute, 0, 1), _seat(_dispute, 0, 2)];
    }

    function _seven(Finding memory finding) private pure returns (Finding[] memory findings) {
        findings = new Finding[](7);
        for (uint256 seat = 0; seat < 7; ++seat) {
            findings[seat] = finding;
        }
    }

    function _requirePaidJurors(uint256 expected) private view {
        uint256 paid = 0;
        for (uint256 i = 0; i < JURORS; ++i) {
            if (_balance(jurors[i].account) == STAKE + FEE) ++paid;
        }
        vm.assertEq(paid, expected, "jurors paid");
    }

    /// @dev What no open claim needs, the court does not hold; no stake is locked.
    function _requireBooksEmpty() private view {
        vm.assertEq(_balance(address(court)), 0, "court's account");
        (, uint88 locked,) = registry.stakeOf(node.account);
        vm.assertEq(locked, 0, "locked");
    }
}
