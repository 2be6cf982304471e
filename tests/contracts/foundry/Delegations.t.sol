// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {Delegation, Messages, Statement} from "../../../contracts/libraries/Messages.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {Market} from "./Market.sol";
import {Parties, Party, Task} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A delegate spends its account's money up to the cap, until the expiry, while it is named
contract DelegationsTest is Market {
    Party private _delegated;

    function setUp() public override {
        super.setUp();
        _delegated = Parties.make(0xD0, 1)[0];
    }

    function testFuzz_DelegateSpendsAtMostTheCapOverAllBatches(uint64 cap, uint64 first, uint64 second)
        public
    {
        first = uint64(_within(first, 0, cap));
        second = uint64(_within(second, 0, cap - first));
        _name(cap, START, 1);
        _settleByDelegate(START - 1, first);
        _settleByDelegate(START, second);
        uint128 left = cap - first - second;
        vm.assertEq(_remaining(), left, "remaining");
        vm.warp(START);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGridRegistry.DelegationExceeded.selector,
                buyers[1].account,
                _delegated.account,
                left,
                left + 1
            )
        );
        this.payByDelegate(left + 1);
    }

    function testFuzz_DelegateSpendsUntilItsExpiryAndNoSecondLonger(uint64 expiry, uint64 late) public {
        expiry = uint64(_within(expiry, START, START + 1000 days));
        late = uint64(_within(late, 1, 1000 days));
        _name(100, expiry, 1);
        vm.warp(expiry);
        this.payByDelegate(1);
        vm.warp(uint256(expiry) + late);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGridRegistry.DelegationExpired.selector, buyers[1].account, _delegated.account, expiry
            )
        );
        this.payByDelegate(2);
    }

    function testFuzz_RevokedDelegateSpendsNothing(uint128 cap) public {
        _name(cap, START, 1);
        vm.prank(buyers[1].account);
        registry.revoke(_delegated.account);
        vm.expectRevert(
            abi.encodeWithSelector(IGridRegistry.NotDelegated.selector, buyers[1].account, _delegated.account)
        );
        this.payByDelegate(1);
    }

    function testFuzz_RelayerCannotReplayADelegation(uint128 cap, uint64 nonce, uint64 lower) public {
        nonce = uint64(_within(nonce, 1, type(uint64).max));
        lower = uint64(_within(lower, 0, nonce));
        _name(cap, START, nonce);
        Delegation memory again =
            Delegation(buyers[1].account, _delegated.account, type(uint128).max, START, lower);
        bytes memory signature = _sign(buyers[1], Messages.hash(again));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGridRegistry.NonceUsed.selector, buyers[1].account, _delegated.account, lower, nonce
            )
        );
        registry.delegateBySignature(again, signature);
        vm.assertEq(_remaining(), cap, "remaining");
    }

    function testFuzz_RevokedDelegationCannotBeRelayedAgain(uint64 nonce) public {
        nonce = uint64(_within(nonce, 1, type(uint64).max - 1));
        _name(100, START, nonce);
        vm.prank(buyers[1].account);
        registry.revoke(_delegated.account);
        Delegation memory next = Delegation(buyers[1].account, _delegated.account, 100, START, nonce + 1);
        bytes memory signature = _sign(buyers[1], Messages.hash(next));
        vm.expectPartialRevert(IGridRegistry.NonceUsed.selector);
        registry.delegateBySignature(next, signature);
    }

    function testFuzz_DelegateCannotNameItselfForAnAccount(uint128 cap) public {
        Delegation memory delegation = Delegation(buyers[1].account, _delegated.account, cap, START, 1);
        bytes memory signature = _sign(_delegated, Messages.hash(delegation));
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, buyers[1].account));
        registry.delegateBySignature(delegation, signature);
        vm.prank(_delegated.account);
        vm.expectPartialRevert(IGridRegistry.NotAccount.selector);
        registry.delegate(delegation);
    }

    function testFuzz_BuyersOwnSignatureDrawsOnNoCap(uint64 cap, uint64 amount) public {
        _name(cap, START, 1);
        Task[] memory tasks = _one(amount);
        tasks[0].buyer = 1;
        _settle(START, tasks, 2, 1);
        vm.assertEq(_remaining(), cap, "remaining");
    }

    /// @dev External, so that an expected revert is this call's. The total rises with `growth`.
    function payByDelegate(uint128 growth) external {
        uint128 total = settlement.paidOf(buyers[1].account, nodes[1].account) + growth;
        Statement memory statement = Statement(buyers[1].account, nodes[1].account, total, 1, 0);
        _settleStatement(statement, _delegated, nodes[1]);
    }

    function _name(uint128 cap, uint64 expiry, uint64 nonce) private {
        _delegate(buyers[1], _delegated.account, cap, expiry, nonce);
    }

    function _settleByDelegate(uint64 epoch, uint64 amount) private {
        (Party[] memory payers, Party[] memory paid) = (new Party[](1), new Party[](1));
        (payers[0], paid[0]) = (buyers[1], nodes[1]);
        bytes memory batch = Parties.pack(epoch, payers, paid, _one(amount));
        payers[0] = _delegated;
        settlement.settleBatch(batch, _signAll(epoch, batch, payers, paid));
    }

    function _remaining() private view returns (uint128 remaining) {
        (remaining,,) = registry.delegationOf(buyers[1].account, _delegated.account);
    }
}
