// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim, IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {Messages, Usage, VerdictSeal} from "../libraries/Messages.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Cases, Draw} from "./Cases.sol";
import {Claims} from "./Claims.sol";

/// @title Challenges, the drawing of panels, sealed and opened verdicts
abstract contract Panels is Claims {
    using Cases for *;

    uint256 internal constant FIRST = 0;
    uint256 internal constant SECOND = 1;
    uint256 private constant VERDICT_BITS = 128;
    /// EIP-2935: the contract that keeps the last 8 191 block hashes, where the chain has it.
    address private constant BLOCK_HASHES = 0x0000F90827F1C53a10cb7A02335B175320002935;

    mapping(bytes32 dispute => mapping(uint256 round => uint256 word)) internal _rounds;
    /// @dev Draws that have begun and found too few, for as long as the round's word says so.
    mapping(bytes32 dispute => mapping(uint256 round => uint256 word)) private _draws;
    /// @dev Two seats to a word.
    mapping(bytes32 dispute => mapping(uint256 roundAndPair => uint256 word)) private _verdicts;

    /// @inheritdoc IClaimCourt
    function challenge(Claim calldata claim) external {
        bytes32 record = claim.hash();
        _requireRecord(claim.id, record);
        _requireNotAfter(uint256(claim.openedAt) + CLAIM_WINDOW_SECONDS);
        Challenge memory made = Challenge(
            msg.sender, uint64(block.timestamp), uint64(block.number), uint64(registry.nodeCount())
        );
        bytes32 dispute = record.hash(made);
        recordOf[claim.id] = dispute;
        emit ClaimChallenged(claim.id, dispute, made);
        _receive(msg.sender, CHALLENGE_BOND);
    }

    /// @inheritdoc IClaimCourt
    function rearm(Claim calldata claim, Challenge calldata challenge_) external {
        bytes32 dispute = _requireDispute(claim, challenge_);
        (uint256 round, uint256 word) = _requireDrawing(dispute, challenge_);
        uint256 named = _seedBlock(word, challenge_);
        if (block.number <= named) revert SeedNotReady(named);
        if (_blockHash(named) != 0) revert SeedAvailable(named);
        uint256 next = block.number + SEED_DELAY_BLOCKS;
        _rounds[dispute][round] = Cases.undrawn(uint64(word >> 64), next);
        emit SeedRearmed(dispute, round, next);
    }

    /// @inheritdoc IClaimCourt
    function draw(Claim calldata claim, Challenge calldata challenge_) external {
        bytes32 dispute = _requireDispute(claim, challenge_);
        (uint256 round, uint256 word) = _requireDrawing(dispute, challenge_);
        uint256 named = _seedBlock(word, challenge_);
        if (block.number <= named) revert SeedNotReady(named);
        bytes32 blockHash = _blockHash(named);
        if (blockHash == 0) revert SeedLost(named);
        bytes32 seed = keccak256(abi.encode(blockHash, dispute, round));
        uint256 begun = word.isUnfinished() ? _draws[dispute][round] : 0;
        Draw memory reached = CHECKS.drawOn(claim, challenge_, seed, round, _rounds[dispute][FIRST], begun);
        if (reached.found < round.seats()) {
            (_rounds[dispute][round], _draws[dispute][round]) = (word.unfinished(), reached.packed());
            emit DrawContinued(dispute, round, reached.tries);
            return;
        }
        if (begun != 0) delete _draws[dispute][round];
        _rounds[dispute][round] = Cases.drawn(block.timestamp, reached.panel);
        emit PanelDrawn(dispute, round, reached.panel);
    }

    /// @inheritdoc IClaimCourt
    function commitVerdict(bytes32 dispute, uint256 round, uint256 seat, bytes32 verdict) external {
        address juror = _sealingJuror(dispute, round, seat);
        if (msg.sender != juror && msg.sender != _ownerOf(juror)) revert NotJuror(juror, msg.sender);
        _seal(dispute, round, seat, verdict);
    }

    /// @inheritdoc IClaimCourt
    function commitVerdictBySignature(VerdictSeal calldata sealed_, bytes calldata signature) external {
        address juror = _sealingJuror(sealed_.dispute, sealed_.round, sealed_.seat);
        Signatures.requireSignedByKey(juror, _digest(Messages.hash(sealed_)), signature);
        _seal(sealed_.dispute, sealed_.round, sealed_.seat, sealed_.verdict);
    }

    /// @inheritdoc IClaimCourt
    function openVerdict(
        bytes32 dispute,
        uint256 round,
        uint256 seat,
        uint8 outcome,
        bytes32 result,
        Usage calldata usage,
        bytes32 salt
    ) external {
        uint256 word = _requireSeat(dispute, round, seat);
        _requireAfter(word.drawnAt() + COMMIT_SECONDS);
        _requireNotAfter(word.drawnAt() + COMMIT_SECONDS + OPEN_SECONDS);
        if (outcome > Cases.UNAVAILABLE) revert WrongOutcome(outcome);
        bytes32 work = Cases.work(outcome, result, usage);
        bytes32 expected = dispute.seal(round, seat, work, salt).closed();
        if (verdictOf(dispute, round, seat) != expected) revert SealMismatch(dispute, round, seat);
        _setVerdict(dispute, round, seat, outcome == Cases.UNAVAILABLE ? Cases.ABSTAINED : work.opened());
        emit VerdictOpened(dispute, round, seat, work);
    }

    /// @inheritdoc IClaimCourt
    function panelOf(bytes32 dispute, uint256 round) external view returns (uint64 drawnAt, uint256 panel) {
        uint256 word = _rounds[dispute][round];
        drawnAt = uint64(word.drawnAt());
        return (drawnAt, drawnAt == 0 ? uint64(word) : word.panelIn());
    }

    /// @inheritdoc IClaimCourt
    function disputeOf(Claim calldata claim, Challenge calldata challenge_) external pure returns (bytes32) {
        return claim.hash().hash(challenge_);
    }

    /// @inheritdoc IClaimCourt
    function verdictOf(bytes32 dispute, uint256 round, uint256 seat) public view returns (bytes32) {
        return bytes32(uint256(uint128(_verdicts[dispute][_pairOf(round, seat)] >> _shiftOfSeat(seat))));
    }

    /// @dev Clears the seat's verdict.
    function _dropVerdict(bytes32 dispute, uint256 round, uint256 seat) internal {
        _setVerdict(dispute, round, seat, 0);
    }

    function _requireDispute(Claim calldata claim, Challenge calldata challenge_)
        internal
        view
        returns (bytes32 dispute)
    {
        dispute = claim.hash().hash(challenge_);
        _requireRecord(claim.id, dispute);
    }

    /// @dev When the drawing of an undrawn panel ends; `word` is the round's.
    function _drawEnd(uint256 word, Challenge calldata challenge_) internal view returns (uint256) {
        uint256 escalatedAt = uint64(word >> 64);
        return (escalatedAt == 0 ? challenge_.challengedAt : escalatedAt) + DRAW_SECONDS;
    }

    /// @dev When a drawn panel's verdicts are all in.
    function _openEnd(uint256 word) internal view returns (uint256) {
        return word.drawnAt() + COMMIT_SECONDS + OPEN_SECONDS;
    }

    function _jurorAt(uint256 word, uint256 seat) internal view returns (address juror) {
        (juror,) = registry.nodeAt(word.placeAt(seat));
    }

    /// @dev Who judges in the seat while verdicts are sealed.
    function _sealingJuror(bytes32 dispute, uint256 round, uint256 seat) private view returns (address) {
        uint256 word = _requireSeat(dispute, round, seat);
        _requireNotAfter(word.drawnAt() + COMMIT_SECONDS);
        return _jurorAt(word, seat);
    }

    function _seal(bytes32 dispute, uint256 round, uint256 seat, bytes32 verdict) private {
        if (verdictOf(dispute, round, seat) != 0) revert AlreadySealed(dispute, round, seat);
        _setVerdict(dispute, round, seat, verdict.closed());
        emit VerdictSealed(dispute, round, seat, verdict);
    }

    function _setVerdict(bytes32 dispute, uint256 round, uint256 seat, bytes32 verdict) private {
        uint256 word = _verdicts[dispute][_pairOf(round, seat)];
        word &= ~(uint256(type(uint128).max) << _shiftOfSeat(seat));
        _verdicts[dispute][_pairOf(round, seat)] = word | uint256(verdict) << _shiftOfSeat(seat);
    }

    function _pairOf(uint256 round, uint256 seat) private pure returns (uint256) {
        return round * Cases.LARGE_PANEL + seat / 2;
    }

    function _shiftOfSeat(uint256 seat) private pure returns (uint256) {
        return (seat % 2) * VERDICT_BITS;
    }

    /// @dev The present round, which waits for its panel.
    function _requireDrawing(bytes32 dispute, Challenge calldata challenge_)
        private
        view
        returns (uint256 round, uint256 word)
    {
        (round, word) = (FIRST, _rounds[dispute][FIRST]);
        if (word.isEscalated()) (round, word) = (SECOND, _rounds[dispute][SECOND]);
        if (word.drawnAt() != 0) revert AlreadyDrawn(dispute, round);
        _requireNotAfter(_drawEnd(word, challenge_));
    }

    function _requireSeat(bytes32 dispute, uint256 round, uint256 seat) private view returns (uint256 word) {
        if (round >= Cases.ROUNDS || seat >= round.seats()) revert WrongSeat(round, seat);
        word = _rounds[dispute][round];
        if (word.drawnAt() == 0) revert NotDrawn(dispute, round);
    }

    function _seedBlock(uint256 word, Challenge calldata challenge_) private view returns (uint256) {
        uint256 named = uint64(word);
        return named == 0 ? uint256(challenge_.blockNumber) + SEED_DELAY_BLOCKS : named;
    }

    /// @dev Zero when the hash is out of reach.
    function _blockHash(uint256 number) private view returns (bytes32 found) {
        found = blockhash(number);
        if (found != 0 || BLOCK_HASHES.code.length == 0) return found;
        (bool answered, bytes memory answer) = BLOCK_HASHES.staticcall(abi.encode(number));
        if (answered && answer.length == 32) found = abi.decode(answer, (bytes32));
    }
}
