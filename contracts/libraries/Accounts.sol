// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One account in the Ledger's books: the balance in the lower 128 bits, the last epoch in the next
/// 64.
struct Account {
    uint256 word;
}

/// @title One account in one word
/// @notice A payment reads and writes one storage slot once, replay guard included; a struct of two fields
/// would be read and written field by field.
library Accounts {
    /// An account holds 2^128 - 1 atoms at most.
    error BalanceTooLarge(uint256 balance);

    uint256 private constant BALANCE_BITS = 128;

    function read(Account storage account) internal view returns (uint128 balance, uint64 epoch) {
        uint256 word = account.word;
        return (uint128(word), uint64(word >> BALANCE_BITS));
    }

    /// @notice Adds `amount`, which is below 2^128. Reverts when the balance would not fit 128 bits.
    function credit(Account storage account, uint128 amount) internal {
        unchecked {
            uint256 word = account.word;
            uint256 balance = uint256(uint128(word)) + amount;
            if (balance > type(uint128).max) revert BalanceTooLarge(balance);
            account.word = word + amount;
        }
    }

    /// @notice Takes `amount` away, which the caller has checked against the balance.
    function debit(Account storage account, uint128 amount) internal {
        unchecked {
            account.word -= amount;
        }
    }

    /// @notice Sets both. The epoch is the last one that a netting of this account may have taken.
    function write(Account storage account, uint128 balance, uint64 epoch) internal {
        account.word = (uint256(epoch) << BALANCE_BITS) | balance;
    }
}
