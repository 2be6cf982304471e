// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title What goes into the Ledger comes out for its account only, in full and in time
contract WithdrawalsTest is Deployment {
    Party private _account;

    function setUp() public {
        _deploy(0);
        _account = Parties.make(0xB0, 1)[0];
    }

    function testFuzz_AccountIsCreditedWhatAnybodyDepositsForIt(uint128 amount, address payer) public {
        amount = uint128(_within(amount, 1, type(uint128).max));
        vm.assume(payer != address(0) && payer != address(ledger) && payer != address(vm));
        token.mint(payer, amount);
        vm.prank(payer);
        token.approve(address(ledger), amount);
        vm.prank(payer);
        ledger.deposit(_account.account, amount);
        vm.assertEq(_balance(_account.account), amount, "the account");
        vm.assertEq(token.balanceOf(address(ledger)), amount, "the ledger's tokens");
    }

    function testFuzz_DepositorCannotCreditMoreThanItGives(uint128 given, uint256 claimed) public {
        given = uint128(_within(given, 1, type(uint128).max - 1));
        claimed = _within(claimed, uint256(given) + 1, type(uint256).max);
        token.mint(_account.account, given);
        vm.prank(_account.account);
        token.approve(address(ledger), type(uint256).max);
        vm.prank(_account.account);
        (bool landed,) = address(ledger).call(abi.encodeCall(ILedger.deposit, (_account.account, claimed)));
        vm.assertFalse(landed, "credited from nothing");
        vm.assertEq(_balance(_account.account), 0, "the account");
    }

    function testFuzz_AccountWithdrawsWhatItThawedAndNeverMoreThanItHolds(uint128 held, uint128 thawed)
        public
    {
        held = uint128(_within(held, 1, type(uint128).max));
        thawed = uint128(_within(thawed, 1, type(uint128).max));
        _fund(_account.account, held);
        _thaw(thawed);
        vm.warp(START + THAW_SECONDS);
        _withdraw();
        uint256 paid = thawed < held ? thawed : held;
        vm.assertEq(token.balanceOf(_account.account), paid, "paid out");
        vm.assertEq(_balance(_account.account), held - paid, "left");
    }

    function testFuzz_AccountCannotWithdrawEarly(uint128 held, uint64 waited) public {
        held = uint128(_within(held, 1, type(uint128).max));
        waited = uint64(_within(waited, 0, THAW_SECONDS - 1));
        _fund(_account.account, held);
        _thaw(held);
        vm.warp(START + waited);
        vm.expectRevert(abi.encodeWithSelector(ILedger.StillThawing.selector, START + THAW_SECONDS));
        _withdraw();
        vm.warp(START + THAW_SECONDS);
        _withdraw();
    }

    function testFuzz_AccountThatThawsAnewWaitsAnew(uint64 waited, uint128 more) public {
        waited = uint64(_within(waited, 1, THAW_SECONDS));
        _fund(_account.account, type(uint128).max);
        _thaw(1);
        vm.warp(START + waited);
        _thaw(uint128(_within(more, 1, type(uint128).max)));
        vm.warp(START + THAW_SECONDS + waited - 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.StillThawing.selector, START + THAW_SECONDS + waited));
        _withdraw();
    }

    function testFuzz_AccountWithdrawsOneThawOnce(uint128 held, uint128 thawed) public {
        held = uint128(_within(held, 2, type(uint128).max));
        thawed = uint128(_within(thawed, 1, held - 1));
        _fund(_account.account, held);
        _thaw(thawed);
        vm.warp(START + THAW_SECONDS);
        _withdraw();
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingThawing.selector, _account.account));
        _withdraw();
    }

    function testFuzz_StrangerWithdrawsNothing(address stranger, uint128 held) public {
        vm.assume(stranger != _account.account && stranger != address(vm));
        held = uint128(_within(held, 1, type(uint128).max));
        _fund(_account.account, held);
        _thaw(held);
        vm.warp(START + THAW_SECONDS);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingThawing.selector, stranger));
        ledger.withdraw(address(1));
    }

    function _thaw(uint128 amount) private {
        vm.prank(_account.account);
        ledger.thaw(amount);
    }

    function _withdraw() private {
        vm.prank(_account.account);
        ledger.withdraw(_account.account);
    }
}
