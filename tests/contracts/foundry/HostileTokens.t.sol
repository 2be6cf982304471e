// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {FeeToken} from "../../../contracts/test/FeeToken.sol";
import {ReentrantToken} from "../../../contracts/test/ReentrantToken.sol";
import {vm} from "./Vm.sol";

/// @title A token whose issuer changes holdings at will
contract RebasingToken is ERC20 {
    constructor() ERC20("Rebasing Token", "RB") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }
}

/// @title A token that says no instead of reverting, or says nothing at all
contract QuietToken {
    bool public answers;
    mapping(address holder => uint256) public balanceOf;

    constructor(bool answers_) {
        answers = answers_;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function _move(address from, address to, uint256 amount) private {
        if (answers) {
            assembly ("memory-safe") {
                mstore(0, 0)
                return(0, 32)
            }
        }
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @title Tokens that misbehave cannot make the books exceed the tokens held, nor mix up two accounts
/// @notice This contract is the Ledger's settlement and its authority.
contract HostileTokensTest {
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);
    uint128 private constant AMOUNT = 1000;

    ILedger private _ledger;

    function test_FeeOnTransferIsRefusedAlsoWithAPermit() public {
        FeeToken token = FeeToken(vm.deployCode("FeeToken.sol"));
        _deploy(address(token));
        token.mint(ALICE, AMOUNT);
        vm.prank(ALICE);
        token.approve(address(_ledger), AMOUNT);
        bytes memory refusal = abi.encodeWithSelector(ILedger.TransferMismatch.selector, AMOUNT, AMOUNT - 1);
        vm.expectRevert(refusal);
        _ledger.depositWithPermit(ALICE, AMOUNT, type(uint256).max, 27, 0, 0);
        vm.prank(ALICE);
        vm.expectRevert(refusal);
        _ledger.deposit(ALICE, AMOUNT);
    }

    /// What an issuer adds belongs to nobody; what it takes, the last to leave lack, and nobody before.
    function test_RebasingChangesNoAccount() public {
        RebasingToken token = new RebasingToken();
        _deploy(address(token));
        _deposit(token, ALICE);
        _deposit(token, BOB);
        token.mint(address(_ledger), 77);
        _requireBalances();
        token.burn(address(_ledger), 177);
        _requireBalances();
        _withdraw(ALICE);
        vm.assertEq(token.balanceOf(ALICE), AMOUNT, "the first gets all");
        _thaw(BOB);
        vm.prank(BOB);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")));
        _ledger.withdraw(BOB);
        vm.assertEq(_balance(BOB), AMOUNT, "the claim stays in the books");
        token.mint(address(_ledger), 100);
        vm.prank(BOB);
        _ledger.withdraw(BOB);
        vm.assertEq(token.balanceOf(BOB), AMOUNT, "and is paid when the tokens are there");
    }

    function test_TokenWithoutAnAnswerIsTakenAndOneThatSaysNoIsNot() public {
        QuietToken token = new QuietToken(false);
        _deploy(address(token));
        token.mint(ALICE, AMOUNT);
        vm.prank(ALICE);
        _ledger.deposit(ALICE, AMOUNT);
        _withdraw(ALICE);
        vm.assertEq(token.balanceOf(ALICE), AMOUNT, "there and back");
        token = new QuietToken(true);
        _deploy(address(token));
        token.mint(ALICE, AMOUNT);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        _ledger.deposit(ALICE, AMOUNT);
    }

    /// In the middle of each transfer the token tries each function that moves tokens.
    function test_TokenEntersNoFunctionThatMovesTokensInTheMiddleOfAnother() public {
        ReentrantToken token = ReentrantToken(vm.deployCode("ReentrantToken.sol"));
        _deploy(address(token));
        _deposit(IERC20(address(token)), address(token));
        _deposit(IERC20(address(token)), ALICE);
        vm.prank(address(token));
        _ledger.thaw(AMOUNT);
        _thaw(ALICE);
        token.mint(BOB, AMOUNT);
        vm.prank(BOB);
        token.approve(address(_ledger), AMOUNT);
        bytes[3] memory calls = [
            abi.encodeCall(ILedger.deposit, (ALICE, 1)),
            abi.encodeCall(ILedger.withdraw, (ALICE)),
            abi.encodeCall(ILedger.depositWithPermit, (ALICE, 1, 0, 0, 0, 0))
        ];
        bytes memory refusal =
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        for (uint256 i = 0; i < calls.length; ++i) {
            token.arm(address(_ledger), calls[i]);
            vm.prank(BOB);
            vm.expectRevert(refusal);
            _ledger.deposit(BOB, AMOUNT);
            vm.expectRevert(refusal);
            _ledger.depositWithPermit(BOB, AMOUNT, 0, 0, 0, 0);
            vm.prank(ALICE);
            vm.expectRevert(refusal);
            _ledger.withdraw(ALICE);
        }
        vm.assertEq(_balance(ALICE) + _balance(address(token)), 2 * uint256(AMOUNT), "books");
        vm.assertEq(token.balanceOf(address(_ledger)), 2 * uint256(AMOUNT), "tokens");
    }

    function _deploy(address token) private {
        address[] memory modules = new address[](0);
        bytes memory arguments =
            abi.encode(token, address(this), address(1), address(this), modules, uint64(10), uint64(20));
        _ledger = ILedger(vm.deployCode("Ledger.sol", arguments));
    }

    function _deposit(IERC20 token, address account) private {
        RebasingToken(address(token)).mint(account, AMOUNT);
        vm.prank(account);
        token.approve(address(_ledger), AMOUNT);
        vm.prank(account);
        _ledger.deposit(account, AMOUNT);
    }

    function _withdraw(address account) private {
        _thaw(account);
        vm.prank(account);
        _ledger.withdraw(account);
    }

    function _thaw(address account) private {
        vm.prank(account);
        _ledger.thaw(AMOUNT);
        vm.warp(vm.getBlockTimestamp() + 10);
    }

    function _requireBalances() private view {
        vm.assertEq(_balance(ALICE), AMOUNT, "alice");
        vm.assertEq(_balance(BOB), AMOUNT, "bob");
    }

    function _balance(address account) private view returns (uint256 balance) {
        (balance,) = _ledger.accountOf(account);
    }
}
