// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaidSerials, SerialBits} from "../../../contracts/libraries/PaidSerials.sol";

/// @title For every space, word and mask: a serial is marked once, cleared alone, and counted
contract SerialsProof {
    using SerialBits for PaidSerials;

    PaidSerials private _paid;

    /// With the base case this is the count of set bits, by induction over them, for any sixteen neighbours.
    /// Solvers do not get through all 256 bits at once: the whole is fuzzed.
    function check_TakingTheLowestBitAwayTakesOneFromTheCount(uint16 bits) external pure {
        if (bits == 0) return;
        for (uint256 position = 0; position < 256; position += 16) {
            uint256 mask = uint256(bits) << position;
            assert(SerialBits.ones(mask) == SerialBits.ones(mask & (mask - 1)) + 1);
        }
    }

    function check_NothingCountsNothing() external pure {
        assert(SerialBits.ones(0) == 0);
    }

    function check_MarkSetsExactlyTheMaskAndOnlyWhereNothingStood(
        address space,
        uint64 word,
        uint256 before,
        uint256 mask
    ) external {
        if (word >> 56 != 0) return;
        _paid.wordAt(space, word).mask = before;
        try this.mark(space, word, mask) {
            assert(before & mask == 0);
            assert(_paid.wordAt(space, word).mask == before | mask);
        } catch {
            assert(before & mask != 0);
            assert(_paid.wordAt(space, word).mask == before);
        }
    }

    function check_MarkTouchesNoOtherWordNorSpace(
        address space,
        uint56 word,
        address otherSpace,
        uint56 otherWord,
        uint256 before,
        uint256 mask
    ) external {
        if (space == otherSpace && word == otherWord) return;
        _paid.wordAt(otherSpace, otherWord).mask = before;
        _paid.mark(space, word, mask);
        assert(_paid.wordAt(otherSpace, otherWord).mask == before);
    }

    function check_ClearTakesOneMarkAndNoOther(address space, uint64 serial, uint256 before) external {
        _paid.wordAt(space, serial >> 8).mask = before;
        bool isThere = _paid.isMarked(space, serial);
        assert(isThere == ((before >> (serial % 256)) % 2 == 1));
        try this.clear(space, serial) {
            assert(isThere && !_paid.isMarked(space, serial));
            assert(_paid.wordAt(space, serial >> 8).mask == before - (uint256(1) << (serial % 256)));
        } catch {
            assert(!isThere && _paid.wordAt(space, serial >> 8).mask == before);
        }
    }

    function mark(address space, uint256 word, uint256 mask) external {
        _paid.mark(space, word, mask);
    }

    function clear(address space, uint64 serial) external {
        _paid.clear(space, serial);
    }
}
