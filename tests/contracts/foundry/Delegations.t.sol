// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {Delegation, Messages} from "../../../contracts/libraries/Messages.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

interface StateVm {
    function snapshotState() external returns (uint256);
    function revertToState(uint256 state) external returns (bool);
}

StateVm constant stateVm = StateVm(address(vm));

/// @title A delegate spends its account's money up to the cap, until the expiry, while it is named
contract DelegationsTest is Deployment {
    uint64 private constant GRACE = 1 days;
    bytes4 private constant EXCEEDED = IGridRegistry.DelegationExceeded.selector;
    bytes4 private constant EXPIRED = IGridRegistry.DelegationExpired.selector;

    Party private _account;
    Party private _delegated;

    function setUp() public {
        _deploy(0);
        (_account, _delegated) = (Parties.make(0xB0, 1)[0], Parties.make(0xD0, 1)[0]);
    }

    function testFuzz_DelegateSpendsAtMostTheCap(uint128 cap, uint128 first, uint128 second) public {
        first = uint128(_within(first, 0, cap));
        second = uint128(_within(second, 0, cap - first));
        _name(cap, START, 1);
        _spend(first);
        _spendForClaim(second);
        uint128 left = cap - first - second;
        vm.assertEq(_remaining(), left, "remaining");
        vm.expectRevert(
            abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, left, uint256(left) + 1)
        );
        _spend(uint256(left) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, left, uint256(left) + 1)
        );
        _spendForClaim(uint256(left) + 1);
    }

    function testFuzz_DelegateSpendsUntilItsExpiryAndNoSecondLonger(uint64 expiry, uint64 late) public {
        expiry = uint64(_within(expiry, START, START + 1000 days));
        late = uint64(_within(late, 1, 1000 days));
        _name(100, expiry, 1);
        vm.warp(expiry);
        _spend(1);
        vm.warp(uint256(expiry) + late);
        vm.expectRevert(abi.encodeWithSelector(EXPIRED, _account.account, _delegated.account, expiry));
        _spend(1);
    }

    function testFuzz_RevokedDelegateSpendsNothingFromThatSecondOn(uint128 cap, uint64 waited) public {
        _name(cap, type(uint64).max, 1);
        _revoke();
        vm.warp(START + _within(waited, 0, 1000 days));
        vm.expectRevert(abi.encodeWithSelector(EXPIRED, _account.account, _delegated.account, START - 1));
        _spend(0);
    }

    function testFuzz_ClaimDrawsOnAnEndedDelegationForItsGraceOnly(uint128 cap, uint64 waited, bool revoked)
        public
    {
        cap = uint128(_within(cap, 1, type(uint128).max));
        waited = uint64(_within(waited, 0, GRACE));
        uint64 expiry = revoked ? START - 1 : START;
        _name(cap, START, 1);
        if (revoked) _revoke();
        vm.warp(expiry + waited);
        _spendForClaim(1);
        vm.assertEq(_remaining(), cap - 1, "remaining");
        vm.warp(expiry + GRACE + 1);
        vm.expectRevert(abi.encodeWithSelector(EXPIRED, _account.account, _delegated.account, expiry));
        _spendForClaim(1);
    }

    function testFuzz_AccountCannotTakeBackByANewDelegationWhatClaimsNeed(uint128 cap, uint64 waited) public {
        cap = uint128(_within(cap, 1, type(uint128).max));
        waited = uint64(_within(waited, 0, GRACE - 1));
        _name(cap, type(uint64).max, 1);
        _name(0, type(uint64).max, 2);
        _name(0, type(uint64).max, 3);
        vm.expectRevert(abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, 0, 1));
        _spend(1);
        vm.warp(START + waited);
        _spendForClaim(cap);
        vm.expectRevert(abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, 0, 1));
        _spendForClaim(1);
    }

    function testFuzz_ReplacedDelegationsDoNotPileUp(uint64 first, uint64 second, uint64 third) public {
        _name(first, type(uint64).max, 1);
        _name(second, type(uint64).max, 2);
        _name(third, type(uint64).max, 3);
        uint256 most = uint256(first > second ? first : second) + third;
        vm.expectRevert(
            abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, most, most + 1)
        );
        _spendForClaim(most + 1);
        _spendForClaim(most);
        vm.warp(START + GRACE + 1);
        vm.expectRevert(abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, 0, 1));
        _spendForClaim(1);
    }

    function testFuzz_ReplacedDelegationLapsesWithItsGrace(uint64 first, uint64 second) public {
        _name(first, type(uint64).max, 1);
        _name(second, type(uint64).max, 2);
        vm.warp(START + GRACE);
        uint256 left = second;
        vm.expectRevert(
            abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, left, left + 1)
        );
        _spendForClaim(left + 1);
        _spendForClaim(left);
    }

    /// An account that lowered a cap and renews the small one does not bring the large one back.
    function testFuzz_LoweredCapDoesNotComeBackWithTheNextDelegation(
        uint64 large,
        uint64 small,
        uint64 waited
    ) public {
        large = uint64(_within(large, 1, type(uint64).max));
        small = uint64(_within(small, 0, large - 1));
        _name(large, type(uint64).max, 1);
        _name(small, type(uint64).max, 2);
        vm.warp(START + GRACE + _within(waited, 0, 1000 days));
        _name(small, type(uint64).max, 3);
        _requireClaimable(2 * uint256(small));
    }

    function testFuzz_RenewalsOfASmallCapDoNotKeepTheLargeOneAlive(uint64 large, uint64 small, uint8 renewals)
        public
    {
        large = uint64(_within(large, 1, type(uint64).max));
        small = uint64(_within(small, 0, large - 1));
        _name(large, type(uint64).max, 1);
        uint256 count = _within(renewals, 3, 100);
        for (uint256 i = 1; i <= count; ++i) {
            _name(small, type(uint64).max, uint64(i + 1));
            vm.warp(START + i * (GRACE / 2));
        }
        _requireClaimable(2 * uint256(small));
    }

    /// Whatever came between: an amount that was good for work before stays claimable for its own grace.
    function testFuzz_EachReplacedCapPaysUntilItsOwnGraceEnds(uint64[3] memory caps, uint16[3] memory waits)
        public
    {
        uint64[3] memory ends;
        for (uint256 i = 0; i < 3; ++i) {
            _name(caps[i], type(uint64).max, uint64(i + 1));
            vm.warp(vm.getBlockTimestamp() + waits[i] + 1);
            ends[i] = uint64(vm.getBlockTimestamp() - 1);
        }
        _name(0, type(uint64).max, 4);
        for (uint256 i = 0; i < 3; ++i) {
            if (ends[i] + GRACE < vm.getBlockTimestamp()) continue;
            uint256 state = stateVm.snapshotState();
            vm.warp(ends[i] + GRACE);
            _spendForClaim(caps[i]);
            stateVm.revertToState(state);
        }
    }

    function testFuzz_RelayerCannotReplayADelegation(uint128 cap, uint64 nonce, uint64 lower) public {
        nonce = uint64(_within(nonce, 1, type(uint64).max));
        lower = uint64(_within(lower, 0, nonce));
        _name(cap, START, nonce);
        Delegation memory again =
            Delegation(_account.account, _delegated.account, type(uint128).max, START, lower);
        bytes memory signature = _sign(_account, Messages.hash(again));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGridRegistry.NonceUsed.selector, _account.account, _delegated.account, lower, nonce
            )
        );
        registry.delegateBySignature(again, signature);
        vm.assertEq(_remaining(), cap, "remaining");
    }

    function testFuzz_RevokedDelegationCannotBeRelayedAgain(uint64 nonce) public {
        nonce = uint64(_within(nonce, 1, type(uint64).max - 1));
        _name(100, START, nonce);
        _revoke();
        Delegation memory next = Delegation(_account.account, _delegated.account, 100, START, nonce + 1);
        bytes memory signature = _sign(_account, Messages.hash(next));
        vm.expectPartialRevert(IGridRegistry.NonceUsed.selector);
        registry.delegateBySignature(next, signature);
    }

    function testFuzz_DelegateCannotNameItselfForAnAccount(uint128 cap) public {
        Delegation memory delegation = Delegation(_account.account, _delegated.account, cap, START, 1);
        bytes memory signature = _sign(_delegated, Messages.hash(delegation));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, _account.account));
        registry.delegateBySignature(delegation, signature);
        vm.prank(_delegated.account);
        vm.expectPartialRevert(IGridRegistry.NotAccount.selector);
        registry.delegate(delegation);
    }

    /// @dev Claims may draw `most` atoms now, and not one more.
    function _requireClaimable(uint256 most) private {
        vm.expectRevert(
            abi.encodeWithSelector(EXCEEDED, _account.account, _delegated.account, most, most + 1)
        );
        _spendForClaim(most + 1);
        _spendForClaim(most);
    }

    function _spend(uint256 amount) private {
        vm.prank(address(settlement));
        registry.spend(_account.account, _delegated.account, amount);
    }

    function _spendForClaim(uint256 amount) private {
        vm.prank(address(court));
        registry.spendForClaim(_account.account, _delegated.account, amount, GRACE);
    }

    function _revoke() private {
        vm.prank(_account.account);
        registry.revoke(_delegated.account);
    }

    function _name(uint128 cap, uint64 expiry, uint64 nonce) private {
        _delegate(_account, _delegated.account, cap, expiry, nonce);
    }

    function _remaining() private view returns (uint128 remaining) {
        (remaining,,) = registry.delegationOf(_account.account, _delegated.account);
    }
}
