// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {IGridRegistry} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ISettlement, SignedStatement} from "./interfaces/ISettlement.sol";
import {Messages, Netting, Statement} from "./libraries/Messages.sol";
import {PackedBatch} from "./libraries/PackedBatch.sol";
import {Postings} from "./libraries/Postings.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title Settlement
/// @notice Documented in ISettlement. Every function is: checks, effects, event, interaction.
contract Settlement is ISettlement, SuanliDomain {
    using Arrays for address[];
    using PackedBatch for bytes;

    uint16 public constant MAXIMUM_FEE_BASIS_POINTS = 1000;

    ILedger public immutable ledger;
    IGridRegistry public immutable registry;
    address public immutable feeRecipient;
    uint16 public immutable feeBasisPoints;

    mapping(address buyer => mapping(address node => uint128)) public paidOf;

    constructor(ILedger ledger_, IGridRegistry registry_, address feeRecipient_, uint16 feeBasisPoints_)
        SuanliDomain(address(ledger_))
    {
        if (feeRecipient_ == address(0)) revert InvalidAddress(feeRecipient_);
        if (feeBasisPoints_ > MAXIMUM_FEE_BASIS_POINTS) revert FeeTooHigh(feeBasisPoints_);
        _requireSameDeployment(ledger_, registry_);
        ledger = ledger_;
        registry = registry_;
        feeRecipient = feeRecipient_;
        feeBasisPoints = feeBasisPoints_;
    }

    /// @inheritdoc ISettlement
    function settleBatch(bytes calldata batch, bytes calldata signatures) external {
        PackedBatch.Head memory head = batch.head();
        uint256 expected = (head.buyers + head.nodes) * Signatures.COMPACT_BYTES;
        if (signatures.length != expected) revert SignaturesLength(expected, signatures.length);
        bytes32 batchHash = batch.hash();
        bytes32 digest = _digest(Messages.hash(Netting(head.epoch, batchHash)));
        address[] memory signers = Signatures.recoverEach(digest, signatures);
        (address[] memory buyers, address[] memory nodes) = (batch.buyers(head), batch.nodes(head));
        PackedBatch.Tally memory sums = batch.tally(head, feeBasisPoints);
        _requireBuyersSigned(buyers, signers, sums.debits);
        _requireNodesSigned(nodes, signers, buyers.length);
        uint256 fee = sums.credits[nodes.length] = sums.volume - sums.earned;
        emit BatchSettled(head.epoch, batchHash, uint128(sums.volume), uint128(fee));
        ledger.settle(
            head.epoch,
            Postings.post(buyers, sums.debits),
            Postings.post(registry.ownersOf(nodes), feeRecipient, sums.credits)
        );
    }

    /// @inheritdoc ISettlement
    function settleStatement(
        Statement calldata statement,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) external {
        _settle(statement, buyerSignature, nodeSignature);
    }

    /// @inheritdoc ISettlement
    function settleStatements(SignedStatement[] calldata statements) external {
        for (uint256 i = 0; i < statements.length; ++i) {
            SignedStatement calldata signed = statements[i];
            _settle(signed.statement, signed.buyerSignature, signed.nodeSignature);
        }
    }

    /// @inheritdoc ISettlement
    function advanceEpoch(uint64 epoch) external {
        ledger.advanceEpoch(msg.sender, epoch);
    }

    function _settle(
        Statement calldata statement,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) private {
        (address buyer, address node, uint128 amount) = (statement.buyer, statement.node, statement.amount);
        uint128 before = paidOf[buyer][node];
        if (amount <= before) revert StatementNotGrown(buyer, node, amount, before);
        uint128 growth = amount - before;
        bytes32 digest = _digest(Messages.hash(statement));
        Signatures.requireSignedByKey(node, digest, nodeSignature);
        paidOf[buyer][node] = amount;
        _requireApproved(buyer, growth, digest, buyerSignature);
        emit StatementSettled(buyer, node, amount, growth, 0, statement.receipts, statement.receiptsRoot);
        ledger.move(buyer, statement.payee, growth);
    }

    /// @dev The buyer's own approval comes first, so that it never draws on a delegate's cap.
    function _requireApproved(address buyer, uint256 amount, bytes32 digest, bytes calldata signature)
        private
    {
        address signer = Signatures.recover(digest, signature);
        if (signer == buyer && signer != address(0)) return;
        if (Signatures.isApprovedByContract(buyer, digest, signature)) return;
        _spend(buyer, signer, amount);
    }

    /// @dev `signers` begins with those of the buyers.
    function _requireBuyersSigned(address[] memory buyers, address[] memory signers, uint256[] memory debits)
        private
    {
        for (uint256 i = 0; i < buyers.length; ++i) {
            (address buyer, address signer) = (buyers.unsafeMemoryAccess(i), signers.unsafeMemoryAccess(i));
            if (signer != buyer) _spend(buyer, signer, debits[i]);
        }
    }

    /// @dev `signers` holds those of the nodes from `first` on.
    function _requireNodesSigned(address[] memory nodes, address[] memory signers, uint256 first)
        private
        pure
    {
        for (uint256 i = 0; i < nodes.length; ++i) {
            address node = nodes.unsafeMemoryAccess(i);
            if (signers.unsafeMemoryAccess(first + i) != node) revert Signatures.InvalidSignature(node);
        }
    }

    /// @dev Draws on the delegation of whoever signed in the buyer's place.
    function _spend(address buyer, address signer, uint256 amount) private {
        if (signer == address(0)) revert Signatures.InvalidSignature(buyer);
        registry.spend(buyer, signer, amount);
    }

    /// @dev The parts name each other by addresses foretold before they were made: here all of them exist.
    function _requireSameDeployment(ILedger ledger_, IGridRegistry registry_) private view {
        if (ledger_.settlement() != address(this) || ledger_.registry() != address(registry_)) {
            revert WrongDeployment(address(ledger_));
        }
        if (registry_.settlement() != address(this) || registry_.ledger() != ledger_) {
            revert WrongDeployment(address(registry_));
        }
    }
}
