// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionTerms, Bid, QualityRule} from "../../../contracts/libraries/Auctions.sol";
import {JobOrder} from "../../../contracts/libraries/Messages.sol";
import {Deployment} from "./Deployment.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

/// @title A buyer, an operator and six connected nodes of six owners
abstract contract BiddingWorld is Deployment {
    uint64 internal constant GRACE = CLAIM_GRACE_SECONDS;
    uint128 internal constant FUNDS = 1 << 100;
    uint256 internal constant NODES = 6;

    Party internal buyer;
    Party internal operator;
    Party[] internal nodes;
    Party[] internal owners;

    function setUp() public virtual {
        _deploy(0);
        (buyer, operator) = (Parties.make(0xB0, 1)[0], Parties.make(0xE0, 1)[0]);
        _fund(buyer.account, FUNDS);
        (Party[] memory keys, Party[] memory holders) = (Parties.make(0xA0, NODES), Parties.make(0xC0, NODES));
        for (uint256 i = 0; i < NODES; ++i) {
            nodes.push(keys[i]);
            owners.push(holders[i]);
            _fund(owners[i].account, FUNDS);
            _connect(nodes[i], owners[i], MINIMUM_STAKE);
        }
    }

    /// @dev An auction of 300 tasks with two qualities; bids for a day, opening for a day, work for a week.
    function _terms(uint256 nonce) internal view returns (AuctionTerms memory terms) {
        terms = AuctionTerms({
            buyer: buyer.account,
            specRoot: keccak256("spec"),
            tasks: 300,
            budget: 1_000_000,
            deposit: 5000,
            commitUntil: START + 1 days,
            revealUntil: START + 2 days,
            deadline: START + 9 days,
            nonce: nonce,
            qualities: new QualityRule[](2)
        });
        terms.qualities[0] = QualityRule("hours", 100, 1000);
        terms.qualities[1] = QualityRule("milliseconds", 500, 7);
    }

    function _order(uint64 deadline, uint256 nonce) internal view returns (JobOrder memory order) {
        order.buyer = buyer.account;
        order.operator = operator.account;
        order.deadline = deadline;
        order.nonce = nonce;
    }

    function _seal(bytes32 auction, Bid memory bid) internal pure returns (bytes32) {
        return keccak256(abi.encode(auction, bid));
    }

    /// @dev The sum of every account that can hold money here, `order`'s reservation among them.
    function _allMoney(bytes32 order) internal view returns (uint256 sum) {
        sum = _balance(buyer.account) + _balance(address(bidding)) + _balance(address(registry));
        sum += _balance(bidding.reservationAccount(order));
        for (uint256 i = 0; i < NODES; ++i) {
            sum += _balance(owners[i].account) + _balance(nodes[i].account);
        }
    }

    function _requireConserved(bytes32 order) internal view {
        vm.assertEq(_allMoney(order), FUNDS * (NODES + 1), "the sum of all accounts");
        vm.assertEq(token.balanceOf(address(ledger)), FUNDS * (NODES + 1), "the tokens held");
    }

    /// @dev Takes a serial of the award, as a claim does.
    function _claim(bytes32 auction, uint64 serial) internal {
        address space = bidding.reservationAccount(auction);
        vm.prank(address(court));
        settlement.take(space, serial);
    }
}
