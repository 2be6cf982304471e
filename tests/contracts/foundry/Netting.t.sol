// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "./Market.sol";
import {Parties, Task} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A batch moves exactly what its tasks, paid one by one, would move
contract NettingTest is Market {
    uint256 private constant MOST_TASKS = 40;
    /// How far serials lie apart, in 64s: a node's words in a batch are 255 at most.
    uint16 private constant SPREAD = 1000;

    mapping(address account => uint256) private _expected;

    function testFuzz_PartiesEndWhereTheTasksOneByOneWouldLeaveThem(
        Task[] memory tasks,
        uint16 fee,
        uint8 buyerCount,
        uint8 nodeCount
    ) public {
        fee = uint16(_within(fee, 0, 1000));
        (buyerCount, nodeCount) = (uint8(_within(buyerCount, 1, BUYERS)), uint8(_within(nodeCount, 1, NODES)));
        _open(fee);
        _shape(tasks, buyerCount, nodeCount);
        vm.assume(tasks.length > 0);
        _expectEach(tasks, fee);
        uint256 before = _sumOfBooks();
        _settle(START, tasks, buyerCount, nodeCount);
        _requireAsExpected(before);
        _requirePaid(tasks);
    }

    function testFuzz_OneTaskPaysFeeRoundedDown(uint64 amount, uint16 fee) public {
        fee = uint16(_within(fee, 0, 1000));
        _open(fee);
        uint256 ownerBefore = _balance(owners[1].account);
        Task[] memory tasks = _one(amount);
        tasks[0].node = 1;
        _settle(START, tasks, 1, 2);
        uint256 floor = uint256(amount) * fee / 10_000;
        vm.assertEq(_balance(FEE_RECIPIENT), floor, "fee");
        vm.assertEq(_balance(buyers[0].account), FUNDS - 2 * MINIMUM_STAKE - amount, "buyer");
        vm.assertEq(_balance(owners[1].account), ownerBefore + amount - floor, "owner");
    }

    function testFuzz_BuyerWhoHoldsOneAtomTooLittleStopsTheWholeBatch(uint64 amount) public {
        amount = uint64(_within(amount, 1, type(uint64).max));
        _thawAndWithdraw(buyers[1].account, FUNDS - amount + 1);
        Task[] memory tasks = new Task[](2);
        tasks[0] = Task(0, 0, 1, 0, 0);
        tasks[1] = Task(1, 1, amount, 0, 0);
        uint256 before = _balance(buyers[0].account);
        (bytes memory batch, bytes memory signatures) = _signed(START, tasks, 2, 2);
        vm.expectPartialRevert(bytes4(keccak256("BalanceTooSmall(address,uint256,uint256)")));
        settlement.settleBatch(batch, signatures);
        vm.assertEq(_balance(buyers[0].account), before, "the other buyer");
        vm.assertEq(_epoch(buyers[0].account), 0, "the other buyer's epoch");
    }

    /// @dev Cuts the list to a size that is quick to check, the indices to the parties there are, and makes
    /// each serial a different one.
    function _shape(Task[] memory tasks, uint8 buyerCount, uint8 nodeCount) private pure {
        if (tasks.length > MOST_TASKS) {
            assembly ("memory-safe") {
                mstore(tasks, MOST_TASKS)
            }
        }
        for (uint256 i = 0; i < tasks.length; ++i) {
            (tasks[i].buyer, tasks[i].node) = (tasks[i].buyer % buyerCount, tasks[i].node % nodeCount);
            tasks[i].offset = uint16((uint256(tasks[i].offset % SPREAD) << 6) | i);
        }
    }

    function _expectEach(Task[] memory tasks, uint256 feeBasisPoints) private {
        for (uint256 i = 0; i < BUYERS; ++i) {
            _expected[buyers[i].account] = _balance(buyers[i].account);
        }
        _expected[owners[1].account] = _balance(owners[1].account);
        for (uint256 i = 0; i < tasks.length; ++i) {
            uint256 fee = tasks[i].amount * feeBasisPoints / 10_000;
            _expected[buyers[tasks[i].buyer].account] -= tasks[i].amount;
            _expected[owners[tasks[i].node].account] += tasks[i].amount - fee;
            _expected[FEE_RECIPIENT] += fee;
        }
    }

    function _requireAsExpected(uint256 booksBefore) private view {
        for (uint256 i = 0; i < BUYERS; ++i) {
            vm.assertEq(_balance(buyers[i].account), _expected[buyers[i].account], "buyer");
        }
        vm.assertEq(_balance(owners[1].account), _expected[owners[1].account], "owner");
        vm.assertEq(_balance(FEE_RECIPIENT), _expected[FEE_RECIPIENT], "fee recipient");
        vm.assertEq(_sumOfBooks(), booksBefore, "conserved to the atom");
    }

    /// @dev Each task's serial is paid; as many bits as tasks are set.
    function _requirePaid(Task[] memory tasks) private view {
        uint256 bits;
        for (uint256 i = 0; i < tasks.length; ++i) {
            address node = nodes[tasks[i].node].account;
            uint64 serial = Parties.BASE + tasks[i].offset;
            vm.assertTrue(settlement.isPaid(node, serial), "paid");
            uint256 word = settlement.paidWord(node, serial >> 8);
            bool first = true;
            for (uint256 j = 0; j < i; ++j) {
                if (tasks[j].node == tasks[i].node && (tasks[j].offset ^ tasks[i].offset) >> 8 == 0) {
                    first = false;
                }
            }
            if (first) {
                for (; word != 0; word &= word - 1) {
                    ++bits;
                }
            }
        }
        vm.assertEq(bits, tasks.length, "nothing else is paid");
    }

    function _sumOfBooks() private view returns (uint256 sum) {
        sum = _balance(owners[1].account) + _balance(FEE_RECIPIENT);
        for (uint256 i = 0; i < BUYERS; ++i) {
            sum += _balance(buyers[i].account);
        }
    }

    function _thawAndWithdraw(address account, uint128 amount) private {
        vm.prank(account);
        ledger.thaw(amount);
        vm.warp(START + THAW_SECONDS);
        vm.prank(account);
        ledger.withdraw(account);
    }
}
