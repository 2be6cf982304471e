// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Which serials were paid: one bit each, by the space that they count in.
struct PaidSerials {
    mapping(address space => mapping(uint256 word => uint256)) words;
}

/// @title The one replay guard of all ways to be paid
/// @notice A serial numbers a lease within a space: the buyer's account, or an award's reservation account.
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
        mapping(uint256 word => uint256) storage words = paid.words[space];
        uint256 before = words[word];
        if (before & mask != 0) revert AlreadyPaid(space, word, before & mask);
        words[word] = before | mask;
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
        paid.words[space][serial >> 8] ^= 1 << (serial & 255);
    }

    function isMarked(PaidSerials storage paid, address space, uint64 serial) internal view returns (bool) {
        return (paid.words[space][serial >> 8] >> (serial & 255)) & 1 == 1;
    }

    /// @notice How many bits of the mask are set.
    /// @dev Sums neighbouring fields of 1, 2 and 4 bits, then all bytes by one multiplication, whose highest
    /// byte is the sum modulo 256.
    function ones(uint256 mask) internal pure returns (uint256 count) {
        unchecked {
            uint256 max = type(uint256).max;
            count = mask - ((mask >> 1) & (max / 3));
            count = (count & (max / 5)) + ((count >> 2) & (max / 5));
            count = (count + (count >> 4)) & (max / 17);
            count = (count * (max / 255)) >> 248;
            if (count == 0 && mask != 0) count = 256;
        }
    }
}
