// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BookLeaf, IEpochAnchors, SignedLease} from "../../../contracts/interfaces/IEpochAnchors.sol";
import {
    Ask,
    EpochAnchor,
    InclusionPromise,
    JobOrder,
    Lease,
    Messages
} from "../../../contracts/libraries/Messages.sol";
import {BookTree} from "./BookTree.sol";
import {Operators} from "./Operators.sol";
import {vm} from "./Vm.sol";

/// @title Every fault is proved against a guilty operator, once, and none against an honest one
contract AnchorsTest is Operators {
    using BookTree for bytes32[];

    function testFuzz_EpochsAscend(uint64 first, uint64 second) public {
        first = uint64(_within(first, 1, type(uint64).max));
        _anchor(_book(first, 0, 0));
        EpochAnchor memory next = _book(second, 0, 1);
        if (second <= first) vm.expectPartialRevert(IEpochAnchors.EpochNotAscending.selector);
        _anchor(next);
        if (second > first) {
            vm.assertTrue(anchors.anchorOf(operator.account, second) == Messages.hash(next), "stored");
        }
    }

    function testFuzz_StrangerWithoutBondAnchorsNothing(address stranger) public {
        vm.assume(stranger != operator.account);
        vm.expectRevert(abi.encodeWithSelector(IEpochAnchors.NotBonded.selector, stranger));
        vm.prank(stranger);
        anchors.anchor(_book(1, 0, 0), "");
    }

    function testFuzz_TwoAnchorsOfOneEpochAreEquivocation(EpochAnchor memory first, EpochAnchor memory second)
        public
    {
        bytes memory firstSignature = _sign(operator, Messages.hash(first));
        second.epoch = first.epoch;
        bytes memory secondSignature = _sign(operator, Messages.hash(second));
        if (Messages.hash(first) != Messages.hash(second)) {
            vm.prank(REPORTER);
            anchors.proveEquivocation(operator.account, first, firstSignature, second, secondSignature);
            _requireSlashed(address(0));
            _bond();
            vm.expectPartialRevert(IEpochAnchors.FaultAlreadyProved.selector);
            anchors.proveEquivocation(operator.account, second, secondSignature, first, firstSignature);
        }
        vm.expectPartialRevert(IEpochAnchors.NoEquivocation.selector);
        anchors.proveEquivocation(operator.account, first, firstSignature, first, firstSignature);
    }

    function testFuzz_AnchorsOfTwoEpochsAreNoEquivocation(EpochAnchor memory first, uint64 epoch) public {
        vm.assume(epoch != first.epoch);
        EpochAnchor memory second = EpochAnchor(
            epoch, first.bookRoot, first.matchRoot, first.prices, first.orders, first.leases, first.evidence
        );
        bytes memory firstSignature = _sign(operator, Messages.hash(first));
        bytes memory secondSignature = _sign(operator, Messages.hash(second));
        vm.expectPartialRevert(IEpochAnchors.NoEquivocation.selector);
        anchors.proveEquivocation(operator.account, first, firstSignature, second, secondSignature);
    }

    function testFuzz_OrderThatTheBookLeavesOutIsProved(bytes32 seed, uint8 size, uint8 missing) public {
        JobOrder memory order = _order();
        order.nonce = uint256(seed);
        bytes32 id = Messages.hash(order);
        bytes32[] memory book = BookTree.orders(seed, size % 20);
        (InclusionPromise memory made, bytes memory signature) = _promise(id, START);
        EpochAnchor memory anchored = _book(7, book.root(), book.length);
        _anchor(anchored);
        BookLeaf[] memory around = _around(book, id);
        missing = uint8(around.length == 2 ? missing % 3 : 2);
        if (missing < 2) {
            // One of the two neighbours alone does not show it, unless it lies at that very edge.
            BookLeaf[] memory one = new BookLeaf[](1);
            one[0] = around[missing];
            vm.expectPartialRevert(IEpochAnchors.OrderNotLeftOut.selector);
            anchors.proveOrderLeftOut(operator.account, made, signature, order, anchored, one);
        }
        vm.prank(REPORTER);
        anchors.proveOrderLeftOut(operator.account, made, signature, order, anchored, around);
        _requireSlashed(buyer.account);
        _bond();
        vm.expectPartialRevert(IEpochAnchors.FaultAlreadyProved.selector);
        anchors.proveOrderLeftOut(operator.account, made, signature, order, anchored, around);
    }

    function testFuzz_BookedOrderIsNeverShownLeftOut(bytes32 seed, uint8 size, uint8 first, uint8 second)
        public
    {
        JobOrder memory order = _order();
        bytes32[] memory book = _with(BookTree.orders(seed, size % 20), Messages.hash(order));
        (InclusionPromise memory made, bytes memory signature) = _promise(Messages.hash(order), START);
        EpochAnchor memory anchored = _book(7, book.root(), book.length);
        _anchor(anchored);
        BookLeaf[] memory shown = new BookLeaf[](first % 3);
        for (uint256 i = 0; i < shown.length; ++i) {
            shown[i] = book.leaf((i == 0 ? first : second) % book.length);
        }
        vm.expectPartialRevert(IEpochAnchors.OrderNotLeftOut.selector);
        anchors.proveOrderLeftOut(operator.account, made, signature, order, anchored, shown);
    }

    function testFuzz_OnlyABookThatDoesNotAscendIsUnsorted(bytes32 seed, uint8 size, uint8 one, uint8 other)
        public
    {
        bytes32[] memory book = BookTree.orders(seed, 2 + size % 10);
        (uint256 i, uint256 j) = (one % book.length, other % book.length);
        EpochAnchor memory honest = _book(7, book.root(), book.length);
        _anchor(honest);
        vm.expectPartialRevert(IEpochAnchors.BookSorted.selector);
        anchors.proveBookUnsorted(operator.account, honest, book.leaf(i), book.leaf(j));
        (book[i], book[j]) = (book[j], i == j ? book[i] : book[i]);
        if (i == j) return;
        (i, j) = i < j ? (i, j) : (j, i);
        EpochAnchor memory swapped = _book(8, book.root(), book.length);
        _anchor(swapped);
        vm.prank(REPORTER);
        anchors.proveBookUnsorted(operator.account, swapped, book.leaf(i), book.leaf(j));
        _requireSlashed(address(0));
    }

    function testFuzz_EveryFalseCountShowsInSomeLeaf(bytes32 seed, uint8 size, uint32 count) public {
        bytes32[] memory book = BookTree.orders(seed, 1 + size % 20);
        if (seed[0] & 0x01 == 0) count = count % 40;
        EpochAnchor memory anchored = _book(7, book.root(), count);
        _anchor(anchored);
        bool isShown;
        for (uint256 i = 0; i < book.length && !isShown; ++i) {
            vm.prank(REPORTER);
            try anchors.proveBookMiscounted(operator.account, anchored, book.leaf(i)) {
                isShown = true;
            } catch {}
        }
        vm.assertTrue(isShown == (count != book.length), "shown if and only if false");
        if (isShown) _requireSlashed(address(0));
    }

    function testFuzz_HonestLeaseKeepsAllLimits(uint8 task, uint128 cap, uint64 deadline, uint64 price)
        public
    {
        (JobOrder memory order, Ask memory ask) = (_order(), _ask());
        ask.prices.fuel = uint64(_within(price, 0, order.maximumPrices.fuel));
        Lease memory lease = _lease(order, ask);
        lease.task = uint32(task % order.tasks);
        lease.cap = uint128(_within(cap, 0, 11));
        lease.deadline = uint64(_within(deadline, 0, order.deadline));
        SignedLease memory leased = _leased(lease);
        vm.expectPartialRevert(IEpochAnchors.LeaseWithinLimits.selector);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
        vm.expectPartialRevert(IEpochAnchors.LeaseWithinLimits.selector);
        anchors.proveLeaseOutsideAsk(operator.account, leased, ask);
    }

    function testFuzz_LeaseOutsideTheOrderIsProvedOnce(uint8 which, uint64 excess) public {
        (JobOrder memory order, Ask memory ask) = (_order(), _ask());
        Lease memory lease = _lease(order, ask);
        excess = uint64(_within(excess, 1, type(uint64).max / 2));
        which = which % 10;
        if (which == 0) lease.task = uint32(_within(excess, order.tasks, type(uint32).max));
        if (which == 1) lease.deadline += excess;
        if (which == 2) lease.prices.fuel = order.maximumPrices.fuel + excess;
        if (which == 3) lease.prices.memoryFuel += excess;
        if (which == 4) lease.prices.ingress = order.maximumPrices.ingress + excess;
        if (which == 5) lease.prices.egress += excess;
        if (which == 6) lease.minimumCharge = 11 + excess;
        if (which == 7) lease.cap = 11 + excess;
        if (which == 8) order.operator = buyer.account;
        if (which == 9) order.budget = lease.cap - 1;
        if (which > 7) lease.order = Messages.hash(order);
        SignedLease memory leased = _leased(lease);
        vm.prank(REPORTER);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
        _requireSlashed(buyer.account);
        _bond();
        vm.expectPartialRevert(IEpochAnchors.FaultAlreadyProved.selector);
        anchors.proveLeaseOutsideOrder(operator.account, leased, order);
    }

    function testFuzz_LeaseCheaperThanTheAskIsProved(uint8 which, address other) public {
        (JobOrder memory order, Ask memory ask) = (_order(), _ask());
        Lease memory lease = _lease(order, ask);
        vm.assume(other != node.account);
        which = which % 6;
        if (which == 0) lease.node = other;
        if (which == 1) lease.prices.fuel -= 1;
        if (which == 2) lease.prices.memoryFuel -= 1;
        if (which == 3) lease.prices.ingress -= 1;
        if (which == 4) lease.prices.egress -= 1;
        if (which == 5) lease.minimumCharge -= 1;
        SignedLease memory leased = _leased(lease);
        vm.prank(REPORTER);
        anchors.proveLeaseOutsideAsk(operator.account, leased, ask);
        _requireSlashed(node.account);
    }

    function testFuzz_PromiseIsBrokenOnlyAfterTheGrace(uint64 receivedAt, uint64 time) public {
        receivedAt = uint64(_within(receivedAt, START - 1 days, START + 1 days));
        time = uint64(_within(time, START, START + 3 days));
        JobOrder memory order = _order();
        (InclusionPromise memory made, bytes memory signature) = _promise(Messages.hash(order), receivedAt);
        vm.warp(time);
        vm.prank(REPORTER);
        if (receivedAt < START) {
            vm.expectPartialRevert(IEpochAnchors.PromiseBeforeBond.selector);
        } else if (time <= receivedAt + ANCHOR_GRACE_SECONDS) {
            vm.expectPartialRevert(IEpochAnchors.AnchorNotMissing.selector);
        }
        anchors.proveNotAnchored(operator.account, made, signature, order);
        if (receivedAt >= START && time > receivedAt + ANCHOR_GRACE_SECONDS) _requireSlashed(buyer.account);
    }

    function _around(bytes32[] memory book, bytes32 order) private pure returns (BookLeaf[] memory leaves) {
        uint256 above = 0;
        while (above < book.length && book[above] < order) {
            ++above;
        }
        if (book.length == 0) return leaves;
        bool isInside = above > 0 && above < book.length;
        leaves = new BookLeaf[](isInside ? 2 : 1);
        leaves[0] = book.leaf(above == 0 ? 0 : above - 1);
        if (isInside) leaves[1] = book.leaf(above);
    }

    function _with(bytes32[] memory book, bytes32 order) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](book.length + 1);
        uint256 place = book.length;
        for (; place > 0 && book[place - 1] > order; --place) {
            longer[place] = book[place - 1];
        }
        longer[place] = order;
        for (uint256 i = 0; i < place; ++i) {
            longer[i] = book[i];
        }
    }
}
