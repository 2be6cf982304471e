// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Statement} from "../libraries/Messages.sol";
import {IBidding} from "./IBidding.sol";
import {IGridRegistry} from "./IGridRegistry.sol";
import {ILedger} from "./ILedger.sol";

/// @title How finished work is paid
/// @notice Three ways that both sides sign, cheapest first; in each, every debited account and every paid
/// node has signed exactly the data that moves the money, and anyone may relay it. What one side claims alone
/// is heard by the ClaimCourt, which takes the same serials here.
///
/// 1. Netting: many tasks of many parties in one batch that every party signs once (`settleBatch`), or their
///    sums with a root over the receipts (`settleRoot`). A buyer's account takes each epoch at most once, so
///    of the variants of a batch that share an epoch at most one can land.
/// 2. Statement: one buyer and one node agree on what a list of receipts adds up to (`settleStatement`).
/// 3. The same from money that the buyer set aside for an order (`settleReserved`).
///
/// Every lease has a serial in its node's space, and every serial is paid at most once, whichever way, in
/// whatever order: `AlreadyPaid` otherwise. An award of an auction has a space of its own, that of its
/// reservation account, in which serials are task indexes.
///
/// Trust:
/// - No administrator. The fee is fixed for good, at most 10 %. Only netting carries it, the operator's
///   service: taken out of the node's part, rounded down per task (`settleBatch`) or per node (`settleRoot`).
/// - The contract does not look at receipts: it pays what both sides signed, into the account that they named
///   for the node. Sign only where that account is the node's owner and the serials are those of your leases.
/// - What uses up a serial of a node is that node's signature, or its own claim, and nothing else. So a node
///   that signs each serial once, and works under no lease whose serial it has signed or `isPaid` names, can
///   claim for all its work.
/// - `court` takes serials for claims and gives them back when a claim fails. It is an immutable contract.
///
/// What a party can lose: a buyer what they, their contract or a delegate within its cap signed; a node a
/// payment that the buyer will not sign or no longer holds; whoever relays, gas.
interface ISettlement {
    /// Only the ClaimCourt may do this.
    error NotCourt(address caller);
    /// A statement is for one receipt or more, and its marks are as many serials.
    error ReceiptsMismatch(uint32 receipts, uint256 serials);
    /// The statement was signed for other marks.
    error MarksMismatch(bytes32 expected, bytes32 given);
    /// The masks of the batch mark another number of serials than it has tasks.
    error TasksMismatch(uint32 tasks, uint256 serials);
    /// Nothing was ever reserved for this order.
    error ReservationUnknown(bytes32 order);
    /// A statement names the buyer of the reservation it draws on; for an award, the reservation's account.
    error WrongReservation(bytes32 order, address expected, address given);
    /// A fee above the hard cap.
    error FeeTooHigh(uint16 feeBasisPoints);
    /// The address cannot take this place in the deployment.
    error InvalidAddress(address account);
    /// The contract at this address was not made for this deployment.
    error WrongDeployment(address part);

    /// `batch` is the keccak256 of the packed batch, `volume` what buyers paid in atoms, `fee` the part of
    /// it that went to the fee recipient. The tasks themselves are the transaction's calldata.
    event BatchSettled(uint64 indexed epoch, bytes32 indexed batch, uint128 volume, uint128 fee);

    /// The same for a batch by root: `root` is the tree over the ids of its `tasks` receipts.
    event RootSettled(
        uint64 indexed epoch, bytes32 indexed batch, bytes32 root, uint32 tasks, uint128 volume, uint128 fee
    );

    /// `amount` went to `payee`; the serials are the transaction's calldata.
    event StatementSettled(
        address indexed buyer,
        address indexed node,
        address payee,
        uint128 amount,
        uint32 receipts,
        bytes32 receiptsRoot
    );

    /// Statements that landed in one batch of this keccak256; `volume` is their sum in atoms. The statements
    /// themselves are the transaction's calldata.
    event StatementsSettled(bytes32 indexed batch, uint32 statements, uint128 volume);

    /// In addition when the money came from the reservation of `order`; `statement` is the struct hash.
    event ReservationDrawn(bytes32 indexed order, bytes32 indexed statement, uint128 amount);

    /// @notice The contract that holds the money.
    function ledger() external view returns (ILedger);

    /// @notice The contract that knows owners and delegates.
    function registry() external view returns (IGridRegistry);

    /// @notice The contract that knows reservations and awards.
    function bidding() external view returns (IBidding);

    /// @notice The contract that hears claims.
    function court() external view returns (address);

    /// @notice The account that receives fees.
    function feeRecipient() external view returns (address);

    /// @notice The fee in hundredths of a percent of each payment by netting.
    function feeBasisPoints() external view returns (uint16);

    /// @notice Whether the serial is paid, or claimed. `space` is the node's address, or an award's
    /// reservation account.
    function isPaid(address space, uint64 serial) external view returns (bool);

    /// @notice The serials `256 * word` to `256 * word + 255`, lowest bit first: which are paid or claimed.
    function paidWord(address space, uint256 word) external view returns (uint256);

    /// @notice Pays a batch. `batch` is packed as PackedBatch says; `signatures` are 64 bytes (EIP-2098)
    /// for each party, buyers first, then nodes, over Netting(epoch, keccak256(batch)). A buyer signs by
    /// key, by a delegate (whose cap is drawn) or, as a contract, by ERC-1271: its slot then points to a
    /// longer signature behind the slots (see Signatures.inTail). A node signs by the node key. Every buyer's
    /// epoch becomes the batch's. All or nothing.
    function settleBatch(bytes calldata batch, bytes calldata signatures) external;

    /// @notice The same for a batch packed as RootBatch says, over RootNetting(epoch, keccak256(batch)).
    function settleRoot(bytes calldata batch, bytes calldata signatures) external;

    /// @notice Pays a statement from the buyer's account. `marks` are its serials, packed as SerialBits says,
    /// in the node's space. Amounts are below 2^96. The buyer signs by key (64 or 65 bytes, low s), by
    /// ERC-1271 or by a delegate (whose cap is drawn); the node by the node key.
    function settleStatement(
        Statement calldata statement,
        bytes calldata marks,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) external;

    /// @notice Pays the statements of a batch packed as StatementBatch says, as `settleStatement` would pay
    /// them one by one, for less. Each carries both its signatures (EIP-2098), by keys only: the buyer's or a
    /// delegate's, and the node's. What an account pays and receives is posted at once, debits first, so a
    /// buyer must hold the sum of its statements before the batch. All or nothing.
    function settleStatements(bytes calldata batch) external;

    /// @notice Pays a statement from the reservation of `order`. The statement names the reservation's buyer;
    /// for an award it names the reservation's account, for which the auction's buyer signs. The guardian
    /// signs Draw(order, statement) by key or ERC-1271, unless it is the statement's node: it keeps count of
    /// what the reservation must pay.
    function settleReserved(
        Statement calldata statement,
        bytes calldata marks,
        bytes32 order,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature,
        bytes calldata guardianSignature
    ) external;

    /// @notice The caller's account takes `epoch` without a payment: no batch up to it can touch the
    /// account any more.
    function advanceEpoch(uint64 epoch) external;

    /// @notice Marks a serial for a claim; reverts if it is paid or claimed. Only for the ClaimCourt.
    function take(address space, uint64 serial) external;

    /// @notice Takes the mark of a claim that failed away. Only for the ClaimCourt, for serials that it took.
    function giveBack(address space, uint64 serial) external;
}
