// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Challenge, Claim} from "../interfaces/IClaimCourt.sol";
import {Usage} from "../libraries/Messages.sol";

/// How far the drawing of a panel is: places tried, seats filled, and their places in the list.
struct Draw {
    uint256 tries;
    uint256 found;
    uint256 panel;
}

/// @title What the court keeps of a case: hashes and packed words
/// @notice Mirrored by `suanli/protocol/court.py`.
///
/// A round's word is, before the draw, `escalatedAt` (64 bits, zero in the first round) above the named block
/// of the seed (64 bits, zero for the first one); after it, the time of the draw (32 bits) above the places
/// of the jurors (32 bits each, seat 0 lowest); in the first round's the bit below the time tells that a
/// second one began, and the next one that the buyer appealed. Before the draw, bit 128 tells that one has
/// begun; its own word is the number of seats filled (8 bits), the tries so far (56 bits) and the places.
///
/// Verdicts are kept as 128 bits, two to a word. A juror who would change a sealed verdict, or a claimant who
/// would have a false result pass for the true one, needs two inputs of one such hash: 2^64 trials for the
/// first, for a fee; 2^128 for the second, because the true result is given.
library Cases {
    uint256 internal constant ROUNDS = 2;
    uint256 internal constant SMALL_PANEL = 3;
    uint256 internal constant LARGE_PANEL = 7;
    /// An outcome that only verdicts have: the juror could not get the task's inputs.
    uint8 internal constant UNAVAILABLE = 2;
    /// The record of a claim that a panel let fall.
    bytes32 internal constant FALLEN = bytes32(uint256(1));
    /// The opened verdict of a juror who could not get the inputs.
    bytes32 internal constant ABSTAINED = bytes32(uint256(2));

    bytes32 private constant SEALED = bytes32(uint256(1));
    bytes32 private constant KEPT = bytes32(uint256(type(uint128).max));
    uint256 private constant ESCALATED = 1 << 223;
    uint256 private constant BUYERS_APPEAL = 1 << 222;
    uint256 private constant UNFINISHED = 1 << 128;
    uint256 private constant PLACE_BITS = 32;
    uint256 private constant DRAWN_AT_SHIFT = 224;
    uint256 private constant TRIES_SHIFT = 192;
    uint256 private constant FOUND_SHIFT = 248;

    function hash(Claim calldata claim) internal pure returns (bytes32) {
        return keccak256(abi.encode(claim));
    }

    function hash(bytes32 claim, Challenge memory challenge) internal pure returns (bytes32) {
        return keccak256(abi.encode(claim, challenge));
    }

    /// @notice Stands for the lease that an award's task has none of.
    function awardTaskId(bytes32 auction, uint32 task) internal pure returns (bytes32) {
        return keccak256(abi.encode(auction, task));
    }

    /// @notice What a receipt or a verdict says of the work.
    function work(uint8 outcome, bytes32 result, Usage calldata usage) internal pure returns (bytes32) {
        return keccak256(abi.encode(outcome, result, usage));
    }

    /// @notice What a juror commits to.
    function seal(bytes32 dispute, uint256 round, uint256 seat, bytes32 work_, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(dispute, round, seat, work_, salt));
    }

    /// @notice As sealed verdicts are stored: their lower half, the lowest bit set.
    function closed(bytes32 seal_) internal pure returns (bytes32) {
        return (seal_ & KEPT) | SEALED;
    }

    /// @notice As opened verdicts are stored and compared: the lower half, the lowest bit clear.
    function opened(bytes32 work_) internal pure returns (bytes32) {
        return work_ & KEPT & ~SEALED;
    }

    function isOpened(bytes32 verdict) internal pure returns (bool) {
        return verdict != 0 && verdict & SEALED == 0;
    }

    function seats(uint256 round) internal pure returns (uint256) {
        return round == 0 ? SMALL_PANEL : LARGE_PANEL;
    }

    function undrawn(uint256 escalatedAt, uint256 seedBlock) internal pure returns (uint256) {
        return (escalatedAt << 64) | seedBlock;
    }

    function drawn(uint256 time, uint256 panel) internal pure returns (uint256) {
        return (time << DRAWN_AT_SHIFT) | panel;
    }

    /// @notice The first round's word when a second round begins, by the buyer's appeal or otherwise.
    function escalated(uint256 word, bool byBuyer) internal pure returns (uint256) {
        return word | ESCALATED | (byBuyer ? BUYERS_APPEAL : 0);
    }

    /// @notice Whether it was the buyer who appealed, in an escalated first round's word.
    function isBuyersAppeal(uint256 word) internal pure returns (bool) {
        return word & BUYERS_APPEAL != 0;
    }

    /// @notice Whether a drawn first round was escalated.
    function isEscalated(uint256 word) internal pure returns (bool) {
        return drawnAt(word) != 0 && word & ESCALATED != 0;
    }

    /// @notice The places in a drawn round's word.
    function panelIn(uint256 word) internal pure returns (uint256) {
        return uint224(isEscalated(word) ? word & ~(ESCALATED | BUYERS_APPEAL) : word);
    }

    /// @notice Zero before the draw.
    function drawnAt(uint256 word) internal pure returns (uint256) {
        return word >> DRAWN_AT_SHIFT;
    }

    /// @notice An undrawn round's word when a draw has begun and found too few.
    function unfinished(uint256 word) internal pure returns (uint256) {
        return word | UNFINISHED;
    }

    /// @notice Whether a draw has begun, in an undrawn round's word.
    function isUnfinished(uint256 word) internal pure returns (bool) {
        return word & UNFINISHED != 0;
    }

    /// @notice The word of an unfinished draw.
    function packed(Draw memory begun) internal pure returns (uint256) {
        return (begun.found << FOUND_SHIFT) | (begun.tries << TRIES_SHIFT) | begun.panel;
    }

    /// @notice The draw that a word tells of; of zero, one that has not begun.
    function unpacked(uint256 word) internal pure returns (Draw memory begun) {
        (begun.found, begun.tries) = (word >> FOUND_SHIFT, uint56(word >> TRIES_SHIFT));
        begun.panel = uint192(word);
    }

    function seatOf(uint256 place, uint256 seat) internal pure returns (uint256) {
        return place << (seat * PLACE_BITS);
    }

    /// @notice The juror's place in the registry's list.
    function placeAt(uint256 word, uint256 seat) internal pure returns (uint256) {
        return uint32(word >> (seat * PLACE_BITS));
    }
}
