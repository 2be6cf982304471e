// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {JobOrder, Limits, Messages, Prices} from "../../../../contracts/libraries/Messages.sol";
import {Parties, Party} from "../Parties.sol";
import {Books} from "./Books.sol";

/// @title Whom a move takes for its parties, and which serials
abstract contract Choices is Books {
    uint256 internal constant ORDER_DAYS = 30;

    /// @dev Mostly the account itself; sometimes the delegate or another account signs for it.
    function _signerFor(uint256 account, uint8 choice) internal view returns (Party memory) {
        if (choice % 8 == 0) return accounts[(account + 1) % ACCOUNTS];
        return choice % 8 < 4 ? delegate_ : accounts[account];
    }

    /// @dev Those that ever were: released ones are still paid.
    function _connectedNodes() internal view returns (Party[] memory connected) {
        uint256 count;
        connected = Parties.first(nodes, NODES);
        for (uint256 i = 0; i < NODES; ++i) {
            (address owner,,,) = registry.nodeOf(nodes[i].account);
            if (owner != address(0)) connected[count++] = nodes[i];
        }
        assembly ("memory-safe") {
            mstore(connected, count)
        }
    }

    function _ownersOf(Party[] memory paidNodes) internal view returns (Party[] memory owners) {
        owners = new Party[](paidNodes.length);
        for (uint256 i = 0; i < owners.length; ++i) {
            owners[i].account = registry.ownerOf(paidNodes[i].account);
        }
    }

    function _any(Party[] memory parties, uint256 which) internal pure returns (Party memory) {
        return parties[which % parties.length];
    }

    /// @dev Above the last of every buyer, or now and then equal to it.
    function _nextEpoch(Party[] memory buyers, uint64 gap) internal view returns (uint64 epoch) {
        epoch = START - 20 days;
        for (uint256 i = 0; i < buyers.length; ++i) {
            uint64 last = _epoch(buyers[i].account);
            if (last > epoch) epoch = last;
        }
        return epoch + gap % 16;
    }

    /// @dev A serial's distance from `Parties.BASE`. One choice in eight falls on a few serials, so that they
    /// meet.
    function _offset(uint256 random) internal pure returns (uint16) {
        return uint16((random >> 3) % (random % 8 == 0 ? 8 : WORDS << 8));
    }

    /// @dev One word and one to three of its serials.
    function _marked(uint256 random) internal pure returns (uint64 word, uint256 mask) {
        uint256 offset = _offset(random);
        word = FIRST_WORD + uint64(offset >> 8);
        mask = (1 << (offset & 255)) | (1 << ((random >> 32) & 255)) | (1 << ((random >> 40) & 255));
        if (random % 3 == 0) mask = 1 << (offset & 255);
    }

    function _ones(uint256 mask) internal pure returns (uint32 count) {
        for (; mask != 0; mask &= mask - 1) {
            ++count;
        }
    }

    /// @dev The one order that an account ever sets money aside for; the operator is its guardian.
    function _order(uint256 who) internal view returns (JobOrder memory order) {
        order.buyer = accounts[who % ACCOUNTS].account;
        order.operator = operator.account;
        order.tasks = 1;
        order.deadline = uint64(START + ORDER_DAYS * 1 days);
        order.nonce = 1;
    }

    function _orderId(uint256 who) internal view returns (bytes32) {
        return Messages.hash(_order(who));
    }

    function _reservationAccount(uint256 who) internal view override returns (address) {
        return bidding.reservationAccount(_orderId(who));
    }
}
