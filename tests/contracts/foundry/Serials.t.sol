// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Statement} from "../../../contracts/libraries/Messages.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {Exits} from "./Exits.sol";
import {Parties} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title Each serial is paid at most once, by whichever exits in whatever order
contract SerialsTest is Exits {
    uint256 private constant STEPS = 12;

    uint256 private _marked;
    uint256 private _claimed;

    function setUp() public override {
        super.setUp();
        _reserve(FUNDS / 2);
    }

    /// Masks of few bits overlap often enough and still leave room for success.
    function testFuzz_SerialIsPaidAtMostOnceByAnySequenceOfExits(uint256[STEPS] calldata draws) public {
        uint256 spent;
        uint256 before = _money();
        for (uint64 step = 0; step < STEPS; ++step) {
            uint256 draw = draws[step];
            uint256 mask = (1 << (draw & 31)) | (1 << ((draw >> 5) & 31));
            uint256 exit = (draw >> 10) % 6;
            if (exit == 5) {
                _giveBack(draw & 31);
                continue;
            }
            if (exit == 4) mask = 1 << (draw & 31);
            bool landed = _try(exit, START - 100 + step, mask);
            vm.assertTrue(landed == (_marked & mask == 0), "lands exactly when none of its serials is paid");
            if (!landed) continue;
            _marked |= mask;
            if (exit == 4) _claimed |= mask;
            else spent += _ones(mask);
            vm.assertEq(settlement.paidWord(nodes[1].account, WORD), _marked, "the word");
        }
        vm.assertEq(before - _money(), spent, "one atom for each serial");
    }

    function testFuzz_MarksPastTheSerialsAreRefused(uint64 word) public {
        word = uint64(_within(word, 1 << 56, type(uint64).max));
        bytes memory marks = abi.encodePacked(word, uint256(1));
        Statement memory statement = _statement(1, 1);
        statement.marks = keccak256(marks);
        vm.expectRevert(abi.encodeWithSelector(SerialBits.WordTooLarge.selector, word));
        this.land(statement, marks);
    }

    function testFuzz_OnlyTheCourtTakesAndGivesBack(address stranger, uint64 serial) public {
        vm.assume(stranger != address(court));
        bytes memory refusal = abi.encodeWithSelector(ISettlement.NotCourt.selector, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        settlement.take(nodes[1].account, serial);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        settlement.giveBack(nodes[1].account, serial);
    }

    function testFuzz_CourtTakesOneSerialAndGivesItBack(address space, uint64 serial) public {
        vm.prank(address(court));
        settlement.take(space, serial);
        vm.assertTrue(settlement.isPaid(space, serial), "taken");
        vm.assertEq(settlement.paidWord(space, serial >> 8), 1 << (serial & 255), "nothing else");
        vm.prank(address(court));
        settlement.giveBack(space, serial);
        vm.assertEq(settlement.paidWord(space, serial >> 8), 0, "given back");
        vm.prank(address(court));
        vm.expectRevert(abi.encodeWithSelector(SerialBits.NotPaid.selector, space, serial));
        settlement.giveBack(space, serial);
    }

    function land(Statement calldata statement, bytes calldata marks) external {
        _settleStatement(statement, marks);
    }

    function attempt(uint256 exit, uint64 epoch, uint256 mask) external {
        if (exit == 0) {
            (bytes memory batch, bytes memory signatures) = _listed(epoch, mask);
            settlement.settleBatch(batch, signatures);
        } else if (exit == 1) {
            (bytes memory batch, bytes memory signatures) = _rootBatch(epoch, _ones(mask), mask);
            settlement.settleRoot(batch, signatures);
        } else if (exit == 2) {
            _settleStatement(_statement(_ones(mask), mask), _marks(mask));
        } else if (exit == 3) {
            _settleReserved(_statement(_ones(mask), mask), _marks(mask));
        } else {
            uint64 bit = 0;
            while (mask >> bit != 1) ++bit;
            vm.prank(address(court));
            settlement.take(nodes[1].account, Parties.BASE + bit);
        }
    }

    function _try(uint256 exit, uint64 epoch, uint256 mask) private returns (bool) {
        try this.attempt(exit, epoch, mask) {
            return true;
        } catch (bytes memory reason) {
            vm.assertTrue(bytes4(reason) == SerialBits.AlreadyPaid.selector, "refused as paid already");
            return false;
        }
    }

    function _giveBack(uint256 bit) private {
        if ((_claimed >> bit) & 1 == 0) return;
        vm.prank(address(court));
        settlement.giveBack(nodes[1].account, uint64(Parties.BASE + bit));
        (_claimed, _marked) = (_claimed ^ (1 << bit), _marked ^ (1 << bit));
    }

    /// @dev What the buyer has, reserved money included.
    function _money() private view returns (uint256) {
        return _balance(buyers[1].account) + _balance(bidding.reservationAccount(order));
    }
}
