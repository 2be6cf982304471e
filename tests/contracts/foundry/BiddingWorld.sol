// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {IGridRegistry} from "../../../contracts/interfaces/IGridRegistry.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {AuctionTerms, Bid, QualityRule} from "../../../contracts/libraries/Auctions.sol";
import {JobOrder, Messages, NodeTerms} from "../../../contracts/libraries/Messages.sol";
import {SuanliDomain} from "../../../contracts/libraries/SuanliDomain.sol";
import {MintableToken} from "./MintableToken.sol";
import {SerialBook} from "./SerialBook.sol";
import {Parties, Party} from "./Parties.sol";
import {vm} from "./Vm.sol";

interface IPaidSerials {
    function take(address space, uint64 serial) external;
}

/// @title A buyer, an operator and six connected nodes of six owners; this test stands in the court's place
abstract contract BiddingWorld {
    uint64 internal constant START = 1_800_000_000;
    uint64 internal constant GRACE = 2 days;
    uint128 internal constant FUNDS = 1 << 100;
    uint256 internal constant NODES = 6;

    MintableToken internal token;
    ILedger internal ledger;
    IGridRegistry internal registry;
    IPaidSerials internal settlement;
    IBidding internal bidding;

    Party internal buyer;
    Party internal operator;
    Party[] internal nodes;
    Party[] internal owners;

    function setUp() public virtual {
        vm.warp(START);
        _deploy();
        (buyer, operator) = (Parties.make(0xB0, 1)[0], Parties.make(0xE0, 1)[0]);
        _fund(buyer.account);
        (Party[] memory keys, Party[] memory holders) = (Parties.make(0xA0, NODES), Parties.make(0xC0, NODES));
        for (uint256 i = 0; i < NODES; ++i) {
            nodes.push(keys[i]);
            owners.push(holders[i]);
            _fund(owners[i].account);
            NodeTerms memory terms = NodeTerms(keys[i].account, holders[i].account, 0, 1000, START);
            bytes32 id = Messages.hash(terms);
            registry.connect(terms, _sign(owners[i], id), _sign(nodes[i], id));
        }
    }

    function _deploy() private {
        token = MintableToken(vm.deployCode("MintableToken.sol"));
        uint64 nonce = vm.getNonce(address(this));
        address[] memory places = new address[](5);
        for (uint64 i = 0; i < 5; ++i) {
            places[i] = vm.computeCreateAddress(address(this), nonce + i);
        }
        address[] memory modules = new address[](1);
        modules[0] = places[4];
        bytes memory arguments = abi.encode(address(this), 1 days, address(this), places[1], places);
        vm.deployCode("Authority.sol", arguments);
        arguments = abi.encode(token, places[0], places[2], places[3], modules, 3 days, 30 days);
        ledger = ILedger(vm.deployCode("Ledger.sol", arguments));
        arguments = abi.encode(ledger, places[0], places[3], address(this), 1000, 7 days);
        registry = IGridRegistry(vm.deployCode("GridRegistry.sol", arguments));
        settlement = IPaidSerials(address(new SerialBook()));
        arguments = abi.encode(ledger, registry, address(this), places[0], GRACE);
        bidding = IBidding(vm.deployCode("Bidding.sol", arguments));
    }

    function _fund(address account) internal {
        token.mint(address(this), FUNDS);
        token.approve(address(ledger), FUNDS);
        ledger.deposit(account, FUNDS);
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

    function _balance(address account) internal view returns (uint256 balance) {
        (balance,) = ledger.accountOf(account);
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

    function _sign(Party memory signer, bytes32 structHash) internal view returns (bytes memory) {
        bytes32 separator = SuanliDomain(address(registry)).domainSeparator();
        (bytes32 r, bytes32 vs) =
            vm.signCompact(signer.key, keccak256(abi.encodePacked(hex"1901", separator, structHash)));
        return abi.encodePacked(r, vs);
    }

    function _within(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + value % (most - least + 1);
    }
}
