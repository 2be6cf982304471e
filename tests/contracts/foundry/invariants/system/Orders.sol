// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AwardItem, ClaimItem} from "../../../../../contracts/interfaces/IClaimCourt.sol";
import {JobOrder, Limits, Messages, Prices, Usage} from "../../../../../contracts/libraries/Messages.sol";
import {Party} from "../../Parties.sol";
import {People} from "./People.sol";

/// @title What people order of one another, and the papers of finished work
/// @notice The first four people have two orders of two tasks each, which end one after the other; the next
/// person is their operator. Work is charged by the lease's minimum, so that any amount can occur.
abstract contract Orders is People {
    uint256 internal constant BUYERS = 4;
    uint256 internal constant ORDERS = 2;
    uint256 internal constant ORDER_SECONDS = 100 days;
    uint64 internal constant LAST_DEADLINE = START + uint64(ORDERS * ORDER_SECONDS);
    uint128 internal constant DEAREST_TASK = 1e6;
    bytes32 internal constant RESULT = keccak256("result");

    /// Leases are numbered in a row; now and then a number is used again.
    uint64 internal serials;

    function _order(uint256 buyer, uint256 which) internal view returns (JobOrder memory order) {
        order.buyer = _account(buyer % BUYERS);
        order.operator = _operatorOf(buyer).account;
        order.specRoot = _root();
        (order.tasks, order.policy, order.replicas) = (2, 1, 2);
        order.budget = 4 * DEAREST_TASK;
        order.maximumPrices = Prices(1e12, 0, 0, 0);
        order.limits = Limits(1e9, 0, 0, 0, 60);
        order.nonce = 1 + which % ORDERS;
        order.deadline = uint64(START + order.nonce * ORDER_SECONDS);
    }

    function _orderId(uint256 buyer, uint256 which) internal view returns (bytes32) {
        return Messages.hash(_order(buyer, which));
    }

    function _operatorOf(uint256 buyer) internal view returns (Party memory) {
        return _person(buyer % BUYERS + 1);
    }

    /// @dev One task of an order, leased to a node, finished, with every signature.
    function _item(uint256 buyer, uint256 which, uint256 node, uint32 task, uint64 serial, uint128 amount)
        internal
        view
        returns (ClaimItem memory item)
    {
        JobOrder memory order = _order(buyer, which);
        item.lease.order = Messages.hash(order);
        (item.lease.task, item.lease.spec, item.lease.epoch) = (task, _spec(task), 1);
        (item.lease.serial, item.lease.node) = (serial, nodes[node % NODES].account);
        (item.lease.minimumCharge, item.lease.cap) = (amount, amount);
        item.lease.deadline = order.deadline;
        item.receipt.lease = Messages.hash(item.lease);
        (item.receipt.result, item.receipt.amount) = (RESULT, amount);
        item.specProof = _proof(task);
        item.operatorSignature = _sign(_operatorOf(buyer), item.receipt.lease);
        item.nodeSignature = _sign(nodes[node % NODES], Messages.hash(item.receipt));
    }

    /// @dev One task of an award, finished by the winner, with its signature.
    function _awardItem(bytes32 auction, uint256 node, uint32 task, uint128 price)
        internal
        view
        returns (AwardItem memory item)
    {
        (item.task, item.spec, item.specProof) = (task, _spec(task), _proof(task));
        item.receipt.lease = court.awardTaskId(auction, task);
        (item.receipt.result, item.receipt.amount) = (RESULT, price);
        item.nodeSignature = _sign(nodes[node], Messages.hash(item.receipt));
    }

    /// @dev A new number, or one in eight times an old one.
    function _nextSerial(uint256 random) internal returns (uint64) {
        return random % 8 == 0 ? serials / 2 : serials++;
    }

    function _work(uint8 outcome, bytes32 result) internal pure returns (bytes32) {
        return keccak256(abi.encode(outcome, result, Usage(0, 0, 0, 0)));
    }

    function _root() internal pure returns (bytes32) {
        (bytes32 a, bytes32 b) = (_leaf(0), _leaf(1));
        return keccak256(a < b ? abi.encode(a, b) : abi.encode(b, a));
    }

    function _proof(uint32 task) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = _leaf(1 - task);
    }

    function _spec(uint32 task) private pure returns (bytes32) {
        return keccak256(abi.encode("task", task));
    }

    function _leaf(uint32 task) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(task, _spec(task)))));
    }
}
