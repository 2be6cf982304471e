// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {Draw, Messages, RootNetting, Statement} from "../../../contracts/libraries/Messages.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {Exits} from "./Exits.sol";
import {Parties, Party, Task} from "./Parties.sol";
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

    /// One set of serials has one form.
    function test_MarksAscendAndMarkSomething() public {
        _requireRefusedAt(1, abi.encodePacked(uint64(5), uint256(1), uint64(5), uint256(2)));
        _requireRefusedAt(1, abi.encodePacked(uint64(6), uint256(1), uint64(5), uint256(1)));
        _requireRefusedAt(0, abi.encodePacked(uint64(5), uint256(0)));
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

    function test_ABuyerAndItsOwnNodeCannotUseUpSerialsOfAnotherNodeByNetting() public {
        (Party[] memory sock, Party[] memory named, Task[] memory tasks) = _attack();
        bytes memory batch = Parties.pack(START, _just(buyers[1]), sock, _just(owners[1]), tasks);
        settlement.settleBatch(batch, _signAll(START, batch, _just(buyers[1]), sock));
        batch = Parties.pack(START, _just(buyers[2]), named, _just(owners[1]), tasks);
        bytes memory signatures = _signAll(START, batch, _just(buyers[2]), sock);
        _expectRefusal();
        settlement.settleBatch(batch, signatures);
        _requireHonestNodeClaims();
    }

    function test_ABuyerAndItsOwnNodeCannotUseUpSerialsOfAnotherNodeByRoot() public {
        bytes memory head = abi.encodePacked(START, uint8(1), uint8(1), uint8(1), uint32(1), ROOT);
        head = abi.encodePacked(head, buyers[1].account, uint64(0), owners[1].account);
        bytes memory own = _rootOf(head, nodes[2].account);
        settlement.settleRoot(own, _rootSigned(own));
        bytes memory batch = _rootOf(head, nodes[1].account);
        bytes memory signatures = _rootSigned(batch);
        _expectRefusal();
        settlement.settleRoot(batch, signatures);
        _requireHonestNodeClaims();
    }

    function test_ABuyerAndItsOwnNodeCannotUseUpSerialsOfAnotherNodeByStatement() public {
        Statement memory statement = _statement(0, 1);
        statement.node = nodes[2].account;
        _settleStatement(statement, _marks(1), buyers[1], nodes[2]);
        statement.node = nodes[1].account;
        bytes32 id = Messages.hash(statement);
        (bytes memory byBuyer, bytes memory bySock) = (_sign(buyers[1], id), _sign(nodes[2], id));
        _expectRefusal();
        settlement.settleStatement(statement, _marks(1), byBuyer, bySock);
        _requireHonestNodeClaims();
    }

    function test_ABuyerAndItsOwnNodeCannotUseUpSerialsOfAnotherNodeFromAReservation() public {
        Statement memory statement = _statement(0, 1);
        statement.node = nodes[2].account;
        _drawReserved(statement, nodes[2]);
        statement.node = nodes[1].account;
        bytes32 id = Messages.hash(statement);
        bytes memory byBuyer = _sign(buyers[1], id);
        bytes memory bySock = _sign(nodes[2], id);
        bytes memory drawn = _sign(_operator(), Messages.hash(Draw(order, id)));
        _expectRefusal();
        settlement.settleReserved(statement, _marks(1), order, byBuyer, bySock, drawn);
        _requireHonestNodeClaims();
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

    /// @dev A payment of nothing by buyer 1's own node, node 2, for the serial that node 1 works under.
    function _attack() private view returns (Party[] memory sock, Party[] memory named, Task[] memory tasks) {
        tasks = new Task[](1);
        return (_just(nodes[2]), _just(nodes[1]), tasks);
    }

    function _expectRefusal() private {
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, nodes[1].account));
    }

    /// @dev The serial of node 1 is still free, for its claim as for its payment.
    function _requireHonestNodeClaims() private {
        vm.assertTrue(settlement.isPaid(nodes[2].account, Parties.BASE), "its own node's serial");
        vm.assertFalse(settlement.isPaid(nodes[1].account, Parties.BASE), "the other node's serial");
        vm.prank(address(court));
        settlement.take(nodes[1].account, Parties.BASE);
        vm.prank(address(court));
        settlement.giveBack(nodes[1].account, Parties.BASE);
        uint256 before = _balance(owners[1].account);
        _settleStatement(_statement(7, 1), _marks(1));
        vm.assertEq(_balance(owners[1].account), before + 7, "paid");
    }

    function _drawReserved(Statement memory statement, Party memory node) private {
        bytes32 id = Messages.hash(statement);
        bytes memory drawn = _sign(_operator(), Messages.hash(Draw(order, id)));
        settlement.settleReserved(statement, _marks(1), order, _sign(buyers[1], id), _sign(node, id), drawn);
    }

    function _rootOf(bytes memory head, address node) private pure returns (bytes memory) {
        return abi.encodePacked(head, node, uint8(0), uint64(0), uint56(WORD), uint8(1), uint256(1));
    }

    /// @dev By buyer 1 and its own node, whatever the batch names.
    function _rootSigned(bytes memory batch) private view returns (bytes memory) {
        bytes32 id = Messages.hash(RootNetting(START, keccak256(batch)));
        return bytes.concat(_sign(buyers[1], id), _sign(nodes[2], id));
    }

    function _just(Party memory one) private pure returns (Party[] memory list) {
        list = new Party[](1);
        list[0] = one;
    }

    function _requireRefusedAt(uint256 position, bytes memory marks) private {
        Statement memory statement = _statement(1, 3);
        statement.marks = keccak256(marks);
        vm.expectRevert(abi.encodeWithSelector(SerialBits.MarksNotAscending.selector, position));
        this.land(statement, marks);
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
