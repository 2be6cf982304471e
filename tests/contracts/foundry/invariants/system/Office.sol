// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EpochAnchor, Messages} from "../../../../../contracts/libraries/Messages.sol";
import {Stoppable} from "../../../../../contracts/libraries/Stoppable.sol";
import {Party} from "../../Parties.sol";
import {vm} from "../../Vm.sol";
import {People} from "./People.sol";

/// @title Operators bond, anchor and are convicted; new business stops and goes on
abstract contract Office is People {
    uint64 private _epochs;

    function bond(uint256 who) external watched {
        vm.prank(_account(who));
        anchors.bond();
        _signs(_account(who));
    }

    /// @notice Anchors an epoch, gives notice, or leaves, now and then when its time is up.
    function operate(uint256 who, uint256 what) external watched {
        what = _stirred(what);
        address operator = _account(who);
        (uint128 amount,, uint64 releasableAt,) = anchors.operatorOf(operator);
        for (; amount == 0 && who % PEOPLE != 0; --who) {
            operator = _account(who - 1);
            (amount,, releasableAt,) = anchors.operatorOf(operator);
        }
        if (what % 16 == 0) _passUntil(releasableAt);
        vm.prank(operator);
        if (what % 3 == 0) anchors.anchor(_anchorOf(++_epochs, 0), "");
        else if (releasableAt == 0) anchors.unbond();
        else anchors.withdrawBond();
    }

    /// @notice The operator signed two anchors of one epoch; anybody reports it.
    function convict(uint256 who, uint256 reporter, uint256 chance) external watched {
        chance = _stirred(chance);
        if (chance % 3 != 0) return;
        Party memory operator = _person(who);
        (EpochAnchor memory one, EpochAnchor memory other) = (_anchorOf(++_epochs, 1), _anchorOf(_epochs, 2));
        (bytes memory first, bytes memory second) =
            (_sign(operator, Messages.hash(one)), _sign(operator, Messages.hash(other)));
        vm.prank(_account(reporter));
        anchors.proveEquivocation(operator.account, one, first, other, second);
    }

    function stopNewBusiness(uint256 chance) external watched {
        chance = _stirred(chance);
        if (chance % 6 == 0) _stopNewBusiness();
    }

    /// @notice The governor's delay passes on the way.
    function letNewBusinessGoOn() external watched {
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(GOVERNOR);
            authority.schedule(address(_pausable(i)), abi.encodeCall(Stoppable.unpause, ()), 0);
        }
        _pass(GOVERNOR_DELAY_SECONDS);
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(GOVERNOR);
            authority.execute(address(_pausable(i)), abi.encodeCall(Stoppable.unpause, ()));
        }
    }

    /// @notice What EpochAnchors owes operators.
    function bondsOwed() external view returns (uint256 owed) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            (uint128 amount,,,) = anchors.operatorOf(people[i].account);
            owed += amount;
        }
    }

    function _stopNewBusiness() internal {
        for (uint256 i = 0; i < 4; ++i) {
            if (_pausable(i).paused()) continue;
            vm.prank(PAUSER);
            _pausable(i).pause();
        }
    }

    function _pausable(uint256 which) private view returns (Stoppable) {
        address[4] memory all = [address(ledger), address(registry), address(bidding), address(anchors)];
        return Stoppable(all[which]);
    }

    function _anchorOf(uint64 epoch, uint256 variant) private pure returns (EpochAnchor memory) {
        return EpochAnchor(epoch, bytes32(variant), 0, 0, 0, 0, 0);
    }
}
