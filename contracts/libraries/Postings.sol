// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One line of a batch in the Ledger's books: an account (160 bits) and an amount in atoms (96 bits).
type Posting is uint256;

using Postings for Posting global;

/// @title One account and one amount in one word
/// @notice Halves what Settlement and Ledger pass to one another for a batch.
library Postings {
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

    /// @notice Puts `accounts` before the first of the `amounts`, each below 2^96, and `last` before the
    /// last one.
    /// @dev Reuses the memory of `amounts`, which has one element more than `accounts`.
    function post(address[] memory accounts, address last, uint256[] memory amounts)
        internal
        pure
        returns (Posting[] memory postings)
    {
        post(accounts, amounts);
        uint256 end = accounts.length;
        amounts[end] |= uint256(uint160(last)) << 96;
        assembly ("memory-safe") {
            postings := amounts
        }
    }

    /// @notice Puts `accounts` before as many of the `amounts`, each below 2^96.
    /// @dev Reuses the memory of `amounts`, which has at least as many elements as `accounts`.
    function post(address[] memory accounts, uint256[] memory amounts)
        internal
        pure
        returns (Posting[] memory postings)
    {
        assembly ("memory-safe") {
            postings := amounts
            let bytes_ := shl(5, mload(accounts))
            for { let at := 0x20 } iszero(gt(at, bytes_)) { at := add(at, 0x20) } {
                let entry := add(amounts, at)
                mstore(entry, or(mload(entry), shl(96, mload(add(accounts, at)))))
            }
        }
    }
}
