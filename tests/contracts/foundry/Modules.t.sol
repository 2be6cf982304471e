// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title Only modules move money, a scheduled one only when everybody could have left, and none creates any
contract ModulesTest is Deployment {
    Party private _account;
    Party private _other;

    function setUp() public {
        _deploy(0);
        (_account, _other) = (Parties.make(0xB0, 1)[0], Parties.make(0xB1, 1)[0]);
    }

    function testFuzz_StrangerMovesNothing(address stranger, uint128 amount) public {
        vm.assume(!ledger.isModule(stranger) && stranger != address(vm));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotModule.selector, stranger));
        ledger.move(_account.account, _other.account, amount);
    }

    function testFuzz_MoveConserves(uint128 held, uint128 there, uint128 amount, bool toItself) public {
        held = uint128(_within(held, 1, type(uint128).max - 1));
        there = uint128(_within(there, 1, type(uint128).max - held));
        amount = uint128(_within(amount, 0, held));
        _fund(_account.account, held);
        _fund(_other.account, there);
        address to = toItself ? _account.account : _other.account;
        vm.prank(address(court));
        ledger.move(_account.account, to, amount);
        uint256 moved = toItself ? 0 : amount;
        vm.assertEq(_balance(_account.account), held - moved, "from");
        vm.assertEq(_balance(_other.account), there + moved, "to");
    }

    function testFuzz_MoveTakesNoMoreThanThereIs(uint128 held, uint128 amount) public {
        held = uint128(_within(held, 1, type(uint128).max - 1));
        amount = uint128(_within(amount, uint256(held) + 1, type(uint128).max));
        _fund(_account.account, held);
        vm.prank(address(bidding));
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.BalanceTooSmall.selector, _account.account, held, amount)
        );
        ledger.move(_account.account, _account.account, amount);
    }

    function testFuzz_ScheduledModuleHasNoPowerBeforeItsTime(uint64 waited) public {
        address module = address(token);
        _fund(_account.account, 100);
        _schedule(module);
        uint256 activeAt = _now() + MODULE_DELAY_SECONDS;
        vm.assertEq(ledger.moduleActiveAt(module), activeAt, "announced");
        vm.warp(activeAt - 1 - _within(waited, 0, MODULE_DELAY_SECONDS - 1));
        vm.assertFalse(ledger.isModule(module), "not yet");
        vm.prank(module);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotModule.selector, module));
        ledger.move(_account.account, module, 1);
        vm.warp(activeAt);
        vm.prank(module);
        ledger.move(_account.account, module, 1);
    }

    function test_EverybodyCanLeaveBeforeAScheduledModuleHasPower() public {
        Party memory node = Parties.make(0xA0, 1)[0];
        _fund(_account.account, 5000);
        _connect(node, _account, 2000);
        _schedule(address(token));
        vm.prank(_account.account);
        registry.disconnect(node.account);
        vm.warp(_now() + UNBONDING_SECONDS);
        registry.release(node.account);
        vm.prank(_account.account);
        ledger.thaw(5000);
        vm.warp(_now() + THAW_SECONDS);
        vm.prank(_account.account);
        ledger.withdraw(_account.account);
        vm.assertEq(token.balanceOf(_account.account), 5000, "all of it");
        vm.assertFalse(ledger.isModule(address(token)), "and the module still waits");
    }

    function test_ModuleIsScheduledOnceAndMustBeAContract() public {
        _schedule(address(token));
        vm.warp(_now() + GOVERNOR_DELAY_SECONDS);
        address[4] memory known = [address(token), address(court), address(registry), address(0xE0A)];
        for (uint256 i = 0; i < known.length; ++i) {
            bytes memory data = abi.encodeCall(ILedger.scheduleModule, (known[i]));
            vm.prank(GOVERNOR);
            authority.schedule(address(ledger), data, 0);
            vm.warp(_now() + GOVERNOR_DELAY_SECONDS);
            vm.prank(GOVERNOR);
            (bool done,) = address(ledger).call(data);
            vm.assertFalse(done, "scheduled again");
        }
    }

    function _schedule(address module) private {
        bytes memory data = abi.encodeCall(ILedger.scheduleModule, (module));
        vm.prank(GOVERNOR);
        authority.schedule(address(ledger), data, 0);
        vm.warp(_now() + GOVERNOR_DELAY_SECONDS);
        vm.prank(GOVERNOR);
        ledger.scheduleModule(module);
    }
}
