// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {blockVm} from "../../CourtHouse.sol";
import {vm} from "../../Vm.sol";
import {Everybody} from "./Everybody.sol";

/// Functions of a contract that forge leaves alone.
struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

/// @title What no history of the whole system may break, and that everybody can leave it alone
/// forge-config: default.invariant.runs = 8
/// forge-config: default.invariant.depth = 250
/// forge-config: default.invariant.shrink_run_limit = 50
/// forge-config: soak.invariant.runs = 256
/// forge-config: soak.invariant.depth = 500
contract SystemTest {
    Everybody private _all;

    function setUp() public {
        _all = new Everybody();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_all);
    }

    function excludeSelectors() external view returns (FuzzSelector[] memory excluded) {
        excluded = new FuzzSelector[](1);
        excluded[0].addr = address(_all);
        excluded[0].selectors = new bytes4[](1);
        excluded[0].selectors[0] = _all.leaveAlone.selector;
    }

    function invariant_TokensHeldAreTheSumOfAllAccountsAndGifts() public view {
        uint256 held = _all.token().balanceOf(address(_all.ledger()));
        vm.assertEq(held, _all.sumOfAccounts() + _all.donated(), "tokens held = all accounts + gifts");
        vm.assertEq(held, _all.deposited() + _all.donated() - _all.withdrawn(), "tokens held = in - out");
    }

    function invariant_EveryModuleHoldsExactlyWhatItOwes() public view {
        (uint256 stakes,) = _all.stakesOfNodes();
        vm.assertEq(_balance(address(_all.registry())), stakes, "stakes");
        vm.assertEq(_balance(address(_all.bidding())), _all.depositsOwed(), "deposits of bidders");
        vm.assertEq(_balance(address(_all.anchors())), _all.bondsOwed(), "bonds of operators");
        vm.assertEq(_balance(address(_all.court())), _all.courtOwes(), "claims and bonds of disputes");
    }

    function invariant_StakeAndSlashConserve() public view {
        (uint256 stakes, uint256 locked) = _all.stakesOfNodes();
        vm.assertEq(stakes, _all.staked() - _all.released() - _all.slashed(), "stakes");
        vm.assertEq(_all.slashed(), _all.slashedTo(), "what was slashed went to the loser's creditors");
        vm.assertEq(locked, _all.lockedStakeOwed(), "one bond is locked for each open claim");
    }

    function invariant_NobodyIsDebitedUnsignedOrTwiceAndNoOfficialGains() public view {
        vm.assertEq(_all.unsignedDebits(), 0, "debits that nobody signed");
        vm.assertEq(_all.paidTwice(), 0, "tasks paid twice");
        vm.assertEq(_all.endedTwice(), 0, "claims that ended twice");
        vm.assertEq(_all.officialsHave(), 0, "money of officials");
    }

    /// Each person alone, from the state where the history ended; then all of them, one after the other, and
    /// once more, because who stays longer may still pay a juror that has left.
    function afterInvariant() external {
        for (uint256 who = 0; who < _all.population(); ++who) {
            uint256 state = blockVm.snapshotState();
            _all.leaveAlone(who);
            blockVm.revertToState(state);
        }
        for (uint256 who = 0; who < 2 * _all.population(); ++who) {
            _all.leaveAlone(who);
        }
        uint256 held = _all.token().balanceOf(address(_all.ledger()));
        vm.assertEq(held, _all.nobodysMoney() + _all.donated(), "all is withdrawn");
    }

    function _balance(address account) private view returns (uint256) {
        (uint128 balance,) = _all.ledger().accountOf(account);
        return balance;
    }
}
