// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice 256 serials, one bit each.
struct PaidWord {
    uint256 mask;
}

/// @notice Which serials were paid: by the space that they count in (160 bits) and their word (96 bits), so
/// that one hash finds a word.
struct PaidSerials {
    mapping(uint256 spaceAndWord => PaidWord) words;
}

/// @title The one replay guard of all ways to be paid
/// @notice A serial numbers a lease within a space: the node's address, or an award's reservation account.
/// Nobody but the node, and the court on its claim, uses up serials in a node's space.
/// Bit `serial % 256` of word `serial / 256` says that it was paid, or that a claim on it is open.
///
///     marks = (word u64 ‖ mask, 32 bytes) for each word, ascending
///
/// Written by `suanli/protocol/serials.py`.
library SerialBits {
    uint256 private constant MARK_BYTES = 40;
    uint256 private constant WORD_BITS = 56;

    /// Of these serials of the word, those in `overlap` are paid or claimed already.
    error AlreadyPaid(address space, uint256 word, uint256 overlap);
    /// The serial is not paid.
    error NotPaid(address space, uint64 serial);
    /// Serials are below 2^64, so words are below 2^56.
    error WordTooLarge(uint256 word);
    /// Words must ascend strictly and mark something.
    error MarksNotAscending(uint256 position);
    /// After the last whole mark `count` bytes are left.
    error TrailingMarkBytes(uint256 count);

    /// @notice Marks the serials of `mask`. Reverts if one of them is marked.
    function mark(PaidSerials storage paid, address space, uint256 word, uint256 mask) internal {
        if (word >> WORD_BITS != 0) revert WordTooLarge(word);
        PaidWord storage slot = paid.words[(uint256(uint160(space)) << 96) | word];
        uint256 before = slot.mask;
        if (before & mask != 0) revert AlreadyPaid(space, word, before & mask);
        slot.mask = before | mask;
    }

    /// @notice Marks all serials of packed marks and counts them.
    function markAll(PaidSerials storage paid, address space, bytes calldata marks)
        internal
        returns (uint256 count)
    {
        if (marks.length % MARK_BYTES != 0) revert TrailingMarkBytes(marks.length % MARK_BYTES);
        uint256 next = 0;
        for (uint256 position = 0; position < marks.length; position += MARK_BYTES) {
            uint256 word = uint64(bytes8(marks[position:]));
            uint256 mask = uint256(bytes32(marks[position + 8:]));
            if (word < next || mask == 0) revert MarksNotAscending(position / MARK_BYTES);
            mark(paid, space, word, mask);
            count += ones(mask);
            next = word + 1;
        }
    }

    /// @notice Takes one mark away. Reverts if it is not there.
    function clear(PaidSerials storage paid, address space, uint64 serial) internal {
        if (!isMarked(paid, space, serial)) revert NotPaid(space, serial);
        wordAt(paid, space, serial >> 8).mask ^= 1 << (serial & 255);
    }

    function isMarked(PaidSerials storage paid, address space, uint64 serial) internal view returns (bool) {
        return (wordAt(paid, space, serial >> 8).mask >> (serial & 255)) & 1 == 1;
    }

    /// @notice The place of a word.
    function wordAt(PaidSerials storage paid, address space, uint256 word)
        internal
        view
        returns (PaidWord storage)
    {
        if (word >> WORD_BITS != 0) revert WordTooLarge(word);
        return paid.words[(uint256(uint160(space)) << 96) | word];
    }

    /// @notice How many bits of the mask are set.
    /// @dev Sums neighbouring fields of 1, 2, 4 and 8 bits, then all of 16 by one multiplication, whose
    /// highest field is the sum of all.
    function ones(uint256 mask) internal pure returns (uint256 count) {
        unchecked {
            uint256 max = type(uint256).max;
            count = mask - ((mask >> 1) & (max / 3));
            count = (count & (max / 5)) + ((count >> 2) & (max / 5));
            count = (count + (count >> 4)) & (max / 17);
            count = (count + (count >> 8)) & (max / 257);
            count = (count * (max / 65_535)) >> 240;
        }
    }
}
