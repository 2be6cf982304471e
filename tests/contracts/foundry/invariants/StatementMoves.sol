// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Draw, Messages, ReservationRelease, Statement} from "../../../../contracts/libraries/Messages.sol";
import {Parties, Party} from "../Parties.sol";
import {vm} from "../Vm.sol";
import {Choices} from "./Choices.sol";

/// A statement with its serials and both signatures.
struct SignedStatement {
    Statement statement;
    bytes marks;
    bytes buyerSignature;
    bytes nodeSignature;
}

/// @title Statements from balances and reservations, their replays, and the serials that the court takes
abstract contract StatementMoves is Choices {
    SignedStatement[] private _landed;

    /// @notice Now and then more than the balance.
    function settleStatement(uint256 who, uint256 which, uint256 random, uint8 signer) external watched {
        (Party memory buyer, Party memory node) = (accounts[who % ACCOUNTS], _any(_connectedNodes(), which));
        Party memory signing = _signerFor(who % ACCOUNTS, signer);
        uint256 amount = _within(random, 0, _balance(buyer.account) / 4 + 1);
        SignedStatement memory signed = _statement(buyer.account, node, amount, random, signing);
        settlement.settleStatement(
            signed.statement, signed.marks, signed.buyerSignature, signed.nodeSignature
        );
        _landed.push(signed);
        _signAway(buyer.account, signing.account, amount);
        _enter(signed.statement, buyer.account, random);
    }

    /// @notice One or two statements of one pair, packed as rows; the delegate may sign the second as well.
    function settleRows(uint256 who, uint256 which, uint256[2] calldata random, uint8 signer, bool two)
        external
        watched
    {
        (Party memory buyer, Party memory node) = (accounts[who % ACCOUNTS], _any(_connectedNodes(), which));
        Party memory signing = _signerFor(who % ACCOUNTS, signer);
        uint256 most = _balance(buyer.account) / 8;
        address payee = registry.ownerOf(node.account);
        bytes memory batch = abi.encodePacked(hex"010101", buyer.account, payee, node.account, uint8(0));
        SignedStatement[] memory signed = new SignedStatement[](two ? 2 : 1);
        for (uint256 i = 0; i < signed.length; ++i) {
            signed[i] = _statement(buyer.account, node, _within(random[i], 0, most), random[i], signing);
            batch = bytes.concat(batch, _row(signed[i]));
        }
        settlement.settleStatements(batch);
        for (uint256 i = 0; i < signed.length; ++i) {
            _landed.push(signed[i]);
            _signAway(buyer.account, signing.account, signed[i].statement.amount);
            _enter(signed[i].statement, buyer.account, random[i]);
        }
    }

    /// @notice Nobody signs anything new: no statement counts twice.
    function replayStatement(uint256 which) external watched {
        SignedStatement memory again = _landed[which % _landed.length];
        settlement.settleStatement(again.statement, again.marks, again.buyerSignature, again.nodeSignature);
        ++serialsPaidTwice;
    }

    function reserve(uint256 who, uint256 amount) external watched {
        address account = accounts[who % ACCOUNTS].account;
        amount = _within(amount, 1, _balance(account) / 2 + 1);
        vm.prank(account);
        bidding.reserve(_order(who), uint128(amount), "");
        _setAside(account, who, amount);
    }

    function addReservation(uint256 payer, uint256 who, uint256 amount) external watched {
        address account = accounts[payer % ACCOUNTS].account;
        amount = _within(amount, 1, _balance(account) / 8 + 1);
        vm.prank(account);
        bidding.addReservation(_orderId(who), uint128(amount));
        _setAside(account, who, amount);
    }

    /// @notice One time in eight somebody else signs in the guardian's place.
    function settleReserved(uint256 who, uint256 which, uint256 random, uint8 signer, uint8 guardian)
        external
        watched
    {
        (Party memory buyer, Party memory node) = (accounts[who % ACCOUNTS], _any(_connectedNodes(), which));
        Party memory signing = _signerFor(who % ACCOUNTS, signer);
        address account = _reservationAccount(who);
        uint256 amount = _within(random, 0, _balance(account) / 2 + 1);
        SignedStatement memory signed = _statement(buyer.account, node, amount, random, signing);
        _draw(signed, who, guardian % 8 == 0 ? buyer : operator);
        if (guardian % 8 == 0) ++unsignedDebits;
        if (signing.account != buyer.account) _drawOnCap(buyer.account, signing.account, amount);
        _enter(signed.statement, account, random);
    }

    /// @notice Half of the time because it is over, else because the guardian signed.
    function releaseReservation(uint256 who, uint256 remaining, bool early) external watched {
        address account = _reservationAccount(who);
        remaining = early ? _within(remaining, 0, _balance(account) * 2) : 0;
        if (early) {
            ReservationRelease memory released = ReservationRelease(_orderId(who), uint128(remaining));
            bidding.releaseEarly(released, _sign(operator, Messages.hash(released)));
        } else {
            bidding.release(_orderId(who));
        }
        uint256 before = expectedBalance[account];
        if (remaining < before) {
            _expectMove(account, accounts[who % ACCOUNTS].account, before - remaining);
        }
    }

    /// @notice As a claim does when it is opened.
    function takeSerial(uint256 who, uint256 random) external watched {
        (address space, uint16 offset) = (nodes[who % NODES].account, _offset(random));
        vm.prank(address(court));
        settlement.take(space, Parties.BASE + offset);
        _spend(space, FIRST_WORD + (offset >> 8), 1 << (offset & 255));
        _claimed[space][FIRST_WORD + (offset >> 8)] |= 1 << (offset & 255);
    }

    /// @notice As when a claim falls: the lowest claimed serial of the word.
    function giveSerialBack(uint256 who, uint256 random) external watched {
        address space = nodes[who % NODES].account;
        uint256 word = FIRST_WORD + random % WORDS;
        uint256 lowest = _claimed[space][word] & (~_claimed[space][word] + 1);
        vm.assume(lowest != 0);
        uint64 serial = uint64(word << 8);
        while (lowest >> (serial & 255) != 1) ++serial;
        vm.prank(address(court));
        settlement.giveBack(space, serial);
        _claimed[space][word] ^= lowest;
        spent[space][word] ^= lowest;
    }

    function _draw(SignedStatement memory signed, uint256 who, Party memory guardian) private {
        bytes32 id = Messages.hash(signed.statement);
        bytes memory draw = _sign(guardian, Messages.hash(Draw(_orderId(who), id)));
        settlement.settleReserved(
            signed.statement, signed.marks, _orderId(who), signed.buyerSignature, signed.nodeSignature, draw
        );
    }

    function _row(SignedStatement memory signed) private pure returns (bytes memory) {
        bytes memory told = abi.encodePacked(uint16(0), uint64(signed.statement.amount), signed.marks);
        return
            abi.encodePacked(told, signed.statement.receiptsRoot, signed.buyerSignature, signed.nodeSignature);
    }

    function _setAside(address account, uint256 who, uint256 amount) private {
        _signAway(account, account, amount);
        _expectMove(account, _reservationAccount(who), amount);
    }

    function _enter(Statement memory statement, address payer, uint256 random) private {
        (uint64 word, uint256 mask) = _marked(random);
        _spend(statement.node, word, mask);
        _pay(payer, statement.payee, statement.amount, 0);
    }

    function _statement(
        address buyer,
        Party memory node,
        uint256 amount,
        uint256 random,
        Party memory signing
    ) private view returns (SignedStatement memory signed) {
        (uint64 word, uint256 mask) = _marked(random);
        signed.marks = abi.encodePacked(word, mask);
        signed.statement = Statement(
            buyer,
            node.account,
            registry.ownerOf(node.account),
            uint128(amount),
            _ones(mask),
            bytes32(random),
            keccak256(signed.marks)
        );
        bytes32 id = Messages.hash(signed.statement);
        (signed.buyerSignature, signed.nodeSignature) = (_sign(signing, id), _sign(node, id));
    }
}
