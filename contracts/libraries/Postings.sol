// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One line of a batch in the Ledger's books: an account (160 bits) and an amount in atoms (96 bits).
type Posting is uint256;

using Postings for Posting global;

/// @title One account and one amount in one word
/// @notice Halves what Settlement and Ledger pass to one another for a batch.
library Postings {
    function post(address account_, uint256 amount_) internal pure returns (Posting) {
        return Posting.wrap((uint256(uint160(account_)) << 96) | SafeCast.toUint96(amount_));
    }

    function account(Posting posting) internal pure returns (address) {
        return address(uint160(Posting.unwrap(posting) >> 96));
    }

    function amount(Posting posting) internal pure returns (uint96) {
        return uint96(Posting.unwrap(posting));
    }
}
