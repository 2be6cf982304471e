// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Cases} from "./court/Cases.sol";
import {Courtroom} from "./court/Courtroom.sol";
import {Panels} from "./court/Panels.sol";
import {IBidding} from "./interfaces/IBidding.sol";
import {Challenge, Claim, CourtRules, IClaimCourt, Ruling} from "./interfaces/IClaimCourt.sol";
import {IGridRegistry, SlashReason} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";

/// @title ClaimCourt
/// @notice Documented in IClaimCourt. Here: escalation and the end of a dispute.
/// @dev `multicall` lets a juror draw and seal, or open and resolve, in one transaction.
contract ClaimCourt is Panels, Multicall {
    using Cases for *;

    /// What two panels found, each zero without a majority, and the one that counts.
    struct Findings {
        bytes32 first;
        bytes32 second;
        bytes32 decisive;
    }

    /// Nobody has the key of this account.
    address public constant BURNED = 0x000000000000000000000000000000000000dEaD;

    constructor(
        ILedger ledger_,
        IGridRegistry registry_,
        ISettlement settlement_,
        IBidding bidding_,
        CourtRules memory chosen
    ) Courtroom(ledger_, registry_, settlement_, bidding_, chosen) {}

    /// @inheritdoc IClaimCourt
    function escalate(Claim calldata claim, Challenge calldata challenge_) external {
        bytes32 dispute = _requireDispute(claim, challenge_);
        uint256 word = _rounds[dispute][FIRST];
        if (word.drawnAt() == 0) revert NotDrawn(dispute, FIRST);
        if (word.isEscalated()) revert AlreadyEscalated(dispute);
        _requireAfter(_openEnd(word));
        _requireNotAfter(_openEnd(word) + APPEAL_SECONDS);
        bytes32 found = _majority(dispute, FIRST, word);
        bool byBuyer = msg.sender == claim.buyer && _rulingOf(claim, found) == Ruling.STANDS;
        address appellant = _appellant(claim, challenge_, found, byBuyer);
        if (appellant != address(0) && msg.sender != appellant) revert NotLoser(appellant, msg.sender);
        _rounds[dispute][FIRST] = word.escalated(byBuyer);
        _rounds[dispute][SECOND] = Cases.undrawn(block.timestamp, block.number + SEED_DELAY_BLOCKS);
        emit DisputeEscalated(dispute, appellant);
        if (appellant != address(0)) _receive(appellant, APPEAL_BOND);
    }

    /// @inheritdoc IClaimCourt
    function resolve(Claim calldata claim, Challenge calldata challenge_) external {
        bytes32 dispute = _requireDispute(claim, challenge_);
        uint256 first = _rounds[dispute][FIRST];
        uint256 second = first.isEscalated() ? _rounds[dispute][SECOND] : 0;
        _requireAfter(_lastEnd(first, second, challenge_));
        Findings memory found = _findings(dispute, first, second);
        Ruling ruling = _rulingOf(claim, found.decisive);
        recordOf[claim.id] = ruling == Ruling.FALLS ? Cases.FALLEN : bytes32(0);
        if (first != 0) delete _rounds[dispute][FIRST];
        if (second != 0) delete _rounds[dispute][SECOND];
        _countEnded(claim);
        emit DisputeResolved(claim.id, dispute, ruling);
        uint256 pot = _collect(claim, ruling) + _collectAppeal(claim, challenge_, found, first, second);
        pot -= _settlePanel(dispute, FIRST, first, found.decisive, pot);
        pot -= _settlePanel(dispute, SECOND, second, found.decisive, pot);
        _pay(claim, challenge_, ruling, pot);
    }

    /// @dev The loser's bond, kept in the court's account; zero without a loser.
    function _collect(Claim calldata claim, Ruling ruling) private returns (uint256 pot) {
        if (ruling == Ruling.FALLS) {
            return registry.slash(claim.node, CLAIM_BOND, true, address(this), SlashReason.CLAIM_FALSE);
        }
        registry.unlock(claim.node, CLAIM_BOND);
        return ruling == Ruling.STANDS ? CHALLENGE_BOND : 0;
    }

    /// @dev An appeal is lost when the second panel finds for the same side; else its bond returns.
    function _collectAppeal(
        Claim calldata claim,
        Challenge calldata challenge_,
        Findings memory found,
        uint256 first,
        uint256 second
    ) private returns (uint256 pot) {
        if (second == 0 || found.first == 0) return 0;
        Ruling confirmed = _rulingOf(claim, found.first);
        if (found.second != 0 && _rulingOf(claim, found.second) == confirmed) return APPEAL_BOND;
        _send(_appellant(claim, challenge_, found.first, first.isBuyersAppeal()), APPEAL_BOND);
    }

    /// @dev Jurors who found what counts earn the fee; who abstained gains and loses nothing; who found
    /// something else, or stayed away from a panel that somebody judged in, loses stake to nobody. Without a
    /// decision only those who stayed away lose.
    function _settlePanel(bytes32 dispute, uint256 round, uint256 word, bytes32 decisive, uint256 pot)
        private
        returns (uint256 paid)
    {
        if (word.drawnAt() == 0) return 0;
        bool judged = _isJudged(dispute, round);
        for (uint256 seat = 0; seat < round.seats(); ++seat) {
            bytes32 verdict = verdictOf(dispute, round, seat);
            if (verdict != 0) _dropVerdict(dispute, round, seat);
            if (verdict == Cases.ABSTAINED || (!judged && !verdict.isOpened())) continue;
            address juror = _jurorAt(word, seat);
            if (!verdict.isOpened()) {
                registry.slash(juror, JUROR_SLASH, false, BURNED, SlashReason.VERDICT_MISSING);
            } else if (verdict == decisive) {
                uint256 fee = Math.min(JUROR_FEE, pot - paid);
                paid += fee;
                _send(_ownerOf(juror), fee);
            } else if (decisive != 0) {
                registry.slash(juror, JUROR_SLASH, false, BURNED, SlashReason.VERDICT_WRONG);
            }
        }
    }

    /// @dev Whether a juror found anything. Else a case that nobody could judge would burn the stake of who
    /// was away, at no cost to the parties.
    function _isJudged(bytes32 dispute, uint256 round) private view returns (bool) {
        for (uint256 seat = 0; seat < round.seats(); ++seat) {
            bytes32 verdict = verdictOf(dispute, round, seat);
            if (verdict.isOpened() && verdict != Cases.ABSTAINED) return true;
        }
        return false;
    }

    /// @dev The claim's amount, what is left of the loser's bond, and the challenger's own if it did not
    /// lose. The odd atom is the challenger's.
    function _pay(Claim calldata claim, Challenge calldata challenge_, Ruling ruling, uint256 pot) private {
        if (ruling == Ruling.STANDS) {
            _send(_ownerOf(claim.node), claim.amount + pot);
            return;
        }
        _takeBack(claim);
        _send(claim.payer, claim.amount + pot / 2);
        _send(challenge_.challenger, CHALLENGE_BOND + pot - pot / 2);
    }

    /// @dev The last phase's end, after which the dispute can be resolved.
    function _lastEnd(uint256 first, uint256 second, Challenge calldata challenge_)
        private
        view
        returns (uint256)
    {
        if (first.drawnAt() == 0) return _drawEnd(first, challenge_);
        if (second == 0) return _openEnd(first) + APPEAL_SECONDS;
        return second.drawnAt() == 0 ? _drawEnd(second, challenge_) : _openEnd(second);
    }

    /// @dev The second panel counts if it agrees, else the first.
    function _findings(bytes32 dispute, uint256 first, uint256 second)
        private
        view
        returns (Findings memory found)
    {
        (found.first, found.second) = (_majority(dispute, FIRST, first), _majority(dispute, SECOND, second));
        found.decisive = found.second != 0 ? found.second : found.first;
    }

    /// @dev The verdict that more than half of the seats opened, or zero.
    function _majority(bytes32 dispute, uint256 round, uint256 word) private view returns (bytes32) {
        if (word.drawnAt() == 0) return 0;
        uint256 seats = round.seats();
        for (uint256 seat = 0; seat <= seats / 2; ++seat) {
            bytes32 verdict = verdictOf(dispute, round, seat);
            if (!verdict.isOpened() || verdict == Cases.ABSTAINED) continue;
            uint256 equal = 1;
            for (uint256 other = seat + 1; other < seats; ++other) {
                if (verdictOf(dispute, round, other) == verdict) ++equal;
            }
            if (equal > seats / 2) return verdict;
        }
        return 0;
    }

    /// @dev Whom a finding goes against: the challenger or the node's owner, zero without a finding. A claim
    /// that stands is the buyer's loss, too: it need not trust a challenger to appeal.
    function _appellant(Claim calldata claim, Challenge calldata challenge_, bytes32 finding, bool byBuyer)
        private
        view
        returns (address)
    {
        if (finding == 0) return address(0);
        if (byBuyer) return claim.buyer;
        bool stands = _rulingOf(claim, finding) == Ruling.STANDS;
        return stands ? challenge_.challenger : _ownerOf(claim.node);
    }

    function _rulingOf(Claim calldata claim, bytes32 finding) private pure returns (Ruling) {
        if (finding == 0) return Ruling.UNDECIDED;
        return finding == claim.work.opened() ? Ruling.STANDS : Ruling.FALLS;
    }
}
