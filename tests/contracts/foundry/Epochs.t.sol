// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {Market} from "./Market.sol";
import {Task} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A buyer's account takes each epoch once, upwards, and none ahead of the clock
contract EpochsTest is Market {
    function testFuzz_BuyerIsNotDebitedTwiceByOneBatch(uint64 amount, uint64 epoch) public {
        epoch = uint64(_within(epoch, 1, START));
        (bytes memory batch, bytes memory signatures) = _signed(epoch, _one(amount), 1, 1);
        settlement.settleBatch(batch, signatures);
        vm.expectRevert(
            abi.encodeWithSelector(SerialBits.AlreadyPaid.selector, nodes[0].account, 2, uint256(1) << 7)
        );
        settlement.settleBatch(batch, signatures);
    }

    function testFuzz_BuyerIsDebitedByOneOfTwoVariantsOfAnEpoch(
        uint64 first,
        uint64 second,
        bool secondLandsFirst
    ) public {
        Task[] memory wider = new Task[](2);
        wider[0] = Task(0, 1, second, 8, bytes16("other"));
        wider[1] = Task(1, 0, second, 8, bytes16("another"));
        (bytes memory one, bytes memory oneSigned) = _signed(START, _one(first), 1, 1);
        (bytes memory two, bytes memory twoSigned) = _signed(START, wider, 2, 2);
        if (secondLandsFirst) (one, oneSigned, two, twoSigned) = (two, twoSigned, one, oneSigned);
        settlement.settleBatch(one, oneSigned);
        vm.expectRevert(_used(START, START));
        settlement.settleBatch(two, twoSigned);
    }

    function testFuzz_BuyerTakesNoEpochBelowTheLast(uint64 last, uint64 lower) public {
        last = uint64(_within(last, 1, START));
        lower = uint64(_within(lower, 0, last));
        _settle(last, _one(1), 1, 1);
        Task[] memory other = _one(1);
        other[0].offset = 8;
        (bytes memory batch, bytes memory signatures) = _signed(lower, other, 1, 1);
        vm.expectRevert(_used(lower, last));
        settlement.settleBatch(batch, signatures);
    }

    function testFuzz_BuyerTakesNoEpochOfTheFuture(uint64 epoch) public {
        epoch = uint64(_within(epoch, START + 1, type(uint64).max));
        (bytes memory batch, bytes memory signatures) = _signed(epoch, _one(1), 1, 1);
        bytes memory refusal = abi.encodeWithSelector(ILedger.EpochInFuture.selector, epoch, START);
        vm.expectRevert(refusal);
        settlement.settleBatch(batch, signatures);
        vm.prank(buyers[0].account);
        vm.expectRevert(refusal);
        settlement.advanceEpoch(epoch);
    }

    function testFuzz_BuyerKillsOlderVariantsByAdvancing(uint64 signedFor, uint64 advanced) public {
        advanced = uint64(_within(advanced, 1, START));
        signedFor = uint64(_within(signedFor, 1, advanced));
        (bytes memory batch, bytes memory signatures) = _signed(signedFor, _one(1), 1, 1);
        vm.prank(buyers[0].account);
        settlement.advanceEpoch(advanced);
        vm.expectRevert(_used(signedFor, advanced));
        settlement.settleBatch(batch, signatures);
    }

    function testFuzz_BuyerAdvancesOnlyUpwardsAndOnlyItself(uint64 first, uint64 second) public {
        first = uint64(_within(first, 1, START));
        second = uint64(_within(second, 0, first));
        vm.prank(buyers[0].account);
        settlement.advanceEpoch(first);
        vm.prank(buyers[0].account);
        vm.expectRevert(_used(second, first));
        settlement.advanceEpoch(second);
        vm.assertEq(_epoch(buyers[0].account), first, "its own epoch");
        vm.assertEq(_epoch(buyers[1].account), 0, "another's epoch");
    }

    function testFuzz_NodesOwnerSpendsNoEpoch(uint64 amount) public {
        Task[] memory tasks = _one(amount);
        tasks[0].node = 1;
        _settle(START, tasks, 1, 2);
        vm.assertEq(_epoch(buyers[0].account), START, "the buyer's epoch");
        vm.assertEq(_epoch(owners[1].account), 0, "the owner's epoch");
    }

    function _used(uint64 epoch, uint64 last) private view returns (bytes memory) {
        return abi.encodeWithSelector(ILedger.EpochUsed.selector, buyers[0].account, epoch, last);
    }
}
