// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Ledger} from "../../../contracts/Ledger.sol";
import {Posting} from "../../../contracts/libraries/Postings.sol";
import {vm} from "../foundry/Vm.sol";

/// @title For every balance and amount: whatever the Ledger's modules ask for, the sum of accounts stays
/// @notice This contract is settlement, a module and the token at once. Parties may be one and the same.
contract LedgerProof {
    uint256 private constant PARTIES = 3;
    uint256 private constant LATE = 1 << 40;
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    address private constant CAROL = address(0xCA401);

    Ledger private _ledger;
    address[PARTIES] private _parties;

    /// @dev Balances come in as deposits come: through the contract.
    function setUp() external {
        address[] memory modules = new address[](0);
        _ledger = new Ledger(IERC20(address(this)), address(this), address(1), address(this), modules, 1, 2);
    }

    function check_MoveConservesAndDebitsOnlyTheNamed(
        address from,
        address to,
        address third,
        uint128[PARTIES] memory balances,
        uint128 amount
    ) external {
        _give(from, to, third, balances);
        uint256 before = _sum();
        (uint256 fromBefore, uint256 thirdBefore) = (_balance(from), _balance(third));
        _ledger.move(from, to, amount);
        assert(_sum() == before);
        assert(fromBefore >= amount);
        assert(_balance(from) == (from == to ? fromBefore : fromBefore - amount));
        if (third != from && third != to) assert(_balance(third) == thirdBefore);
    }

    function check_PostLinesConserves(
        uint128[PARTIES] memory balances,
        uint96[2] memory debits,
        uint96[2] memory credits
    ) external {
        _give(ALICE, BOB, CAROL, balances);
        _ledger.postLines(
            _lines(ALICE, debits[0], BOB, debits[1]), _lines(BOB, credits[0], CAROL, credits[1])
        );
        assert(uint256(debits[0]) + debits[1] == uint256(credits[0]) + credits[1]);
        assert(_balance(ALICE) == uint256(balances[0]) - debits[0]);
        assert(_balance(BOB) == uint256(balances[1]) - debits[1] + credits[0]);
        assert(_balance(CAROL) == uint256(balances[2]) + credits[1]);
    }

    function check_SettleConservesAndRaisesOnlyThePayersEpochs(
        uint128[PARTIES] memory balances,
        uint96[2] memory debits,
        uint96[2] memory credits,
        uint64 epoch
    ) external {
        _give(ALICE, BOB, CAROL, balances);
        vm.warp(LATE);
        _ledger.settle(
            epoch, _lines(ALICE, debits[0], BOB, debits[1]), _lines(BOB, credits[0], CAROL, credits[1])
        );
        assert(uint256(debits[0]) + debits[1] == uint256(credits[0]) + credits[1]);
        assert(_balance(ALICE) == uint256(balances[0]) - debits[0]);
        assert(_balance(BOB) == uint256(balances[1]) - debits[1] + credits[0]);
        assert(_balance(CAROL) == uint256(balances[2]) + credits[1]);
        assert(_epoch(ALICE) == epoch && _epoch(BOB) == epoch && _epoch(CAROL) == 0 && epoch <= LATE);
    }

    function check_EpochIsTakenOnce(
        address payer,
        address payee,
        uint128 balance,
        uint96 amount,
        uint64[2] memory epochs
    ) external {
        vm.warp(LATE);
        _deposit(payer, balance);
        _ledger.settle(epochs[0], _line(payer, amount), _line(payee, amount));
        _ledger.settle(epochs[1], _line(payer, amount), _line(payee, amount));
        assert(epochs[1] > epochs[0]);
    }

    function check_ThawedMoneyLeavesOnceAndNoMoreThanThereIs(uint128 balance, uint128 thawing, uint128 spent)
        external
    {
        _deposit(address(this), balance);
        _ledger.thaw(thawing);
        _ledger.move(address(this), ALICE, spent);
        uint256 left = _balance(address(this));
        vm.warp(LATE);
        _ledger.withdraw(BOB);
        uint256 out = left - _balance(address(this));
        assert(out == (thawing < left ? thawing : left));
        assert(balanceOf[address(_ledger)] == uint256(balance) - out);
        (uint128 again,) = _ledger.thawingOf(address(this));
        assert(again == 0);
    }

    /// @dev The token: takes and gives whatever is asked for, and counts what the Ledger holds.
    mapping(address holder => uint256) public balanceOf;

    function transferFrom(address, address to, uint256 amount) external returns (bool) {
        balanceOf[to] += amount;
        return true;
    }

    function transfer(address, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        return true;
    }

    function _give(address a, address b, address c, uint128[PARTIES] memory balances) private {
        _parties = [a, b, c];
        _deposit(a, balances[0]);
        if (b != a) _deposit(b, balances[1]);
        if (c != a && c != b) _deposit(c, balances[2]);
    }

    function _deposit(address account, uint128 amount) private {
        if (amount != 0) _ledger.deposit(account, amount);
    }

    function _sum() private view returns (uint256 sum) {
        sum = _balance(_parties[0]);
        if (_parties[1] != _parties[0]) sum += _balance(_parties[1]);
        if (_parties[2] != _parties[0] && _parties[2] != _parties[1]) sum += _balance(_parties[2]);
    }

    function _balance(address account) private view returns (uint256 balance) {
        (balance,) = _ledger.accountOf(account);
    }

    function _epoch(address account) private view returns (uint64 epoch) {
        (, epoch) = _ledger.accountOf(account);
    }

    function _line(address a, uint96 x) private pure returns (Posting[] memory lines) {
        lines = new Posting[](1);
        lines[0] = Posting.wrap(uint256(uint160(a)) << 96 | x);
    }

    function _lines(address a, uint96 x, address b, uint96 y) private pure returns (Posting[] memory lines) {
        lines = new Posting[](2);
        (lines[0], lines[1]) = (_line(a, x)[0], _line(b, y)[0]);
    }
}
