// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim, IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {NodeState} from "../interfaces/IGridRegistry.sol";
import {Messages, Usage, VerdictSeal} from "../libraries/Messages.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Cases} from "./Cases.sol";
import {Claims} from "./Claims.sol";

/// @title Challenges, the drawing of panels, sealed and opened verdicts
abstract contract Panels is Claims {
    using Cases for *;

    uint256 internal constant FIRST = 0;
    uint256 internal constant SECOND = 1;
    /// Bounds the gas of a draw; a fleet with one eligible owner's node in fifty still fills a panel of
    /// three.
    uint256 private constant MAXIMUM_TRIES = 256;
    uint256 private constant PARTIES = 3;
    uint256 private constant VERDICT_BITS = 128;
    /// EIP-2935: the contract that keeps the last 8 191 block hashes, where the chain has it.
    address private constant BLOCK_HASHES = 0x0000F90827F1C53a10cb7A02335B175320002935;

    mapping(bytes32 dispute => mapping(uint256 round => uint256 word)) internal _rounds;
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
        address[] memory barred = _barred(dispute, round, claim, challenge_.challenger);
        bytes32 seed = keccak256(abi.encode(blockHash, dispute, round));
        uint256 panel = _drawPanel(seed, challenge_, barred, round.seats());
        _rounds[dispute][round] = Cases.drawn(block.timestamp, panel);
        emit PanelDrawn(dispute, round, panel);
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

    /// @dev Owners who may not judge: the parties, and before the second panel the owners of the first.
    function _barred(bytes32 dispute, uint256 round, Claim calldata claim, address challenger)
        private
        view
        returns (address[] memory owners)
    {
        owners = new address[](round == FIRST ? PARTIES : PARTIES + Cases.SMALL_PANEL);
        (owners[0], owners[1], owners[2]) = (_ownerOf(claim.node), claim.buyer, challenger);
        uint256 word = _rounds[dispute][FIRST];
        for (uint256 i = PARTIES; i < owners.length; ++i) {
            owners[i] = _ownerOf(_jurorAt(word, i - PARTIES));
        }
    }

    /// @dev Tries places of the list in an order that the seed fixes; who draws cannot choose.
    function _drawPanel(bytes32 seed, Challenge calldata challenge_, address[] memory barred, uint256 needed)
        private
        view
        returns (uint256 panel)
    {
        address[] memory owners = new address[](needed);
        uint256 found = 0;
        for (uint256 i = 0; i < MAXIMUM_TRIES && found < needed; ++i) {
            uint256 place = uint256(keccak256(abi.encode(seed, i))) % challenge_.nodeCount;
            address owner = _eligibleOwner(place, challenge_.challengedAt);
            if (owner == address(0) || _contains(barred, owner) || _contains(owners, owner)) continue;
            panel |= Cases.seatOf(place, found);
            owners[found] = owner;
            ++found;
        }
        if (found < needed) revert PanelIncomplete(found, needed);
    }

    /// @dev The owner of the node at a place, or zero if the node cannot judge.
    function _eligibleOwner(uint256 place, uint64 challengedAt) private view returns (address) {
        (address owner, uint64 connectedAt, NodeState state, uint88 free) = registry.candidateAt(place);
        bool eligible = connectedAt < challengedAt && state == NodeState.CONNECTED && free >= JUROR_SLASH;
        return eligible ? owner : address(0);
    }

    function _contains(address[] memory list, address one) private pure returns (bool) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == one) return true;
        }
        return false;
    }
}
