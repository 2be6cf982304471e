// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim} from "../../../../../contracts/interfaces/IClaimCourt.sol";
import {Usage} from "../../../../../contracts/libraries/Messages.sol";
import {blockVm} from "../../CourtHouse.sol";
import {vm} from "../../Vm.sol";
import {Case, Stage, Trials} from "./Trials.sol";

/// @title Panels are drawn, seal, open or stay silent; losers appeal
/// @notice What a seat finds follows from dispute and seat: there are panels of one mind and torn ones.
abstract contract Panels is Trials {
    bytes32 private constant SALT = keccak256("salt");

    /// What jurors and false claimants lost, by the registry and by where it went.
    uint256 public slashed;
    uint256 public slashedTo;

    /// @notice Somebody challenges the latest claim, and the panel is drawn; sometimes too early.
    function challengeAndDraw(uint256 who, uint256 wait) external watched {
        wait = _stirred(wait);
        uint256 which = _pickCase(cases.length - 1, Stage.OPEN);
        _challenge(which, who);
        _draw(which, wait);
    }

    function draw(uint256 which, uint256 wait) external watched {
        wait = _stirred(wait);
        _draw(_pickCase(which, Stage.CHALLENGED), wait);
    }

    function _draw(uint256 which, uint256 wait) private {
        if (wait % 8 != 0) _drawNow(cases[which].claim, cases[which].made);
        else court.draw(cases[which].claim, cases[which].made);
    }

    function _drawNow(Claim memory claim, Challenge memory made) private {
        blockVm.roll(blockVm.getBlockNumber() + _rules().seedDelayBlocks + 1);
        court.draw(claim, made);
    }

    /// @notice Hundreds of blocks go by without a draw.
    function rearm(uint256 which) external watched {
        Case storage one = cases[_pickCase(which, Stage.CHALLENGED)];
        blockVm.roll(blockVm.getBlockNumber() + 300);
        court.rearm(one.claim, one.made);
    }

    /// @notice The seats in `mask` seal, in the present round.
    function seal(uint256 which, uint256 mask) external watched {
        mask = _stirred(mask);
        (bytes32 dispute, uint256 round) = _present(_pickCase(which, Stage.CHALLENGED));
        for (uint256 seat = 0; seat < (round == 0 ? 3 : 7); ++seat) {
            if (mask % 4 != 0 && (mask >> (seat + 8)) % 8 == 0) continue;
            (uint8 outcome, bytes32 result) = _finding(dispute, round, seat);
            bytes32 verdict = keccak256(abi.encode(dispute, round, seat, _work(outcome, result), SALT));
            address juror = _juror(dispute, round, seat);
            vm.prank(juror);
            court.commitVerdict(dispute, round, seat, verdict);
        }
    }

    /// @notice When sealing is over, the seats in `mask` that sealed open.
    function open(uint256 which, uint256 mask) external watched {
        mask = _stirred(mask);
        (bytes32 dispute, uint256 round) = _present(_pickCase(which, Stage.CHALLENGED));
        (uint64 drawnAt,) = court.panelOf(dispute, round);
        _passUntil(drawnAt + _rules().commitSeconds + 1);
        for (uint256 seat = 0; seat < (round == 0 ? 3 : 7); ++seat) {
            bool isSealed = uint256(court.verdictOf(dispute, round, seat)) & 1 == 1;
            if (!isSealed || (mask % 4 == 0 && (mask >> (seat + 8)) % 4 == 0)) continue;
            (uint8 outcome, bytes32 result) = _finding(dispute, round, seat);
            court.openVerdict(dispute, round, seat, outcome, result, Usage(0, 0, 0, 0), SALT);
        }
    }

    /// @notice The claimant's owner, the challenger or anybody, once the first panel's time is over.
    function escalate(uint256 which, uint256 who) external watched {
        Case storage one = cases[_pickCase(which, Stage.CHALLENGED)];
        (Claim memory claim, Challenge memory made) = (one.claim, one.made);
        (uint64 drawnAt,) = court.panelOf(court.disputeOf(claim, made), 0);
        _passUntil(drawnAt + _rules().commitSeconds + _rules().openSeconds + 1);
        uint256 before = _balance(address(court));
        address caller = _escalateAs(claim, made, who);
        one.appeal = _balance(address(court)) - before;
        if (who % 5 != 0) _drawNow(claim, made);
        if (one.appeal != 0) require(one.appeal == _rules().appealBond, "the appeal's bond");
        _signs(caller);
    }

    /// @notice Sometimes waits for the end.
    function resolve(uint256 which, uint256 wait) external watched {
        if (wait % 2 == 0) _pass(_rules().appealSeconds + _rules().openSeconds);
        _resolve(_pickCase(which, Stage.CHALLENGED));
    }

    function _resolve(uint256 which) internal {
        Case storage one = cases[which];
        (Claim memory claim, Challenge memory made) = (one.claim, one.made);
        (uint256 before,) = stakesOfNodes();
        uint256 burned = _balance(BURNED);
        court.resolve(claim, made);
        bool fell = court.recordOf(claim.id) == bytes32(uint256(1));
        (uint256 stakes,) = stakesOfNodes();
        slashed += before - stakes;
        slashedTo += _balance(BURNED) - burned + (fell ? _rules().claimBond : 0);
        one.stage = Stage.OVER;
        address space = claim.awarded ? claim.payer : claim.node;
        if (settlement.isPaid(space, claim.serial)) _endPaid(one);
    }

    /// @dev One time in four somebody tries, else whichever side may.
    function _escalateAs(Claim memory claim, Challenge memory made, uint256 who)
        private
        returns (address caller)
    {
        caller = who % 4 == 3 ? _account(who) : made.challenger;
        vm.prank(caller);
        try court.escalate(claim, made) {}
        catch {
            caller = registry.ownerOf(claim.node);
            vm.prank(caller);
            court.escalate(claim, made);
        }
    }

    /// @dev The dispute of a case and its present round.
    function _present(uint256 which) private view returns (bytes32 dispute, uint256 round) {
        dispute = court.disputeOf(cases[which].claim, cases[which].made);
        (uint64 drawnAt,) = court.panelOf(dispute, 1);
        if (drawnAt != 0) round = 1;
    }

    function _juror(bytes32 dispute, uint256 round, uint256 seat) internal view returns (address juror) {
        (, uint256 panel) = court.panelOf(dispute, round);
        (juror,) = registry.nodeAt(uint32(panel >> (32 * seat)));
    }

    function _finding(bytes32 dispute, uint256 round, uint256 seat)
        private
        pure
        returns (uint8 outcome, bytes32 result)
    {
        uint256 mind = uint256(keccak256(abi.encode(dispute, round))) % 4;
        uint256 own = uint256(keccak256(abi.encode(dispute, round, seat))) % 4;
        if (mind == 3 && own == 0) return (2, 0);
        bool isRight = mind == 0 || (mind > 1 && own > 1);
        return (0, isRight ? RESULT : keccak256("another result"));
    }
}
