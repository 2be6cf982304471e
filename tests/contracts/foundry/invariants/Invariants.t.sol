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

    function invariant_LedgerHoldsExactlyTheSumOfAllAccounts() public view {
        vm.assertEq(_tokens(), _books(), "tokens held = the sum of all accounts");
        vm.assertEq(_tokens(), handler.deposited() - handler.withdrawn(), "tokens held = in - out");
    }

    function invariant_EveryAccountHoldsWhatItsPaymentsOneByOneLeave() public view {
        address[] memory accounts = handler.everyAccount();
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.assertEq(_balance(accounts[i]), handler.expectedBalance(accounts[i]), "balance");
        }
    }

    function invariant_BuyersPayWhatOwnersAndFeeRecipientGet() public view {
        address[] memory accounts = handler.everyAccount();
        uint256 fees = _balance(accounts[accounts.length - 1]);
        vm.assertEq(handler.paid(), handler.earned() + fees, "paid = earned + fees");
    }

    function invariant_RegistrysAccountIsTheSumOfAllNodesStakes() public view {
        (uint256 stakes, uint256 locked) = handler.stakesOfNodes();
        vm.assertEq(_balance(address(handler.registry())), stakes, "stakes");
        vm.assertLe(locked, stakes, "locked stakes");
    }

    function invariant_EverySerialIsPaidAtMostOnceOverAllExits() public view {
        vm.assertEq(handler.serialsPaidTwice(), 0, "serials paid twice");
        address[] memory nodes = handler.everyNode();
        for (uint256 i = 0; i < nodes.length; ++i) {
            for (uint256 word = handler.FIRST_WORD(); word < handler.FIRST_WORD() + handler.WORDS(); ++word) {
                uint256 marked = handler.settlement().paidWord(nodes[i], word);
                vm.assertEq(marked, handler.spent(nodes[i], word), "serials paid or claimed");
            }
        }
    }

    function invariant_DelegateHasLeftWhatItsPaymentsLeaveOfTheCap() public view {
        address[] memory payers = handler.everyPayer();
        for (uint256 i = 0; i < payers.length; ++i) {
            (uint256 expected, uint128 remaining) = handler.capsLeft(payers[i]);
            vm.assertEq(remaining, expected, "cap left");
        }
    }

    function invariant_NobodyIsDebitedWithoutItsSignature() public view {
        vm.assertEq(handler.unsignedDebits(), 0, "debits that nobody signed");
    }

    function invariant_EpochsNeverFall() public view {
        vm.assertEq(handler.epochsFallen(), 0, "epochs that fell");
        vm.assertEq(handler.epochsAhead(), 0, "epochs of the future");
    }
}
