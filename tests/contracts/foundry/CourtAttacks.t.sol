// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {JobOrder} from "../../../contracts/libraries/Messages.sol";
import {CourtHouse, Finding, blockVm} from "./CourtHouse.sol";
import {Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// A log as forge records it.
struct Log {
    bytes32[] topics;
    bytes data;
    address emitter;
}

interface LogVm {
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// @title Ways around the court that were found by an attacker's review, each closed
contract CourtAttacksTest is CourtHouse {
    LogVm private constant logVm = LogVm(address(vm));
    uint256 private constant DEAD_ENTRIES = 3000;
    uint256 private constant TRIES = 256;

    Claim private _claim;
    Challenge private _made;
    bytes32 private _dispute;

    function test_DeadEntriesDelayAPanelAndDoNotPreventIt() public {
        _fillListWithDeadEntries();
        _openDispute(3);
        blockVm.roll(_made.blockNumber + 5);
        blockVm.setBlockhash(_made.blockNumber + 4, keccak256("seed"));
        (uint256 calls, uint64 drawnAt, uint256 panel) = (0, 0, 0);
        for (; drawnAt == 0; ++calls) {
            court.draw(_claim, _made);
            (drawnAt, panel) = court.panelOf(_dispute, 0);
        }
        vm.assertTrue(calls > 1, "the list is too short for this test");
        (uint256 expected, uint256 tries) = _panelOf(keccak256(abi.encode(keccak256("seed"), _dispute, 0)));
        vm.assertEq(panel, expected, "the panel of the first seed");
        vm.assertEq(calls, (tries + TRIES - 1) / TRIES, "calls");
        _judge(_dispute, 0, _three(_right(), _right(), _right()));
        _waitForEnd(_dispute, 0, _rules().appealSeconds);
        court.resolve(_claim, _made);
        vm.assertEq(_balance(challenger.account), FUNDS - _rules().challengeBond, "challenger");
    }

    function test_NewSeedBeginsAnUnfinishedDrawAnew() public {
        _fillListWithDeadEntries();
        _disconnectJurors(0);
        _openDispute(3);
        blockVm.roll(_made.blockNumber + 5);
        vm.assertEq(_triesAfterDraw(), TRIES, "first call");
        vm.assertEq(_triesAfterDraw(), 2 * TRIES, "second call");
        blockVm.roll(_made.blockNumber + 9000);
        court.rearm(_claim, _made);
        blockVm.roll(_made.blockNumber + 9005);
        vm.assertEq(_triesAfterDraw(), TRIES, "of the new seed");
    }

    function test_DrawingEndsWhereTheFleetHasTooFewOwnersAndNotLater() public {
        for (uint256 i = 0; i < 32; ++i) {
            _connect(_party(0x3000 + i), jurors[0], 1000);
        }
        vm.warp(_now() + 1);
        _disconnectJurors(1);
        _openDispute(3);
        blockVm.roll(_made.blockNumber + 5);
        vm.assertEq(_triesAfterDraw(), TRIES, "47 nodes are tried 376 times");
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.PanelIncomplete.selector, 1, 3));
        court.draw(_claim, _made);
    }

    function test_BuyerAppealsAgainstAFriendlyChallengeAndGetsItsBondBack() public {
        _lostBeforeThree();
        vm.prank(buyer.account);
        court.escalate(_claim, _made);
        vm.assertEq(_balance(buyer.account), FUNDS - _claim.amount - _rules().appealBond, "its bond");
        _hearSeven(_wrong());
        vm.assertEq(
            _balance(buyer.account), FUNDS + (_rules().claimBond - 8 * _rules().jurorFee) / 2, "buyer"
        );
        vm.assertEq(_stake(node.account), STAKE - _rules().claimBond, "false claimant");
        vm.assertEq(_balance(address(court)), 0, "court's account");
    }

    function test_BuyerLosesTheBondOfAnAppealInVain() public {
        _lostBeforeThree();
        vm.prank(buyer.account);
        court.escalate(_claim, _made);
        _hearSeven(_right());
        vm.assertEq(_balance(buyer.account), FUNDS - _claim.amount - _rules().appealBond, "buyer");
        vm.assertEq(_balance(challenger.account), FUNDS - _rules().challengeBond, "challenger");
        vm.assertEq(_balance(address(court)), 0, "court's account");
    }

    function test_BuyersAppealThatNobodyHearsReturnsItsBondToTheBuyer() public {
        _lostBeforeThree();
        vm.prank(buyer.account);
        court.escalate(_claim, _made);
        vm.warp(_now() + _rules().drawSeconds + 1);
        court.resolve(_claim, _made);
        vm.assertEq(_balance(buyer.account), FUNDS - _claim.amount, "buyer");
        vm.assertEq(_balance(address(court)), 0, "court's account");
    }

    function test_BuyerCannotAppealAgainstAClaimThatFell() public {
        _openDispute(3);
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_wrong(), _wrong(), _right()));
        _waitForEnd(_dispute, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.NotLoser.selector, owner.account, buyer.account));
        vm.prank(buyer.account);
        court.escalate(_claim, _made);
    }

    function test_JurorCannotHideItsStakeBehindClaimsOfItsOwn() public {
        _openDispute(3);
        _draw(_claim, _made);
        uint256 corrupt = _seat(_dispute, 0, 0);
        _judge(_dispute, 0, _three(_wrong(), _right(), _right()));
        (Party memory realBuyer, Party memory realNode) = (buyer, node);
        (node, buyer) = (jurorNodes[corrupt], _party(0xBAD));
        _fund(buyer.account, FUNDS);
        uint64 most = uint64((STAKE - _rules().jurorSlash) / _rules().claimBond);
        for (uint64 i = 0; i < most; ++i) {
            this.claimOwnOrder(i);
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                IClaimCourt.JurorStakeTooSmall.selector, node.account, 0, _rules().jurorSlash
            )
        );
        this.claimOwnOrder(most);
        (buyer, node) = (realBuyer, realNode);
        _waitForEnd(_dispute, 0, _rules().appealSeconds);
        court.resolve(_claim, _made);
        vm.assertEq(_stake(jurorNodes[corrupt].account), STAKE - _rules().jurorSlash, "slashed");
    }

    function test_NodesThatAreAwayLoseNothingWhereNobodyJudged() public {
        _openDispute(3);
        _draw(_claim, _made);
        _judge(_dispute, 0, _list(_away()));
        _waitForEnd(_dispute, 0, 0);
        court.escalate(_claim, _made);
        _draw(_claim, _made);
        _waitForEnd(_dispute, 1, 0);
        court.resolve(_claim, _made);
        vm.assertEq(_balance(BURNED), 0, "nothing is burned");
    }

    function test_NodesThatAreAwayLoseWhereOneJurorOfTheirPanelJudged() public {
        _openDispute(3);
        _draw(_claim, _made);
        _waitForEnd(_dispute, 0, 0);
        court.escalate(_claim, _made);
        _draw(_claim, _made);
        _judge(_dispute, 1, _list(_right()));
        _waitForEnd(_dispute, 1, 0);
        court.resolve(_claim, _made);
        vm.assertEq(_balance(BURNED), 6 * _rules().jurorSlash, "of the second panel only");
    }

    function test_ClaimsOnOrdersAreNotCounted() public {
        _openOne(3);
        vm.assertEq(court.openClaimsOf(_claim.order), 0, "only auctions ask");
    }

    function claimOwnOrder(uint64 number) external {
        JobOrder memory order = _order();
        order.nonce = 1000 + number;
        _open(order, _item(order, 0, number, _usage()));
    }

    /// @dev A claim that is challenged by the claimant's friend.
    function _openDispute(uint64 serial) private {
        _claim = _openOne(serial);
        _made = _challenge(_claim);
        _dispute = court.disputeOf(_claim, _made);
    }

    /// @dev Two corrupt jurors of three let a false claim stand; the friend does not appeal.
    function _lostBeforeThree() private {
        _openDispute(3);
        _draw(_claim, _made);
        _judge(_dispute, 0, _three(_right(), _right(), _wrong()));
        _waitForEnd(_dispute, 0, 0);
    }

    function _hearSeven(Finding memory finding) private {
        _draw(_claim, _made);
        Finding[] memory findings = new Finding[](7);
        for (uint256 seat = 0; seat < 7; ++seat) {
            findings[seat] = finding;
        }
        _judge(_dispute, 1, findings);
        _waitForEnd(_dispute, 1, 0);
        court.resolve(_claim, _made);
    }

    function _list(Finding memory finding) private pure returns (Finding[] memory findings) {
        findings = new Finding[](1);
        findings[0] = finding;
    }

    /// @dev Nodes that were connected and left: their places stay.
    function _fillListWithDeadEntries() private {
        Party memory sink = _party(0xDEAD1);
        _fund(sink.account, FUNDS);
        for (uint256 i = 0; i < DEAD_ENTRIES; ++i) {
            Party memory dead = _party(0x100000 + i);
            _connect(dead, sink, MINIMUM_STAKE);
            vm.prank(sink.account);
            registry.disconnect(dead.account);
        }
        vm.warp(_now() + 1);
    }

    /// @dev All but the first `kept`.
    function _disconnectJurors(uint256 kept) private {
        for (uint256 i = kept; i < JURORS; ++i) {
            vm.prank(jurors[i].account);
            registry.disconnect(jurorNodes[i].account);
        }
    }

    /// @dev Draws once; what `DrawContinued` says.
    function _triesAfterDraw() private returns (uint256 tries) {
        logVm.recordLogs();
        court.draw(_claim, _made);
        Log[] memory logs = logVm.getRecordedLogs();
        vm.assertTrue(logs[0].topics[0] == IClaimCourt.DrawContinued.selector, "DrawContinued");
        vm.assertTrue(logs[0].topics[1] == _dispute, "dispute");
        (, tries) = abi.decode(logs[0].data, (uint256, uint256));
    }

    /// @dev The first panel of a seed, drawn here in one go: jurors stand in places 1 to 14, one an owner.
    function _panelOf(bytes32 seed) private view returns (uint256 panel, uint256 tries) {
        uint256 seated = 0;
        uint256 found = 0;
        for (; found < 3; ++tries) {
            uint256 place = uint256(keccak256(abi.encode(seed, tries))) % _made.nodeCount;
            if (place == 0 || place > JURORS || (seated >> place) & 1 == 1) continue;
            seated |= 1 << place;
            panel |= place << (32 * found++);
        }
    }
}
