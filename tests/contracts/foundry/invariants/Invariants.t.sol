// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../Vm.sol";
import {Campaign} from "./Campaign.sol";
import {Handler} from "./Handler.sol";

/// @title What no order of moves may break
/// forge-config: default.invariant.runs = 16
/// forge-config: default.invariant.depth = 150
contract InvariantsTest is Campaign {
    function setUp() public {
        handler = new Handler();
    }

    function invariant_LedgerHoldsExactlyBalancesAndStakes() public view {
        vm.assertEq(_tokens(), _books(), "tokens held = balances + stakes");
        vm.assertEq(_tokens(), handler.deposited() - handler.withdrawn(), "tokens held = in - out");
    }

    function invariant_EveryAccountHoldsWhatItsPaymentsOneByOneLeave() public view {
        address[] memory accounts = handler.everyAccount();
        for (uint256 i = 0; i < accounts.length; ++i) {
            (uint128 balance,) = handler.ledger().accountOf(accounts[i]);
            vm.assertEq(balance, handler.expectedBalance(accounts[i]), "balance");
        }
    }

    function invariant_BuyersPayWhatOwnersAndFeeRecipientGet() public view {
        address[] memory accounts = handler.everyAccount();
        (uint128 fees,) = handler.ledger().accountOf(accounts[accounts.length - 1]);
        vm.assertEq(handler.paid(), handler.earned() + fees, "paid = earned + fees");
    }

    function invariant_OwnersStakeIsTheSumOfItsNodes() public view {
        address[] memory accounts = handler.everyAccount();
        for (uint256 i = 0; i < accounts.length; ++i) {
            uint256 stake = handler.ledger().stakeOf(accounts[i]);
            vm.assertEq(stake, handler.stakesOfNodes(accounts[i]), "stake");
        }
    }

    function invariant_DelegateHasLeftWhatItsPaymentsLeaveOfTheCap() public view {
        address[] memory accounts = handler.everyAccount();
        for (uint256 i = 0; i < accounts.length; ++i) {
            (uint256 expected, uint128 remaining) = handler.capsLeft(accounts[i]);
            vm.assertEq(remaining, expected, "cap left");
        }
    }

    function invariant_NobodyIsDebitedWithoutItsSignature() public view {
        vm.assertEq(handler.unsignedDebits(), 0, "debits that nobody signed");
    }

    function invariant_EpochsNeverFall() public view {
        vm.assertEq(handler.epochsFallen(), 0, "epochs that fell");
    }
}
