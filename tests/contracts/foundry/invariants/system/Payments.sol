// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    JobOrder,
    Messages,
    ReservationRelease,
    Statement
} from "../../../../../contracts/libraries/Messages.sol";
import {Draw} from "../../../../../contracts/libraries/Messages.sol";
import {Parties, Party, Task} from "../../Parties.sol";
import {vm} from "../../Vm.sol";
import {Orders} from "./Orders.sol";

/// @title Tokens in and out, statements, money set aside, time
abstract contract Payments is Orders {
    function deposit(uint256 who, uint256 forWhom, uint256 amount) external watched {
        amount = _within(amount, 1, FUNDS);
        (address payer, address account) = (_account(who), _account(forWhom));
        token.mint(payer, amount);
        vm.prank(payer);
        token.approve(address(ledger), amount);
        vm.prank(payer);
        ledger.deposit(account, amount);
        deposited += amount;
    }

    /// @notice Tokens that come without a deposit.
    function donate(uint256 amount) external watched {
        amount = _within(amount, 1, FUNDS);
        token.mint(address(ledger), amount);
        donated += amount;
    }

    function thaw(uint256 who, uint256 amount) external watched {
        address account = _account(who);
        amount = _within(amount, 0, _balance(account) * 3 / 2);
        vm.prank(account);
        ledger.thaw(uint128(amount));
    }

    /// @notice Now and then waits for the thaw.
    function withdraw(uint256 who, uint256 wait) external watched {
        wait = _stirred(wait);
        (, uint64 readyAt) = ledger.thawingOf(_account(who));
        if (wait % 8 == 0) _passUntil(readyAt);
        _withdraw(_account(who));
    }

    /// @notice Mostly minutes, as a dispute's phases last; now and then days.
    function passTime(uint256 time) external watched {
        time = _stirred(time);
        _pass(_within(time >> 3, 1, time % 8 == 0 ? 9 days : time % 8 == 1 ? 1 days : 40 minutes));
    }

    /// @notice One to three tasks of one buyer and one node; the operator's fee goes off.
    function settleBatch(uint256 who, uint256 which, uint256 random) external watched {
        random = _stirred(random);
        (Party[] memory buyers, Party[] memory workers) = (new Party[](1), new Party[](1));
        (buyers[0], workers[0]) = (_person(who), nodes[which % PEOPLE]);
        Party[] memory owners = new Party[](1);
        owners[0].account = registry.ownerOf(workers[0].account);
        Task[] memory tasks = new Task[](1 + random % 3);
        for (uint256 i = 0; i < tasks.length; ++i) {
            tasks[i].amount = uint64(_within(random >> (8 * i), 0, _balance(buyers[0].account) / 8));
            tasks[i].offset = uint16((random >> (64 + 16 * i)) % 512);
        }
        uint64 epoch = _epoch(buyers[0].account) + 1;
        if (epoch < START) epoch = START;
        bytes memory batch = Parties.pack(epoch, buyers, workers, owners, tasks);
        settlement.settleBatch(batch, _signAll(epoch, batch, buyers, workers));
        _signs(buyers[0].account);
        for (uint256 i = 0; i < tasks.length; ++i) {
            _enterPaid(workers[0].account, Parties.BASE + tasks[i].offset);
        }
    }

    /// @notice Half of the time packed as a row.
    function settleStatement(uint256 who, uint256 which, uint256 random) external watched {
        random = _stirred(random);
        (Party memory buyer, Party memory node) = (_person(who), nodes[which % PEOPLE]);
        uint128 amount = uint128(_within(random, 0, _balance(buyer.account) / 8));
        uint64 serial = _nextSerial(random);
        (Statement memory statement, bytes memory marks) = _statement(buyer.account, node, amount, serial);
        bytes32 id = Messages.hash(statement);
        if (random & 1024 == 0) {
            settlement.settleStatement(statement, marks, _sign(buyer, id), _sign(node, id));
        } else {
            bytes memory row = abi.encodePacked(uint16(0), uint64(amount), marks, statement.receiptsRoot);
            row = bytes.concat(row, _sign(buyer, id), _sign(node, id));
            bytes memory tables = abi.encodePacked(hex"010101", buyer.account, statement.payee, node.account);
            settlement.settleStatements(bytes.concat(tables, hex"00", row));
        }
        _signs(buyer.account);
        _enterPaid(node.account, serial);
    }

    function reserve(uint256 who, uint256 which, uint256 amount) external watched {
        JobOrder memory order = _order(who, which);
        amount = _within(amount, order.budget, 2 * order.budget);
        vm.prank(order.buyer);
        bidding.reserve(order, uint128(amount), "");
        _signs(order.buyer);
    }

    function addReservation(uint256 payer, uint256 who, uint256 which, uint256 amount) external watched {
        amount = _within(amount, 1, DEAREST_TASK);
        vm.prank(_account(payer));
        bidding.addReservation(_orderId(who, which), uint128(amount));
        _signs(_account(payer));
    }

    function settleReserved(uint256 who, uint256 which, uint256 node, uint256 random) external watched {
        random = _stirred(random);
        (Party memory buyer, Party memory worker) = (_person(who % BUYERS), nodes[node % PEOPLE]);
        bytes32 order = _orderId(who, which);
        uint128 amount = uint128(_within(random, 0, _balance(bidding.reservationAccount(order)) / 2));
        uint64 serial = _nextSerial(random);
        (Statement memory statement, bytes memory marks) = _statement(buyer.account, worker, amount, serial);
        bytes32 id = Messages.hash(statement);
        bytes memory draw = _sign(_operatorOf(who), Messages.hash(Draw(order, id)));
        settlement.settleReserved(statement, marks, order, _sign(buyer, id), _sign(worker, id), draw);
        _enterPaid(worker.account, serial);
    }

    function releaseReservation(uint256 who, uint256 which, uint256 remaining) external watched {
        remaining = _stirred(remaining);
        ReservationRelease memory released = ReservationRelease(_orderId(who, which), uint64(remaining));
        if (remaining % 4 == 0) {
            bidding.releaseEarly(released, _sign(_operatorOf(who), Messages.hash(released)));
        } else {
            (,, uint64 releaseAt,) = bidding.reservationOf(released.order);
            if (releaseAt < _now() + 2 days) _passUntil(releaseAt);
            bidding.release(released.order);
        }
    }

    function cancelOrder(uint256 who, uint256 which, uint256 chance) external watched {
        chance = _stirred(chance);
        if (chance % 4 != 0) return;
        vm.prank(_account(who % BUYERS));
        bidding.cancel(1 + which % ORDERS);
    }

    function _withdraw(address account) internal {
        uint256 before = token.balanceOf(account);
        vm.prank(account);
        ledger.withdraw(account);
        withdrawn += token.balanceOf(account) - before;
        _signs(account);
    }

    function _statement(address buyer, Party memory node, uint128 amount, uint64 serial)
        internal
        view
        returns (Statement memory statement, bytes memory marks)
    {
        marks = abi.encodePacked(serial >> 8, uint256(1) << (serial & 255));
        address payee = registry.ownerOf(node.account);
        statement = Statement(buyer, node.account, payee, amount, 1, RESULT, keccak256(marks));
    }
}
