// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {blockVm} from "../../CourtHouse.sol";
import {Deployment} from "../../Deployment.sol";
import {Party} from "../../Parties.sol";
import {vm} from "../../Vm.sol";

/// @title Fourteen people, each of whom buys, owns nodes, bids, claims, challenges, judges and operates
/// @notice Each move says whose signature debits somebody; `watched` sees to it that nobody else's balance
/// falls. A move that reverts leaves nothing here either.
abstract contract People is Deployment {
    uint256 internal constant PEOPLE = 14;
    uint256 internal constant NODES = 18;
    uint256 internal constant FUNDS = 1e9;
    uint128 internal constant STAKE = 3000;
    uint16 internal constant FEE_BASIS_POINTS = 333;
    uint256 internal constant BLOCK_SECONDS = 12;
    address internal constant BURNED = 0x000000000000000000000000000000000000dEaD;

    Party[] internal people;
    Party[] internal nodes;

    uint256 public deposited;
    uint256 public withdrawn;
    uint256 public donated;
    uint256 public unsignedDebits;
    uint256 public paidTwice;

    /// Who signed, in the move under way, for money to leave its account.
    mapping(address account => bool) private _isSignatory;
    mapping(bytes32 task => bool) private _isPaid;
    uint256 private _stirrings;

    modifier watched() {
        uint256[] memory before = _balances();
        _;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            address account = people[i].account;
            if (!_isSignatory[account] && _balance(account) < before[i]) ++unsignedDebits;
            delete _isSignatory[account];
        }
    }

    constructor() {
        _deploy(FEE_BASIS_POINTS);
        blockVm.roll(1000);
        for (uint256 i = 0; i < NODES; ++i) {
            nodes.push(Party(vm.addr(0xA000 + i), 0xA000 + i));
            if (i >= PEOPLE) continue;
            people.push(Party(vm.addr(0xB000 + i), 0xB000 + i));
            _fund(people[i].account, FUNDS);
            _connect(nodes[i], people[i], STAKE);
        }
        deposited = PEOPLE * FUNDS;
        _pass(1 days);
    }

    function _person(uint256 which) internal view returns (Party memory) {
        return people[which % PEOPLE];
    }

    function _account(uint256 which) internal view returns (address) {
        return people[which % PEOPLE].account;
    }

    function _placeOfPerson(address person) internal view returns (uint256 place) {
        while (people[place].account != person) ++place;
    }

    /// @dev The account's balance may fall in this move.
    function _signs(address account) internal {
        _isSignatory[account] = true;
    }

    /// @dev Fuzzers prefer zeros and values seen before; this makes any of them equally good.
    function _stirred(uint256 random) internal returns (uint256) {
        return uint256(keccak256(abi.encode(random, ++_stirrings)));
    }

    /// @dev A task of this space was paid, by whatever way.
    function _enterPaid(address space, uint64 serial) internal {
        bytes32 task = keccak256(abi.encode(space, serial));
        if (_isPaid[task]) ++paidTwice;
        _isPaid[task] = true;
    }

    function _pass(uint256 time) internal {
        vm.warp(_now() + time);
        blockVm.roll(blockVm.getBlockNumber() + time / BLOCK_SECONDS + 1);
    }

    function _passUntil(uint256 time) internal {
        if (time > _now()) _pass(time - _now());
    }

    function _balances() private view returns (uint256[] memory balances) {
        balances = new uint256[](PEOPLE);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            balances[i] = _balance(people[i].account);
        }
    }
}
