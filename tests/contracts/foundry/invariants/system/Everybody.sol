// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaving} from "./Leaving.sol";

/// @title Everything that anybody can do with the whole system, in any order
/// @notice Disputes and auctions take many steps in time, which chance would seldom put together: two moves
/// here take them as far as `random` says and leave them there.
contract Everybody is Leaving {
    uint256 private constant STEPS = 9;

    /// @notice A claim and its dispute, up to one of nine points.
    function litigate(uint256 who, uint256 node, uint256 other, uint256 random) external {
        random = _stirred(random);
        uint256 steps = random % (STEPS + 1);
        this.openClaim(who, random >> 4, node, random >> 8);
        uint256 which = cases.length - 1;
        if (steps > 0) this.challengeAndDraw(other, random >> 16);
        if (steps > 1) this.seal(which, random >> 24);
        if (steps > 2) this.open(which, random >> 48);
        if (steps > 4) this.escalate(which, steps % 2);
        if (steps > 5) this.seal(which, random >> 64);
        if (steps > 6) this.open(which, random >> 96);
        if (steps == 4 || steps > 7) this.resolve(which, 0);
    }

    /// @notice An auction and the award's first task, up to one of nine points.
    function tender(uint256 who, uint256 node, uint256 random) external {
        random = _stirred(random);
        uint256 steps = random % (STEPS + 1);
        this.openAuction(who, random >> 8, random >> 32);
        uint256 which = lots.length - 1;
        if (steps > 0) this.commitBids(which, node, random >> 4);
        if (steps > 1) this.commitBids(which, node + 6, random >> 6);
        if (steps > 2) this.revealBids(which, random >> 64);
        if (steps > 3) this.award(which, 0);
        if (steps > 4 && random & 1024 == 0) this.openAwardClaim(which, 0);
        if (steps > 5 && random & 1024 != 0) this.settleAward(which, random >> 128);
        if (steps > 6 && random & 1024 == 0) this.challengeAndDraw(who + 1, random);
        if (steps > 8) this.settleBond(which, 0);
    }

    /// @notice Every account that can hold money here.
    function sumOfAccounts() external view returns (uint256 sum) {
        for (uint256 i = 0; i < PEOPLE; ++i) {
            sum += _balance(people[i].account);
            if (i >= BUYERS) continue;
            for (uint256 j = 0; j < ORDERS; ++j) {
                sum += _balance(bidding.reservationAccount(_orderId(i, j)));
            }
        }
        for (uint256 i = 0; i < lots.length; ++i) {
            sum += _balance(bidding.reservationAccount(_auction(i)));
        }
        sum += _balance(address(registry)) + _balance(address(bidding)) + _balance(address(anchors));
        sum += _balance(address(court)) + _balance(FEE_RECIPIENT) + _balance(BURNED);
    }

    /// @notice What those have who deployed and govern: in the Ledger and in their wallets.
    function officialsHave() external view returns (uint256 sum) {
        address[5] memory officials = [GOVERNOR, PAUSER, address(authority), address(this), address(0)];
        for (uint256 i = 0; i < officials.length; ++i) {
            sum += _balance(officials[i]) + token.balanceOf(officials[i]);
        }
    }

    function population() external pure returns (uint256) {
        return PEOPLE;
    }

    function lockedStakeOwed() external view returns (uint256) {
        return this.openCases() * _rules().claimBond;
    }

    function nobodysMoney() external view returns (uint256) {
        return _balance(BURNED) + _balance(FEE_RECIPIENT);
    }
}
