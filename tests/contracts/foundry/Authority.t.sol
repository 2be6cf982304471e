// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {Stoppable} from "../../../contracts/libraries/Stoppable.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title The Authority stops new business and nothing else, whatever its admin does
contract AuthorityTest is Deployment {
    uint256 private constant FUNDS = 1_000_000;

    Party private _account;
    Party private _node;

    function setUp() public {
        _deploy(0);
        (_account, _node) = (Parties.make(0xB0, 1)[0], Parties.make(0xA0, 1)[0]);
        _fund(_account.account, FUNDS);
        _connect(_node, _account, MINIMUM_STAKE);
        _delegate(_account, address(0xD0), 100, type(uint64).max, 1);
    }

    function testFuzz_NobodyElsePausesOrSchedules(address stranger) public {
        vm.assume(stranger != PAUSER && stranger != GOVERNOR && stranger != address(vm));
        bytes memory refusal =
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        Stoppable(address(ledger)).pause();
        vm.prank(stranger);
        vm.expectRevert(refusal);
        Stoppable(address(registry)).unpause();
        vm.prank(stranger);
        vm.expectRevert(refusal);
        ledger.scheduleModule(address(token));
    }

    function test_PauserPausesAndCannotUnpauseNorSchedule() public {
        vm.prank(PAUSER);
        Stoppable(address(ledger)).pause();
        bytes memory refusal =
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, PAUSER);
        vm.prank(PAUSER);
        vm.expectRevert(refusal);
        Stoppable(address(ledger)).unpause();
        vm.prank(PAUSER);
        vm.expectRevert(refusal);
        ledger.scheduleModule(address(token));
    }

    function testFuzz_GovernorActsOnlyAfterItsDelay(uint32 waited) public {
        waited = uint32(_within(waited, 0, GOVERNOR_DELAY_SECONDS - 1));
        bytes memory data = abi.encodeCall(ILedger.scheduleModule, (address(token)));
        vm.prank(GOVERNOR);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        ledger.scheduleModule(address(token));
        vm.prank(GOVERNOR);
        authority.schedule(address(ledger), data, 0);
        vm.warp(_now() + waited);
        vm.prank(GOVERNOR);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotReady.selector);
        ledger.scheduleModule(address(token));
    }

    function testFuzz_AdminChangesRolesOnlyAfterItsDelay(address account, uint64 role) public {
        vm.prank(GOVERNOR);
        vm.expectPartialRevert(IAccessManager.AccessManagerNotScheduled.selector);
        authority.grantRole(role, account, 0);
    }

    function test_PauseStopsDepositsAndConnectionsUntilTheGovernorLetsThemGoOn() public {
        _pauseAll();
        _requireStopped();
        _byGovernor(address(ledger), abi.encodeCall(Stoppable.unpause, ()));
        _byGovernor(address(registry), abi.encodeCall(Stoppable.unpause, ()));
        _fund(_account.account, 1);
        _connect(Parties.make(0xA1, 1)[0], _account, MINIMUM_STAKE);
    }

    function test_PauseBlocksNoExit() public {
        _pauseAll();
        _requireEverythingLeaves();
    }

    function test_ClosingEveryTargetBlocksNoExit() public {
        _pauseAll();
        address[4] memory targets = _pausable();
        for (uint256 i = 0; i < targets.length; ++i) {
            _byAdmin(abi.encodeCall(IAccessManager.setTargetClosed, (targets[i], true)));
        }
        _requireEverythingLeaves();
        _requireStopped();
    }

    function test_ReplacingTheAuthorityBlocksNoExit() public {
        _pauseAll();
        address[4] memory targets = _pausable();
        for (uint256 i = 0; i < targets.length; ++i) {
            _byAdmin(abi.encodeCall(IAccessManager.updateAuthority, (targets[i], address(token))));
        }
        _requireEverythingLeaves();
    }

    function testFuzz_RolesMoveNoMoney(uint64 role, bytes4 selector) public {
        vm.assume(selector != IAccessManaged.setAuthority.selector);
        bytes4[] memory selectors = new bytes4[](3);
        (selectors[0], selectors[1], selectors[2]) =
        (ILedger.move.selector, ILedger.settle.selector, selector);
        _byAdmin(
            abi.encodeCall(
                IAccessManager.setTargetFunctionRole, (address(ledger), selectors, type(uint64).max)
            )
        );
        if (role != type(uint64).max) {
            _byAdmin(abi.encodeCall(IAccessManager.grantRole, (role, address(this), 0)));
        }
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotModule.selector, address(this)));
        ledger.move(_account.account, address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NotModule.selector, address(authority)));
        authority.execute(address(ledger), abi.encodeCall(ILedger.move, (_account.account, address(this), 1)));
        vm.assertEq(_balance(_account.account), FUNDS - MINIMUM_STAKE, "the account");
        _requireEverythingLeaves();
    }

    /// @dev Every way by which an account gets what is its own in Ledger and GridRegistry.
    function _requireEverythingLeaves() private {
        vm.prank(_account.account);
        registry.revoke(address(0xD0));
        vm.prank(_account.account);
        registry.drain(_node.account);
        vm.prank(_account.account);
        registry.resume(_node.account);
        vm.prank(_account.account);
        registry.disconnect(_node.account);
        vm.warp(_now() + UNBONDING_SECONDS);
        registry.release(_node.account);
        vm.prank(_account.account);
        ledger.thaw(uint128(FUNDS));
        vm.warp(_now() + THAW_SECONDS);
        vm.prank(_account.account);
        ledger.withdraw(_account.account);
        vm.assertEq(token.balanceOf(_account.account), FUNDS, "all that the account owned");
    }

    function _requireStopped() private {
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        ledger.deposit(_account.account, 1);
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        ledger.depositWithPermit(_account.account, 1, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        this.connectAnother();
    }

    /// @dev External, so that an expected revert is this call's.
    function connectAnother() external {
        _connect(Parties.make(0xA1, 1)[0], _account, MINIMUM_STAKE);
    }

    function _pauseAll() private {
        address[4] memory targets = _pausable();
        for (uint256 i = 0; i < targets.length; ++i) {
            vm.prank(PAUSER);
            Stoppable(targets[i]).pause();
        }
    }

    function _pausable() private view returns (address[4] memory) {
        return [address(ledger), address(registry), address(bidding), address(anchors)];
    }

    function _byAdmin(bytes memory data) private {
        vm.prank(GOVERNOR);
        authority.schedule(address(authority), data, 0);
        vm.warp(_now() + GOVERNOR_DELAY_SECONDS);
        vm.prank(GOVERNOR);
        (bool done,) = address(authority).call(data);
        vm.assertTrue(done, "the admin's call");
    }

    function _byGovernor(address target, bytes memory data) private {
        vm.prank(GOVERNOR);
        authority.schedule(target, data, 0);
        vm.warp(_now() + GOVERNOR_DELAY_SECONDS);
        vm.prank(GOVERNOR);
        authority.execute(target, data);
    }
}
