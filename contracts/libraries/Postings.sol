// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One line of a batch in the Ledger's books: an account (160 bits) and an amount in atoms (96 bits).
type Posting is uint256;

using Postings for Posting global;

/// @title One account and one amount in one word
/// @notice Halves what Settlement and Ledger pass to one another for a batch.
library Postings {
    /// A posting holds 2^96 - 1 atoms at most.
    error AmountTooLarge(uint256 amount);

    function account(Posting posting) internal pure returns (address) {
        return address(uint160(Posting.unwrap(posting) >> 96));
    }

    function amount(Posting posting) internal pure returns (uint96) {
        return uint96(Posting.unwrap(posting));
    }

    /// @dev The element at `position`, which the caller has checked against the length.
    function read(Posting[] calldata postings, uint256 position) internal pure returns (Posting posting) {
        assembly ("memory-safe") {
            posting := calldataload(add(postings.offset, shl(5, position)))
        }
    }

    /// @dev The same in memory.
    function get(Posting[] memory postings, uint256 position) internal pure returns (Posting posting) {
        assembly ("memory-safe") {
            posting := mload(add(add(postings, 0x20), shl(5, position)))
        }
    }

    /// @notice Adds to the amount at `position`. The sum stays below 2^96.
    /// @dev The caller has checked `position` against the length.
    function increase(Posting[] memory postings, uint256 position, uint256 more) internal pure {
        assembly ("memory-safe") {
            let entry := add(add(postings, 0x20), shl(5, position))
            mstore(entry, add(mload(entry), more))
        }
    }

    /// @notice Makes the list longer by one posting.
    /// @dev The caller has left room behind it.
    function append(Posting[] memory postings, address to, uint256 sum) internal pure {
        assembly ("memory-safe") {
            let length := add(mload(postings), 1)
            mstore(postings, length)
            mstore(add(postings, shl(5, length)), or(shl(96, to), sum))
        }
    }

    /// @notice The sum of all amounts.
    function total(Posting[] memory postings) internal pure returns (uint256 sum) {
        unchecked {
            for (uint256 i = 0; i < postings.length; ++i) {
                sum += get(postings, i).amount();
            }
        }
    }

    /// @notice A list of one posting.
    function one(address account_, uint128 amount_) internal pure returns (Posting[] memory postings) {
        if (amount_ >> 96 != 0) revert AmountTooLarge(amount_);
        postings = new Posting[](1);
        postings[0] = Posting.wrap((uint256(uint160(account_)) << 96) | amount_);
    }
}
