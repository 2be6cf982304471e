// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchMoves} from "./BatchMoves.sol";
import {MoneyMoves} from "./MoneyMoves.sol";
import {NodeMoves} from "./NodeMoves.sol";
import {StatementMoves} from "./StatementMoves.sol";

/// @title Everything that anybody can do, in any order
contract Handler is MoneyMoves, NodeMoves, BatchMoves, StatementMoves {}

/// @title The same, and tokens that come without a deposit
contract DonorHandler is Handler {
    function donate(uint256 amount) external watched {
        amount = _within(amount, 1, 1e12);
        token.mint(address(this), amount);
        require(token.transfer(address(ledger), amount));
        donated += amount;
    }
}
