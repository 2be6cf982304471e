// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Posting} from "../libraries/Postings.sol";

/// @title The only contract that holds money
/// @notice Accounts of one ERC-20 token, in atoms (its smallest unit).
///
/// Books: tokens held >= sum of balances, with equality unless somebody sends tokens here without depositing
/// (such a gift belongs to nobody and stays). Stakes, bonds and reservations are balances too: each stands in
/// the account of the contract that keeps it, or in one of its own, at an address that nobody can sign for.
///
/// Trust:
/// - Modules move money between accounts: `settlement` and `registry`, which are immutable, the modules named
///   when this contract was made, and those that the Authority schedules later. None can send a token out of
///   this contract: only `withdraw` does, and only for `msg.sender`'s own account.
/// - A scheduled module gains power `moduleDelaySeconds` after it was announced in an event. The delay is
///   fixed for good and longer than the thaw and the unbonding of stakes, so whoever distrusts the module is
///   gone before it begins. No module is ever removed: that could block an exit.
/// - The Authority can also pause deposits. It can do nothing else here, and there is no upgrade.
/// - The token must be a plain ERC-20. One that takes a fee on transfer cannot be deposited; one that rebases
///   downwards, freezes or seizes balances puts at risk what it governs, as it would in any wallet.
///
/// What a party can lose: an account never more than it signed away (see ISettlement, IGridRegistry, IBidding
/// and the other modules). Whoever earns money holds it here until they withdraw; the wait is `thawSeconds`,
/// at most 90 days, and nobody can prolong it.
interface ILedger {
    /// Only the Settlement contract may do this.
    error NotSettlement(address caller);
    /// Only a module may do this, and a scheduled one not before its time.
    error NotModule(address caller);
    /// The module has power, or will have it, from `activeAt` on (seconds since the Unix epoch).
    error ModuleKnown(address module, uint64 activeAt);
    /// Modules must wait longer than money needs to leave.
    error ModuleDelayTooShort(uint64 moduleDelaySeconds, uint64 exitSeconds);
    /// Modules would wait so long that none could ever follow.
    error ModuleDelayTooLong(uint64 moduleDelaySeconds);
    /// The address cannot have an account, receive a withdrawal or take this place in the deployment.
    error InvalidAddress(address account);
    /// Zero, or more than 2^128 - 1 atoms.
    error InvalidAmount(uint256 amount);
    /// The token moved another amount than it was told to.
    error TransferMismatch(uint256 expected, uint256 received);
    /// The permit was refused and the owner's allowance is not exactly the permit's amount either.
    error PermitRefused(address owner, uint256 amount, uint256 allowance);
    /// The account holds less than it should give.
    error BalanceTooSmall(address account, uint256 balance, uint256 needed);
    /// The account has nothing that thaws, or nothing left that could be paid out.
    error NothingThawing(address account);
    /// The thaw ends at `readyAt` (seconds since the Unix epoch).
    error StillThawing(uint64 readyAt);
    /// The account has already taken an epoch as high as this one.
    error EpochUsed(address account, uint64 epoch, uint64 last);
    /// Epochs may not run ahead of the chain's clock, so that nobody can push an account out of reach for
    /// ever.
    error EpochInFuture(uint64 epoch, uint256 time);
    /// A batch must pay out exactly what it takes in.
    error Unbalanced(uint256 debited, uint256 credited);
    /// A thaw of this length would hold money too long.
    error ThawTooLong(uint64 thawSeconds);

    event Deposited(address indexed account, address indexed payer, uint256 amount);
    event ThawStarted(address indexed account, uint128 amount, uint64 readyAt);
    event Withdrawn(address indexed account, address indexed to, uint128 amount);
    event Moved(address indexed from, address indexed to, uint128 amount);
    event EpochAdvanced(address indexed account, uint64 epoch);
    event ModuleScheduled(address indexed module, uint64 activeAt);

    /// @notice The token of all accounts.
    function token() external view returns (IERC20);

    /// @notice The module that keeps the stakes.
    function registry() external view returns (address);

    /// @notice The module that applies payments.
    function settlement() external view returns (address);

    /// @notice Seconds between `thaw` and `withdraw`: the time in which co-signed payments can still be
    /// landed.
    function thawSeconds() external view returns (uint64);

    /// @notice Seconds between `scheduleModule` and the module's first power.
    function moduleDelaySeconds() external view returns (uint64);

    /// @notice When a module other than `registry` and `settlement` has power from; zero: never.
    function moduleActiveAt(address module) external view returns (uint64);

    /// @notice Whether `module` may move money now.
    function isModule(address module) external view returns (bool);

    /// @notice An account's money in atoms, thawing money included, and the last netting epoch it took.
    function accountOf(address account) external view returns (uint128 balance, uint64 epoch);

    /// @notice The amount the account asked to withdraw and when it may. It may exceed the balance by then.
    function thawingOf(address account) external view returns (uint128 amount, uint64 readyAt);

    /// @notice Takes `amount` from the caller (who approved it) and credits `account`.
    /// Trust: nobody else's tokens can be touched. Anyone may deposit for anyone. Not while paused.
    function deposit(address account, uint256 amount) external;

    /// @notice Takes `amount` from `owner` by their EIP-2612 permit and credits `owner`; anyone may relay it.
    /// A permit that somebody landed on the token beforehand does not block the deposit: the allowance it
    /// left is used, if it is exactly `amount`. So an unlimited allowance cannot be deposited by strangers.
    /// Not while paused.
    function depositWithPermit(address owner, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;

    /// @notice Asks to withdraw `amount` after `thawSeconds`; replaces what was asked before, zero cancels
    /// it. The money stays in the balance and can pay until it is withdrawn, so partners should count on
    /// balance - thawing only. May exceed the balance: what is there when the time comes is paid.
    function thaw(uint128 amount) external;

    /// @notice Pays the caller's thawed money, at most the balance, to `to`, and ends the thaw.
    /// Nobody can prevent this for longer than `thawSeconds`, counted from the caller's own `thaw`.
    function withdraw(address to) external;

    /// @notice Applies one batch: `debits` consume `epoch` of each account, `credits` pay. Only for
    /// Settlement. Debits come first, so a debited account must hold its whole debit before the batch.
    /// Accounts that are only credited neither sign nor spend an epoch here. Trust: Settlement has checked
    /// the signatures.
    function settle(uint64 epoch, Posting[] calldata debits, Posting[] calldata credits) external;

    /// @notice The same without epochs, for statements: their serials are their replay guard. Silent: the
    /// caller's events and calldata tell what was paid. Only for Settlement. Trust: as for `settle`.
    function postLines(Posting[] calldata debits, Posting[] calldata credits) external;

    /// @notice Moves `amount` from one account to another, also to itself. Only for modules. Trust: the
    /// module has checked that the debited party signed for it, or that its published rules or timeouts say
    /// so.
    function move(address from, address to, uint128 amount) external;

    /// @notice Consumes `epoch` of `account` without a payment. Only for Settlement, on the account's own
    /// call.
    function advanceEpoch(address account, uint64 epoch) external;

    /// @notice Announces a module: it has power `moduleDelaySeconds` from now. Only for the Authority. It
    /// must be a contract already, so that anyone can read it while it waits.
    function scheduleModule(address module) external;
}
