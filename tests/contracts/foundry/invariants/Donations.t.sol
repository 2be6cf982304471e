// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../Vm.sol";
import {Campaign} from "./Campaign.sol";
import {DonorHandler} from "./Handler.sol";

/// @title Tokens that come without a deposit belong to nobody and break nothing
/// forge-config: default.invariant.runs = 16
/// forge-config: default.invariant.depth = 150
contract DonationsTest is Campaign {
    function setUp() public {
        handler = new DonorHandler();
    }

    function invariant_LedgerHoldsAtLeastTheSumOfAllAccounts() public view {
        uint256 books = _books();
        vm.assertGe(_tokens(), books, "tokens held >= the sum of all accounts");
        vm.assertEq(_tokens() - books, handler.donated(), "the difference was given");
    }
}
