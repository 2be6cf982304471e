// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Accounts} from "../../../contracts/libraries/Accounts.sol";

/// @title For every balance, epoch and amount: what an account is given is what it tells
contract AccountsProof {
    using Accounts for Account;

    Account private _one;
    Account private _other;

    function check_WhatIsWrittenIsRead(uint256 before, uint128 balance, uint64 epoch) external {
        _one.word = before;
        _one.write(balance, epoch);
        (uint128 found, uint64 last) = _one.read();
        assert(found == balance && last == epoch);
    }

    function check_CreditAddsExactlyAndLeavesTheEpoch(uint128 balance, uint64 epoch, uint128 amount)
        external
    {
        _one.write(balance, epoch);
        _one.credit(amount);
        (uint128 found, uint64 last) = _one.read();
        assert(uint256(found) == uint256(balance) + amount && last == epoch);
    }

    /// Callers debit no more than there is.
    function check_DebitTakesExactlyAndLeavesTheEpoch(uint128 balance, uint64 epoch, uint128 amount)
        external
    {
        if (amount > balance) return;
        _one.write(balance, epoch);
        _one.debit(amount);
        (uint128 found, uint64 last) = _one.read();
        assert(found == balance - amount && last == epoch);
    }

    function check_CreditRefusesOnlyWhatWouldNotFit(uint128 balance, uint64 epoch, uint128 amount) external {
        _one.write(balance, epoch);
        bool fits = uint256(balance) + amount <= type(uint128).max;
        try this.credit(amount) {
            assert(fits);
        } catch {
            assert(!fits);
        }
    }

    function check_CreditTouchesNoOtherAccount(uint256 before, uint128 balance, uint128 amount) external {
        _other.word = before;
        _one.write(balance, 0);
        _one.credit(amount);
        assert(_other.word == before);
    }

    function credit(uint128 amount) external {
        _one.credit(amount);
    }
}
