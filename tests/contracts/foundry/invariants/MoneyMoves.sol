// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../Vm.sol";
import {Books} from "./Books.sol";

/// @title Tokens in and out, and time
abstract contract MoneyMoves is Books {
    function deposit(uint256 who, uint256 forWhom, uint256 amount) external watched {
        amount = _within(amount, 1, 1e12);
        (address payer, address account) =
            (accounts[who % ACCOUNTS].account, accounts[forWhom % ACCOUNTS].account);
        token.mint(payer, amount);
        vm.prank(payer);
        token.approve(address(ledger), amount);
        vm.prank(payer);
        ledger.deposit(account, amount);
        deposited += amount;
        expectedBalance[account] += amount;
    }

    /// @notice Sometimes more than there is.
    function thaw(uint256 who, uint256 amount) external watched {
        address account = accounts[who % ACCOUNTS].account;
        amount = _within(amount, 0, _balance(account) * 3 / 2);
        vm.prank(account);
        ledger.thaw(uint128(amount));
        (_thawed[account], _thawedAt[account]) = (amount, _now() + THAW_SECONDS);
    }

    /// @notice Whatever is paid out must be thawed, due and held; to another's wallet, as is allowed.
    function withdraw(uint256 who, uint256 toWhom) external watched {
        (address account, address to) =
            (accounts[who % ACCOUNTS].account, accounts[toWhom % ACCOUNTS].account);
        uint256 before = token.balanceOf(to);
        vm.prank(account);
        ledger.withdraw(to);
        uint256 out = token.balanceOf(to) - before;
        if (_now() >= _thawedAt[account]) _signAway(account, account, _thawed[account]);
        delete _thawed[account];
        withdrawn += out;
        expectedBalance[account] -= out;
    }

    function passTime(uint256 time) external watched {
        vm.warp(_now() + _within(time, 1, 2 * UNBONDING_SECONDS));
    }
}
