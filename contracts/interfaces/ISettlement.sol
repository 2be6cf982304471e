// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Statement} from "../libraries/Messages.sol";
import {IGridRegistry} from "./IGridRegistry.sol";
import {ILedger} from "./ILedger.sol";

/// @notice A bilateral statement with the signatures of both sides.
struct SignedStatement {
    Statement statement;
    bytes buyerSignature;
    bytes nodeSignature;
}

/// @title How finished work is paid
/// @notice Two ways, cheapest first; in both every debited account and every paid node has signed exactly
/// the data that moves the money, and anyone may relay it.
///
/// 1. Netting: many tasks of many parties in one batch that every party signs once. A buyer's account takes
///    each epoch at most once, so of the variants of a batch that share an epoch at most one can land.
/// 2. Statement: one buyer and one node agree on the running total over a growing list of receipts; the
///    growth since the last statement is paid.
///
/// Trust:
/// - No administrator. The fee is fixed for good, at most 10 %, taken out of the node's part of each
///   payment and rounded down per task (netting) or per growth (statement).
/// - The contract does not look at receipts: it pays what both sides signed. That a receipt is paid by one
///   way only is the signers' rule: move it from netting to a statement only when every epoch it was
///   proposed in is used up, by a later batch or by `advanceEpoch`.
/// - A node is paid into the Ledger account of its owner, whatever state the node is in.
///
/// What a party can lose: a buyer what they, their contract or a delegate within its cap signed; a node a
/// payment that the buyer will not sign or no longer holds; whoever relays, gas.
interface ISettlement {
    /// The signatures of a batch are 64 bytes for each party.
    error SignaturesLength(uint256 expected, uint256 given);
    /// A statement must exceed what the pair has settled by statements so far.
    error StatementNotGrown(address buyer, address node, uint128 amount, uint128 paid);
    /// A fee above the hard cap.
    error FeeTooHigh(uint16 feeBasisPoints);
    /// The address cannot take this place in the deployment.
    error InvalidAddress(address account);
    /// The contract at this address was not made for this deployment.
    error WrongDeployment(address part);

    /// `batch` is the keccak256 of the packed batch, `volume` what buyers paid in atoms, `fee` the part of
    /// it that went to the fee recipient. The tasks themselves are the transaction's calldata.
    event BatchSettled(uint64 indexed epoch, bytes32 indexed batch, uint128 volume, uint128 fee);

    /// `amount` is the statement's total, `paid` what this settlement moved (`fee` of it to the fee
    /// recipient).
    event StatementSettled(
        address indexed buyer,
        address indexed node,
        uint128 amount,
        uint128 paid,
        uint128 fee,
        uint32 receipts,
        bytes32 receiptsRoot
    );

    /// @notice The contract that holds the money.
    function ledger() external view returns (ILedger);

    /// @notice The contract that knows owners and delegates.
    function registry() external view returns (IGridRegistry);

    /// @notice The account that receives fees.
    function feeRecipient() external view returns (address);

    /// @notice The fee in hundredths of a percent of each payment.
    function feeBasisPoints() external view returns (uint16);

    /// @notice What the pair has settled by statements so far, in atoms, the fee inside.
    function paidOf(address buyer, address node) external view returns (uint128);

    /// @notice Pays a batch. `batch` is packed as PackedBatch says; `signatures` are 64 bytes (EIP-2098)
    /// for each party, buyers first, then nodes, over Netting(epoch, keccak256(batch)). A buyer signs by
    /// key or by a delegate (whose cap is drawn); a node by the node key. Every buyer's epoch becomes the
    /// batch's. All or nothing. A contract account takes part through a delegate.
    function settleBatch(bytes calldata batch, bytes calldata signatures) external;

    /// @notice Pays what a statement exceeds the pair's last one by. The buyer signs by key (64 or 65
    /// bytes, low s), by ERC-1271 or by a delegate (whose cap is drawn); the node by the node key.
    function settleStatement(
        Statement calldata statement,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) external;

    /// @notice The same for many statements: all or nothing.
    function settleStatements(SignedStatement[] calldata statements) external;

    /// @notice The caller's account takes `epoch` without a payment: no batch up to it can touch the
    /// account any more.
    function advanceEpoch(uint64 epoch) external;
}
