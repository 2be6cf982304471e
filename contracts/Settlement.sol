// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ISettlement, SignedStatement} from "./interfaces/ISettlement.sol";
import {Messages, Netting, Statement} from "./libraries/Messages.sol";
import {PackedBatch} from "./libraries/PackedBatch.sol";
import {Posting, Postings} from "./libraries/Postings.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title Settlement
/// @notice Documented in ISettlement. Every function is: checks, effects, event, interaction.
contract Settlement is ISettlement, SuanliDomain {
    using PackedBatch for bytes;

    uint16 public constant MAXIMUM_FEE_BASIS_POINTS = 1000;
    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant SIGNATURE_BYTES = 64;

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
        uint256 expected = (head.buyers + head.nodes) * SIGNATURE_BYTES;
        if (signatures.length != expected) revert SignaturesLength(expected, signatures.length);
        bytes32 batchHash = keccak256(batch);
        bytes32 digest = _digest(Messages.hash(Netting(head.epoch, batchHash)));
        (uint256[] memory debits, uint256[] memory credits) = batch.net(head, feeBasisPoints);
        (Posting[] memory paying, uint256 volume) = _buyers(batch, signatures, digest, debits);
        (Posting[] memory earning, uint256 fee) = _nodes(batch, signatures, digest, head.buyers, credits, volume);
        emit BatchSettled(head.epoch, batchHash, uint128(volume), uint128(fee));
        ledger.settle(head.epoch, paying, earning);
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

    function _settle(Statement calldata statement, bytes calldata buyerSignature, bytes calldata nodeSignature)
        private
    {
        (address buyer, address node, uint128 amount) = (statement.buyer, statement.node, statement.amount);
        uint128 before = paidOf[buyer][node];
        if (amount <= before) revert StatementNotGrown(buyer, node, amount, before);
        uint128 growth = amount - before;
        uint128 fee = uint128(uint256(growth) * feeBasisPoints / BASIS_POINTS);
        bytes32 digest = _digest(Messages.hash(statement));
        Signatures.requireSignedByKey(node, digest, nodeSignature);
        _requireApproved(buyer, growth, digest, buyerSignature);
        paidOf[buyer][node] = amount;
        emit StatementSettled(buyer, node, amount, growth, fee, statement.receipts, statement.receiptsRoot);
        ledger.pay(buyer, registry.ownerOf(node), feeRecipient, growth, fee);
    }

    /// @dev The buyer's own approval comes first, so that it never draws on a delegate's cap.
    function _requireApproved(address buyer, uint256 amount, bytes32 digest, bytes calldata signature) private {
        address signer = Signatures.recover(digest, signature);
        if (signer == buyer && signer != address(0)) return;
        if (Signatures.isApprovedByContract(buyer, digest, signature)) return;
        if (signer == address(0)) revert Signatures.InvalidSignature(buyer);
        registry.spend(buyer, signer, amount);
    }

    function _buyers(bytes calldata batch, bytes calldata signatures, bytes32 digest, uint256[] memory debits)
        private
        returns (Posting[] memory postings, uint256 volume)
    {
        postings = new Posting[](debits.length);
        address buyer;
        for (uint256 i = 0; i < debits.length; ++i) {
            buyer = batch.party(i, buyer);
            address signer = _signer(signatures, i, digest);
            if (signer == address(0)) revert Signatures.InvalidSignature(buyer);
            if (signer != buyer) registry.spend(buyer, signer, debits[i]);
            postings[i] = Postings.post(buyer, debits[i]);
            volume += debits[i];
        }
    }

    /// @dev What the nodes' parts leave of the volume is the fee, the last posting.
    function _nodes(
        bytes calldata batch,
        bytes calldata signatures,
        bytes32 digest,
        uint256 offset,
        uint256[] memory credits,
        uint256 volume
    ) private view returns (Posting[] memory postings, uint256 fee) {
        address[] memory nodes = new address[](credits.length);
        address node;
        for (uint256 i = 0; i < credits.length; ++i) {
            node = nodes[i] = batch.party(offset + i, node);
            if (_signer(signatures, offset + i, digest) != node) revert Signatures.InvalidSignature(node);
        }
        address[] memory owners = registry.ownersOf(nodes);
        postings = new Posting[](credits.length + 1);
        fee = volume;
        for (uint256 i = 0; i < credits.length; ++i) {
            postings[i] = Postings.post(owners[i], credits[i]);
            fee -= credits[i];
        }
        postings[credits.length] = Postings.post(feeRecipient, fee);
    }

    /// @dev The signature at `position`; `settleBatch` has checked that it is there.
    function _signer(bytes calldata signatures, uint256 position, bytes32 digest) private pure returns (address) {
        bytes calldata signature = signatures[position * SIGNATURE_BYTES:];
        return Signatures.recover(digest, bytes32(signature), bytes32(signature[32:]));
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
