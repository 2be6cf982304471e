// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Handler} from "./Handler.sol";

/// @title One handler that forge calls at random, and the two sums that must agree
abstract contract Campaign {
    Handler internal handler;

    /// @notice Where forge sends its calls.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function _tokens() internal view returns (uint256) {
        return handler.token().balanceOf(address(handler.ledger()));
    }

    /// @dev The sum of all accounts.
    function _books() internal view returns (uint256 sum) {
        address[] memory accounts = handler.everyAccount();
        for (uint256 i = 0; i < accounts.length; ++i) {
            sum += _balance(accounts[i]);
        }
    }

    function _balance(address account) internal view returns (uint256) {
        (uint128 balance,) = handler.ledger().accountOf(account);
        return balance;
    }
}
