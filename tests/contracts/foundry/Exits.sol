// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {
    Draw,
    JobOrder,
    Limits,
    Messages,
    Prices,
    RootNetting,
    Statement
} from "../../../contracts/libraries/Messages.sol";
import {Market} from "./Market.sol";
import {Parties, Party, Task} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title Every way to be paid, for buyer 1 and node 1 and one word of serials
abstract contract Exits is Market {
    uint64 internal constant WORD = Parties.BASE >> 8;
    uint256 internal constant OPERATOR_KEY = 0xE0;
    bytes32 internal constant ROOT = keccak256("root");

    bytes32 internal order;

    /// @dev The word `WORD` with this mask, as a statement's marks.
    function _marks(uint256 mask) internal pure returns (bytes memory) {
        return abi.encodePacked(WORD, mask);
    }

    function _statement(uint128 amount, uint256 mask) internal view returns (Statement memory) {
        bytes32 marks = keccak256(_marks(mask));
        return
            Statement(
                buyers[1].account, nodes[1].account, owners[1].account, amount, _ones(mask), ROOT, marks
            );
    }

    function _settleStatement(Statement memory statement, bytes memory marks) internal {
        bytes32 id = Messages.hash(statement);
        settlement.settleStatement(statement, marks, _sign(buyers[1], id), _sign(nodes[1], id));
    }

    function _settleReserved(Statement memory statement, bytes memory marks) internal {
        bytes32 id = Messages.hash(statement);
        bytes memory draw = _sign(_operator(), Messages.hash(Draw(order, id)));
        settlement.settleReserved(statement, marks, order, _sign(buyers[1], id), _sign(nodes[1], id), draw);
    }

    /// @dev One batch by root in which buyer 1 pays `amount` to node 1 for the serials of the mask.
    function _rootBatch(uint64 epoch, uint64 amount, uint256 mask)
        internal
        view
        returns (bytes memory batch, bytes memory signatures)
    {
        batch = abi.encodePacked(epoch, uint8(1), uint8(1), uint8(1), _ones(mask), ROOT);
        batch = abi.encodePacked(batch, buyers[1].account, amount, owners[1].account);
        batch = abi.encodePacked(batch, nodes[1].account, uint8(0), amount, uint56(WORD), uint8(1), mask);
        bytes32 id = Messages.hash(RootNetting(epoch, keccak256(batch)));
        signatures = bytes.concat(_sign(buyers[1], id), _sign(nodes[1], id));
    }

    /// @dev One batch in which buyer 1 pays one atom to node 1 for each serial of the mask.
    function _listed(uint64 epoch, uint256 mask)
        internal
        view
        returns (bytes memory batch, bytes memory signatures)
    {
        (Party[] memory payers, Party[] memory paid, Party[] memory receivers) =
            (new Party[](1), new Party[](1), new Party[](1));
        (payers[0], paid[0], receivers[0]) = (buyers[1], nodes[1], owners[1]);
        Task[] memory tasks = new Task[](_ones(mask));
        uint256 place;
        for (uint16 bit = 0; bit < 256; ++bit) {
            if ((mask >> bit) & 1 == 1) tasks[place++] = Task(0, 0, 1, bit, bytes16(uint128(bit)));
        }
        batch = Parties.pack(epoch, payers, paid, receivers, tasks);
        signatures = _signAll(epoch, batch, payers, paid);
    }

    /// @dev Buyer 1 sets `amount` aside; the operator is the guardian.
    function _reserve(uint128 amount) internal {
        JobOrder memory job = JobOrder({
            buyer: buyers[1].account,
            operator: _operator().account,
            specRoot: ROOT,
            tasks: 256,
            policy: 0,
            replicas: 1,
            budget: amount,
            maximumPrices: Prices(1, 1, 1, 1),
            limits: Limits(1, 1, 1, 1, 1),
            deadline: uint64(_now() + 1 days),
            nonce: 1
        });
        order = Messages.hash(job);
        vm.prank(buyers[1].account);
        bidding.reserve(job, amount, "");
    }

    function _operator() internal pure returns (Party memory) {
        return Party(vm.addr(OPERATOR_KEY), OPERATOR_KEY);
    }

    function _ones(uint256 mask) internal pure returns (uint32 count) {
        for (; mask != 0; mask &= mask - 1) {
            ++count;
        }
    }
}
