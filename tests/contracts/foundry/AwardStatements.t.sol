// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ISettlement} from "../../../contracts/interfaces/ISettlement.sol";
import {AuctionTerms, Bid} from "../../../contracts/libraries/Auctions.sol";
import {Messages, Statement} from "../../../contracts/libraries/Messages.sol";
import {SerialBits} from "../../../contracts/libraries/PaidSerials.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {BiddingWorld} from "./BiddingWorld.sol";
import {vm} from "./Vm.sol";

/// @title The winner of an auction is paid by statements, out of the money that the award reserved
contract AwardStatementsTest is BiddingWorld {
    uint96 private constant PRICE = 600_000;

    bytes32 private _auction;
    address private _reserved;

    function setUp() public override {
        super.setUp();
        AuctionTerms memory terms = _terms(1);
        vm.prank(buyer.account);
        _auction = bidding.openAuction(terms);
        _reserved = bidding.reservationAccount(_auction);
        Bid memory bid = Bid(nodes[0].account, PRICE, new uint64[](2), keccak256("salt"));
        vm.prank(owners[0].account);
        bidding.commitBid(terms, nodes[0].account, _seal(_auction, bid));
        vm.warp(terms.commitUntil + 1);
        bidding.revealBid(terms, bid);
        vm.warp(terms.revealUntil + 1);
        bidding.award(terms);
    }

    function testFuzz_WinnersStatementIsPaidOnceOutOfTheReservation(uint128 amount, uint256 mask) public {
        (uint256 before, uint256 held) = (_balance(owners[0].account), _balance(_reserved));
        (amount, mask) = (uint128(_within(amount, 0, held)), _within(mask, 1, type(uint256).max));
        Statement memory statement = _statement(_reserved, amount, mask);
        _land(statement, mask);
        vm.assertEq(_balance(owners[0].account), before + amount, "the winner's owner");
        vm.assertEq(_balance(_reserved), held - amount, "the reservation");
        vm.assertEq(settlement.paidWord(_reserved, 0), mask, "serials of the award");
        vm.assertEq(settlement.paidWord(nodes[0].account, 0), 0, "no serial of the node's own");
        vm.expectRevert(abi.encodeWithSelector(SerialBits.AlreadyPaid.selector, _reserved, 0, mask));
        this.land(statement, mask);
        _requireConserved(_auction);
    }

    function testFuzz_TaskThatWasClaimedIsNotPaidByStatement(uint8 serial) public {
        _claim(_auction, serial);
        uint256 mask = 1 << serial;
        vm.expectRevert(abi.encodeWithSelector(SerialBits.AlreadyPaid.selector, _reserved, 0, mask));
        this.land(_statement(_reserved, 1, mask), mask);
    }

    function test_AwardsStatementNamesTheReservation() public {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlement.WrongReservation.selector, _auction, _reserved, buyer.account)
        );
        this.land(_statement(buyer.account, 1, 1), 1);
    }

    function test_AwardsStatementNeverDrawsOnTheBuyersBalance() public {
        Statement memory statement = _statement(_reserved, 1, 1);
        bytes32 id = Messages.hash(statement);
        (bytes memory byBuyer, bytes memory byNode) = (_sign(buyer, id), _sign(nodes[0], id));
        vm.expectPartialRevert(IGridRegistry.NotDelegated.selector);
        settlement.settleStatement(statement, _marks(1), byBuyer, byNode);
    }

    function test_AnotherNodeNeedsTheWinnersDraw() public {
        Statement memory statement = _statement(_reserved, 1, 1);
        statement.node = nodes[1].account;
        vm.expectRevert(abi.encodeWithSelector(Signatures.InvalidSignature.selector, nodes[0].account));
        this.land(statement, 1);
    }

    function land(Statement calldata statement, uint256 mask) external {
        _land(statement, mask);
    }

    /// @dev The winner is the guardian of its reservation: its signature is enough.
    function _land(Statement memory statement, uint256 mask) private {
        bytes32 id = Messages.hash(statement);
        bytes memory none = new bytes(64);
        settlement.settleReserved(
            statement, _marks(mask), _auction, _sign(buyer, id), _sign(nodes[0], id), none
        );
    }

    function _statement(address named, uint128 amount, uint256 mask) private view returns (Statement memory) {
        uint32 receipts = uint32(SerialBits.ones(mask));
        bytes32 marks = keccak256(_marks(mask));
        return
            Statement(named, nodes[0].account, owners[0].account, amount, receipts, keccak256("root"), marks);
    }

    function _marks(uint256 mask) private pure returns (bytes memory) {
        return abi.encodePacked(uint64(0), mask);
    }
}
