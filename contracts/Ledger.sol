// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {Account, Accounts} from "./libraries/Accounts.sol";
import {Posting, Postings} from "./libraries/Postings.sol";
import {Stoppable} from "./libraries/Stoppable.sol";

/// @title Ledger
/// @notice Documented in ILedger. Every function is: checks, effects, event, interaction.
contract Ledger is ILedger, Stoppable, ReentrancyGuardTransient {
    using Accounts for Account;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    struct Thaw {
        uint128 amount;
        uint64 readyAt;
    }

    uint64 public constant MAXIMUM_THAW_SECONDS = 90 days;
    uint64 public constant MAXIMUM_MODULE_DELAY_SECONDS = 3650 days;

    IERC20 public immutable token;
    address public immutable registry;
    address public immutable settlement;
    uint64 public immutable thawSeconds;
    uint64 public immutable moduleDelaySeconds;

    mapping(address account => Thaw) public thawingOf;
    mapping(address module => uint64) public moduleActiveAt;
    mapping(address account => Account) private _accounts;

    modifier onlySettlement() {
        _requireSettlement();
        _;
    }

    modifier onlyModule() {
        _requireModule();
        _;
    }

    constructor(
        IERC20 token_,
        address authority_,
        address registry_,
        address settlement_,
        address[] memory modules,
        uint64 thawSeconds_,
        uint64 moduleDelaySeconds_
    ) Stoppable(authority_) {
        if (address(token_).code.length == 0) {
            revert InvalidAddress(address(token_));
        }
        if (registry_ == address(0)) revert InvalidAddress(registry_);
        if (settlement_ == address(0) || settlement_ == registry_) revert InvalidAddress(settlement_);
        if (thawSeconds_ > MAXIMUM_THAW_SECONDS) revert ThawTooLong(thawSeconds_);
        if (moduleDelaySeconds_ > MAXIMUM_MODULE_DELAY_SECONDS) {
            revert ModuleDelayTooLong(moduleDelaySeconds_);
        }
        if (moduleDelaySeconds_ <= thawSeconds_) {
            revert ModuleDelayTooShort(moduleDelaySeconds_, thawSeconds_);
        }
        token = token_;
        registry = registry_;
        settlement = settlement_;
        thawSeconds = thawSeconds_;
        moduleDelaySeconds = moduleDelaySeconds_;
        for (uint256 i = 0; i < modules.length; ++i) {
            _activateModule(modules[i], block.timestamp);
        }
    }

    /// @inheritdoc ILedger
    function deposit(address account, uint256 amount) external whenNotPaused nonReentrant {
        _deposit(msg.sender, account, amount);
    }

    /// @inheritdoc ILedger
    function depositWithPermit(address owner, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        whenNotPaused
        nonReentrant
    {
        try IERC20Permit(address(token)).permit(owner, address(this), amount, deadline, v, r, s) {}
        catch {
            uint256 allowed = token.allowance(owner, address(this));
            if (allowed != amount) revert PermitRefused(owner, amount, allowed);
        }
        _deposit(owner, owner, amount);
    }

    /// @inheritdoc ILedger
    function thaw(uint128 amount) external {
        uint64 readyAt = amount == 0 ? 0 : (block.timestamp + thawSeconds).toUint64();
        thawingOf[msg.sender] = Thaw(amount, readyAt);
        emit ThawStarted(msg.sender, amount, readyAt);
    }

    /// @inheritdoc ILedger
    function withdraw(address to) external nonReentrant {
        if (to == address(0) || to == address(this)) revert InvalidAddress(to);
        Thaw memory thawing = thawingOf[msg.sender];
        (uint128 balance, uint64 epoch) = _accounts[msg.sender].read();
        uint128 amount = thawing.amount < balance ? thawing.amount : balance;
        if (amount == 0) revert NothingThawing(msg.sender);
        if (block.timestamp < thawing.readyAt) revert StillThawing(thawing.readyAt);
        delete thawingOf[msg.sender];
        _accounts[msg.sender].write(balance - amount, epoch);
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc ILedger
    function settle(uint64 epoch, Posting[] calldata debits, Posting[] calldata credits)
        external
        onlySettlement
    {
        uint256 debited = _debitAll(epoch, debits);
        uint256 credited = _creditAll(credits);
        if (debited != credited) revert Unbalanced(debited, credited);
    }

    /// @inheritdoc ILedger
    function postLines(Posting[] calldata debits, Posting[] calldata credits) external {
        if (msg.sender != settlement) revert NotSettlement(msg.sender);
        uint256 debited;
        for (uint256 i = 0; i < debits.length; ++i) {
            Posting posting = Postings.read(debits, i);
            Account storage slot = _accounts[posting.account()];
            (uint128 balance,) = slot.read();
            uint128 amount = posting.amount();
            if (balance < amount) revert BalanceTooSmall(posting.account(), balance, amount);
            slot.debit(amount);
            unchecked {
                debited += amount;
            }
        }
        uint256 credited = _creditAll(credits);
        if (debited != credited) revert Unbalanced(debited, credited);
    }

    /// @inheritdoc ILedger
    function move(address from, address to, uint128 amount) external onlyModule {
        if (to == address(0)) revert InvalidAddress(to);
        _debit(from, amount);
        _accounts[to].credit(amount);
        emit Moved(from, to, amount);
    }

    /// @inheritdoc ILedger
    function advanceEpoch(address account, uint64 epoch) external onlySettlement {
        _requireReached(epoch);
        (uint128 balance, uint64 last) = _accounts[account].read();
        if (epoch <= last) revert EpochUsed(account, epoch, last);
        _accounts[account].write(balance, epoch);
        emit EpochAdvanced(account, epoch);
    }

    /// @inheritdoc ILedger
    function scheduleModule(address module) external restricted {
        if (module.code.length == 0) revert InvalidAddress(module);
        _activateModule(module, block.timestamp + moduleDelaySeconds);
    }

    /// @inheritdoc ILedger
    function accountOf(address account) external view returns (uint128 balance, uint64 epoch) {
        return _accounts[account].read();
    }

    /// @inheritdoc ILedger
    function isModule(address module) public view returns (bool) {
        if (module == settlement || module == registry) return true;
        uint64 activeAt = moduleActiveAt[module];
        return activeAt != 0 && block.timestamp >= activeAt;
    }

    /// @dev Measures what arrived: a token that takes a fee would make the books exceed the tokens held.
    function _deposit(address payer, address account, uint256 amount) private {
        if (account == address(0)) revert InvalidAddress(account);
        if (amount == 0 || amount > type(uint128).max) revert InvalidAmount(amount);
        _accounts[account].credit(uint128(amount));
        emit Deposited(account, payer, amount);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(payer, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert TransferMismatch(amount, received);
    }

    function _debitAll(uint64 epoch, Posting[] calldata debits) private returns (uint256 debited) {
        _requireReached(epoch);
        for (uint256 i = 0; i < debits.length; ++i) {
            Posting posting = Postings.read(debits, i);
            Account storage slot = _accounts[posting.account()];
            (uint128 balance, uint64 last) = slot.read();
            uint128 amount = posting.amount();
            if (epoch <= last) revert EpochUsed(posting.account(), epoch, last);
            if (balance < amount) revert BalanceTooSmall(posting.account(), balance, amount);
            unchecked {
                slot.write(balance - amount, epoch);
                debited += amount;
            }
        }
    }

    function _creditAll(Posting[] calldata credits) private returns (uint256 credited) {
        for (uint256 i = 0; i < credits.length; ++i) {
            Posting posting = Postings.read(credits, i);
            _accounts[posting.account()].credit(posting.amount());
            unchecked {
                credited += posting.amount();
            }
        }
    }

    function _debit(address account, uint128 amount) private {
        Account storage slot = _accounts[account];
        (uint128 balance,) = slot.read();
        if (balance < amount) revert BalanceTooSmall(account, balance, amount);
        slot.debit(amount);
    }

    function _activateModule(address module, uint256 time) private {
        if (module == address(0) || module == registry || module == settlement) {
            revert InvalidAddress(module);
        }
        if (moduleActiveAt[module] != 0) revert ModuleKnown(module, moduleActiveAt[module]);
        uint64 activeAt = time.toUint64();
        moduleActiveAt[module] = activeAt;
        emit ModuleScheduled(module, activeAt);
    }

    function _requireSettlement() private view {
        if (msg.sender != settlement) revert NotSettlement(msg.sender);
    }

    function _requireModule() private view {
        if (!isModule(msg.sender)) revert NotModule(msg.sender);
    }

    function _requireReached(uint64 epoch) private view {
        if (epoch > block.timestamp) revert EpochInFuture(epoch, block.timestamp);
    }
}
