// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding} from "./interfaces/IBidding.sol";
import {IGridRegistry} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Draw, Messages, Netting, RootNetting, Statement} from "./libraries/Messages.sol";
import {PackedBatch} from "./libraries/PackedBatch.sol";
import {PaidSerials, SerialBits} from "./libraries/PaidSerials.sol";
import {PartyTables} from "./libraries/PartyTables.sol";
import {Posting, Postings} from "./libraries/Postings.sol";
import {RootBatch} from "./libraries/RootBatch.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {StatementBatch} from "./libraries/StatementBatch.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title Settlement
/// @notice Documented in ISettlement. Every function is: checks, effects, event, interaction.
contract Settlement is ISettlement, SuanliDomain {
    using Postings for Posting[];
    using SerialBits for PaidSerials;

    /// Who signs for a reservation's buyer, who watches over it, the account that pays, and where the serials
    /// of its statements count.
    struct Reserved {
        address buyer;
        address guardian;
        address account;
        address space;
    }

    uint16 public constant MAXIMUM_FEE_BASIS_POINTS = 1000;

    ILedger public immutable ledger;
    IGridRegistry public immutable registry;
    IBidding public immutable bidding;
    address public immutable court;
    address public immutable feeRecipient;
    uint16 public immutable feeBasisPoints;

    bytes32 private immutable STATEMENT_TYPE_HASH = keccak256(bytes(Messages.STATEMENT));

    PaidSerials private _paid;

    modifier onlyCourt() {
        if (msg.sender != court) revert NotCourt(msg.sender);
        _;
    }

    constructor(
        ILedger ledger_,
        IGridRegistry registry_,
        IBidding bidding_,
        address court_,
        address feeRecipient_,
        uint16 feeBasisPoints_
    ) SuanliDomain(address(ledger_)) {
        if (address(bidding_) == address(0)) revert InvalidAddress(address(bidding_));
        if (court_ == address(0) || court_ == address(bidding_)) revert InvalidAddress(court_);
        if (feeRecipient_ == address(0)) revert InvalidAddress(feeRecipient_);
        if (feeBasisPoints_ > MAXIMUM_FEE_BASIS_POINTS) revert FeeTooHigh(feeBasisPoints_);
        _requireSameDeployment(ledger_, registry_);
        ledger = ledger_;
        registry = registry_;
        bidding = bidding_;
        court = court_;
        feeRecipient = feeRecipient_;
        feeBasisPoints = feeBasisPoints_;
    }

    /// @inheritdoc ISettlement
    function settleBatch(bytes calldata batch, bytes calldata signatures) external {
        PackedBatch.Head memory head = PackedBatch.head(batch);
        bytes32 batchHash = PartyTables.hash(batch);
        bytes32 digest = _digest(Messages.hash(Netting(head.epoch, batchHash)));
        address[] memory signers = Signatures.recoverEach(digest, signatures, head.buyers + head.nodes);
        Posting[] memory debits = PackedBatch.buyers(batch, head);
        Posting[] memory credits = PackedBatch.payees(batch, head);
        PackedBatch.requireSigners(batch, head, signers);
        (uint256[] memory masks, uint256 earned) =
            PackedBatch.tally(batch, head, feeBasisPoints, debits, credits);
        PackedBatch.markAll(batch, head, masks, _paid);
        _requireSignedByBuyers(digest, signatures, signers, debits);
        uint256 volume = debits.total();
        credits.append(feeRecipient, volume - earned);
        emit BatchSettled(head.epoch, batchHash, uint128(volume), uint128(volume - earned));
        ledger.settle(head.epoch, debits, credits);
    }

    /// @inheritdoc ISettlement
    function settleRoot(bytes calldata batch, bytes calldata signatures) external {
        RootBatch.Head memory head = RootBatch.head(batch);
        bytes32 batchHash = PartyTables.hash(batch);
        bytes32 digest = _digest(Messages.hash(RootNetting(head.epoch, batchHash)));
        address[] memory signers = Signatures.recoverEach(digest, signatures, head.buyers + head.nodes);
        Posting[] memory debits = RootBatch.buyers(batch, head);
        Posting[] memory credits = RootBatch.payees(batch, head);
        RootBatch.requireSigners(batch, head, signers);
        (uint256 volume, uint256 fee) = RootBatch.addEarned(batch, head, feeBasisPoints, credits);
        uint256 serials = RootBatch.markAll(batch, head, _paid);
        if (serials != head.tasks) revert TasksMismatch(head.tasks, serials);
        _requireSignedByBuyers(digest, signatures, signers, debits);
        credits.append(feeRecipient, fee);
        emit RootSettled(head.epoch, batchHash, head.root, head.tasks, uint128(volume), uint128(fee));
        ledger.settle(head.epoch, debits, credits);
    }

    /// @inheritdoc ISettlement
    function settleStatement(
        Statement calldata statement,
        bytes calldata marks,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) external {
        bytes32 id = Messages.hash(statement);
        _settle(statement, id, statement.node, statement.buyer, marks, buyerSignature, nodeSignature);
        _pay(statement.buyer, statement);
    }

    /// @inheritdoc ISettlement
    function settleStatements(bytes calldata batch) external {
        unchecked {
            uint256 rowsAt = StatementBatch.open(batch, STATEMENT_TYPE_HASH, domainSeparator());
            uint256 volume;
            for (uint256 place = rowsAt; place < batch.length; place += StatementBatch.ROW_BYTES) {
                (address node, uint256 word, uint256 mask, uint256 amount, bool plain) =
                    StatementBatch.read(batch, place);
                if (!plain) _requireApprovedRow(batch, place, mask, amount);
                _paid.mark(node, word, mask);
                volume += amount;
            }
            uint256 statements = (batch.length - rowsAt) / StatementBatch.ROW_BYTES;
            emit StatementsSettled(PartyTables.hash(batch), uint32(statements), uint128(volume));
        }
        StatementBatch.post(ledger);
    }

    /// @inheritdoc ISettlement
    function settleReserved(
        Statement calldata statement,
        bytes calldata marks,
        bytes32 order,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature,
        bytes calldata guardianSignature
    ) external {
        Reserved memory reserved = _reservation(order, statement);
        bytes32 id = Messages.hash(statement);
        if (reserved.guardian != statement.node) {
            bytes32 digest = _digest(Messages.hash(Draw(order, id)));
            Signatures.requireSignedBy(reserved.guardian, digest, guardianSignature);
        }
        _settle(statement, id, reserved.space, reserved.buyer, marks, buyerSignature, nodeSignature);
        emit ReservationDrawn(order, id, statement.amount);
        _pay(reserved.account, statement);
    }

    /// @inheritdoc ISettlement
    function advanceEpoch(uint64 epoch) external {
        ledger.advanceEpoch(msg.sender, epoch);
    }

    /// @inheritdoc ISettlement
    function take(address space, uint64 serial) external onlyCourt {
        _paid.mark(space, serial >> 8, 1 << (serial & 255));
    }

    /// @inheritdoc ISettlement
    function giveBack(address space, uint64 serial) external onlyCourt {
        _paid.clear(space, serial);
    }

    /// @inheritdoc ISettlement
    function isPaid(address space, uint64 serial) external view returns (bool) {
        return _paid.isMarked(space, serial);
    }

    /// @inheritdoc ISettlement
    function paidWord(address space, uint256 word) external view returns (uint256) {
        return _paid.wordAt(space, word).mask;
    }

    function _pay(address payer, Statement calldata statement) private {
        ledger.postLines(
            Postings.one(payer, statement.amount), Postings.one(statement.payee, statement.amount)
        );
    }

    /// @dev Everything about a statement but the movement of the money. `id` is its struct hash, `space`
    /// where its serials count, `signatory` who signs for its buyer.
    function _settle(
        Statement calldata statement,
        bytes32 id,
        address space,
        address signatory,
        bytes calldata marks,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) private {
        bytes32 digest = _digest(id);
        if (keccak256(marks) != statement.marks) revert MarksMismatch(statement.marks, keccak256(marks));
        Signatures.requireSignedByKey(statement.node, digest, nodeSignature);
        uint256 serials = _paid.markAll(space, marks);
        if (serials != statement.receipts || serials == 0) {
            revert ReceiptsMismatch(statement.receipts, serials);
        }
        _requireApproved(signatory, statement.amount, digest, buyerSignature);
        emit StatementSettled(
            statement.buyer,
            statement.node,
            statement.payee,
            statement.amount,
            statement.receipts,
            statement.receiptsRoot
        );
    }

    /// @dev For a row that is not plain: it names parties and serials, the node signed it, and a delegate of
    /// the buyer did.
    function _requireApprovedRow(bytes calldata batch, uint256 place, uint256 mask, uint256 amount) private {
        StatementBatch.requireInRange(batch, place);
        (address buyer, address buyerSigner, address node, address nodeSigner) = StatementBatch.signers();
        if (mask == 0) revert ReceiptsMismatch(0, 0);
        if (nodeSigner != node) revert Signatures.InvalidSignature(node);
        if (buyerSigner == address(0)) revert Signatures.InvalidSignature(buyer);
        registry.spend(buyer, buyerSigner, amount);
    }

    /// @dev The reservation that a statement draws on. An award's statement counts serials in the
    /// reservation's account, which has no key: it can never be taken for one of the node's own.
    function _reservation(bytes32 order, Statement calldata statement)
        private
        view
        returns (Reserved memory found)
    {
        bool awarded;
        (found.buyer, found.guardian,, awarded) = bidding.reservationOf(order);
        if (found.buyer == address(0)) revert ReservationUnknown(order);
        found.account = bidding.reservationAccount(order);
        (address expected, address space) =
            awarded ? (found.account, found.account) : (found.buyer, statement.node);
        if (statement.buyer != expected) revert WrongReservation(order, expected, statement.buyer);
        found.space = space;
    }

    /// @dev The buyer's own approval comes first, so that it never draws on a delegate's cap.
    function _requireApproved(address buyer, uint256 amount, bytes32 digest, bytes calldata signature)
        private
    {
        address signer = Signatures.recover(digest, signature);
        if (signer == buyer && signer != address(0)) return;
        if (Signatures.isApprovedByContract(buyer, digest, signature)) return;
        if (signer == address(0)) revert Signatures.InvalidSignature(buyer);
        registry.spend(buyer, signer, amount);
    }

    /// @dev Every buyer signed the digest, and no byte of the signatures is left over. `signers` holds the
    /// key behind each slot, buyers first.
    function _requireSignedByBuyers(
        bytes32 digest,
        bytes calldata signatures,
        address[] memory signers,
        Posting[] memory debits
    ) private {
        uint256 end = signers.length * Signatures.COMPACT_BYTES;
        for (uint256 i = 0; i < debits.length; ++i) {
            (address buyer, address signer) = (debits.get(i).account(), Signatures.signerAt(signers, i));
            if (signer == buyer) continue;
            if (signer != address(0)) registry.spend(buyer, signer, debits.get(i).amount());
            else end = _requireTail(digest, signatures, i, end, buyer);
        }
        if (end != signatures.length) revert Signatures.SignaturesLength(end, signatures.length);
    }

    /// @dev The contract `buyer` approves the signature that its slot points to; returns where that ends.
    function _requireTail(
        bytes32 digest,
        bytes calldata signatures,
        uint256 position,
        uint256 start,
        address buyer
    ) private view returns (uint256) {
        (bytes calldata signature, uint256 end) = Signatures.inTail(signatures, position, start);
        if (!Signatures.isApprovedByContract(buyer, digest, signature)) {
            revert Signatures.InvalidSignature(buyer);
        }
        return end;
    }

    /// @dev The parts name each other by addresses foretold before they were made: here these exist.
    function _requireSameDeployment(ILedger ledger_, IGridRegistry registry_) private view {
        if (ledger_.settlement() != address(this) || ledger_.registry() != address(registry_)) {
            revert WrongDeployment(address(ledger_));
        }
        if (registry_.settlement() != address(this) || registry_.ledger() != ledger_) {
            revert WrongDeployment(address(registry_));
        }
    }
}
