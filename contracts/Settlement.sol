// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {IBidding} from "./interfaces/IBidding.sol";
import {IGridRegistry} from "./interfaces/IGridRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ISettlement, SignedStatement} from "./interfaces/ISettlement.sol";
import {Draw, Messages, Netting, RootNetting, Statement} from "./libraries/Messages.sol";
import {PackedBatch} from "./libraries/PackedBatch.sol";
import {PaidSerials, SerialBits} from "./libraries/PaidSerials.sol";
import {PartyTables} from "./libraries/PartyTables.sol";
import {Postings} from "./libraries/Postings.sol";
import {RootBatch} from "./libraries/RootBatch.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {SuanliDomain} from "./libraries/SuanliDomain.sol";

/// @title Settlement
/// @notice Documented in ISettlement. Every function is: checks, effects, event, interaction.
contract Settlement is ISettlement, SuanliDomain {
    using Arrays for address[];
    using Arrays for uint256[];
    using SerialBits for PaidSerials;

    uint16 public constant MAXIMUM_FEE_BASIS_POINTS = 1000;

    ILedger public immutable ledger;
    IGridRegistry public immutable registry;
    IBidding public immutable bidding;
    address public immutable court;
    address public immutable feeRecipient;
    uint16 public immutable feeBasisPoints;

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
        address[] memory buyers = PackedBatch.buyers(batch, head);
        address[] memory payees = PackedBatch.payees(batch, head);
        PackedBatch.Tally memory sums = PackedBatch.tally(batch, head, feeBasisPoints);
        _requireSigned(digest, signatures, buyers, sums.debits, PackedBatch.nodes(batch, head));
        _markTasks(buyers, PackedBatch.firstWords(batch, head), sums.runs);
        uint256 fee = sums.credits[payees.length] = sums.volume - sums.earned;
        emit BatchSettled(head.epoch, batchHash, uint128(sums.volume), uint128(fee));
        _post(head.epoch, buyers, sums.debits, payees, sums.credits);
    }

    /// @inheritdoc ISettlement
    function settleRoot(bytes calldata batch, bytes calldata signatures) external {
        RootBatch.Head memory head = RootBatch.head(batch);
        bytes32 batchHash = PartyTables.hash(batch);
        bytes32 digest = _digest(Messages.hash(RootNetting(head.epoch, batchHash)));
        address[] memory buyers = RootBatch.buyers(batch, head);
        address[] memory payees = RootBatch.payees(batch, head);
        uint256[] memory debits = RootBatch.debits(batch, head);
        (uint256[] memory credits, uint256 volume, uint256 fee) =
            RootBatch.credits(batch, head, feeBasisPoints);
        _requireSigned(digest, signatures, buyers, debits, RootBatch.nodes(batch, head));
        _markMasks(batch, head, buyers);
        emit RootSettled(head.epoch, batchHash, head.root, head.tasks, uint128(volume), uint128(fee));
        _post(head.epoch, buyers, debits, payees, credits);
    }

    /// @inheritdoc ISettlement
    function settleStatement(
        Statement calldata statement,
        bytes calldata marks,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) external {
        bytes32 id = Messages.hash(statement);
        _settle(statement, id, statement.buyer, marks, buyerSignature, nodeSignature);
        ledger.move(statement.buyer, statement.payee, statement.amount);
    }

    /// @inheritdoc ISettlement
    function settleStatements(SignedStatement[] calldata statements) external {
        for (uint256 i = 0; i < statements.length; ++i) {
            SignedStatement calldata signed = statements[i];
            Statement calldata one = signed.statement;
            bytes32 id = Messages.hash(one);
            _settle(one, id, one.buyer, signed.marks, signed.buyerSignature, signed.nodeSignature);
            ledger.move(one.buyer, one.payee, one.amount);
        }
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
        (address buyer, address guardian, address account) = _reservation(order, statement.buyer);
        bytes32 id = Messages.hash(statement);
        if (guardian != statement.node) {
            Signatures.requireSignedBy(guardian, _digest(Messages.hash(Draw(order, id))), guardianSignature);
        }
        _settle(statement, id, buyer, marks, buyerSignature, nodeSignature);
        emit ReservationDrawn(order, id, statement.amount);
        ledger.move(account, statement.payee, statement.amount);
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
        return _paid.words[space][word];
    }

    /// @dev Everything about a statement but the movement of the money. `id` is its struct hash, `signatory`
    /// who signs for its buyer.
    function _settle(
        Statement calldata statement,
        bytes32 id,
        address signatory,
        bytes calldata marks,
        bytes calldata buyerSignature,
        bytes calldata nodeSignature
    ) private {
        bytes32 digest = _digest(id);
        if (keccak256(marks) != statement.marks) revert MarksMismatch(statement.marks, keccak256(marks));
        Signatures.requireSignedByKey(statement.node, digest, nodeSignature);
        uint256 serials = _paid.markAll(statement.buyer, marks);
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

    /// @dev Who signs for the buyer, who watches over the reservation, and the account that pays. An award's
    /// statement counts serials in the reservation's account, which has no key: it can never be taken for one
    /// of the buyer's own.
    function _reservation(bytes32 order, address named)
        private
        view
        returns (address buyer, address guardian, address account)
    {
        bool awarded;
        (buyer, guardian,, awarded) = bidding.reservationOf(order);
        if (buyer == address(0)) revert ReservationUnknown(order);
        account = bidding.reservationAccount(order);
        address expected = awarded ? account : buyer;
        if (named != expected) revert WrongReservation(order, expected, named);
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

    /// @dev Every party of a batch signed its digest, and no byte of the signatures is left over.
    function _requireSigned(
        bytes32 digest,
        bytes calldata signatures,
        address[] memory buyers,
        uint256[] memory debits,
        address[] memory nodes
    ) private {
        uint256 parties = buyers.length + nodes.length;
        address[] memory signers = Signatures.recoverEach(digest, signatures, parties);
        uint256 end = parties * Signatures.COMPACT_BYTES;
        for (uint256 i = 0; i < buyers.length; ++i) {
            (address buyer, address signer) = (buyers.unsafeMemoryAccess(i), signers.unsafeMemoryAccess(i));
            if (signer == buyer) continue;
            if (signer != address(0)) registry.spend(buyer, signer, debits[i]);
            else end = _requireTail(digest, signatures, i, end, buyer);
        }
        if (end != signatures.length) revert Signatures.SignaturesLength(end, signatures.length);
        for (uint256 i = 0; i < nodes.length; ++i) {
            address node = nodes.unsafeMemoryAccess(i);
            if (signers.unsafeMemoryAccess(buyers.length + i) != node) {
                revert Signatures.InvalidSignature(node);
            }
        }
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

    /// @dev `runs` are as PackedBatch.Tally says; their buyers are within the table.
    function _markTasks(address[] memory buyers, uint256[] memory firstWords, uint256[] memory runs) private {
        for (uint256 i = 0; i < runs.length; i += PackedBatch.RUN_WORDS) {
            uint256 run = runs.unsafeMemoryAccess(i);
            uint256 word = firstWords.unsafeMemoryAccess(run >> 8) + (run & 0xff);
            _paid.mark(buyers.unsafeMemoryAccess(run >> 8), word, runs.unsafeMemoryAccess(i + 1));
        }
    }

    function _markMasks(bytes calldata batch, RootBatch.Head memory head, address[] memory buyers) private {
        uint256 position = head.masksAt;
        uint256 serials;
        for (uint256 i = 0; i < buyers.length; ++i) {
            uint256 word = RootBatch.firstWordOf(batch, i);
            for (uint256 last = word + RootBatch.wordsOf(batch, i); word < last; ++word) {
                uint256 mask = PartyTables.number(batch, position, 32);
                _paid.mark(buyers[i], word, mask);
                serials += SerialBits.ones(mask);
                position += 32;
            }
        }
        if (serials != head.tasks) revert TasksMismatch(head.tasks, serials);
    }

    /// @dev The last of `credits` is the fee.
    function _post(
        uint64 epoch,
        address[] memory buyers,
        uint256[] memory debits,
        address[] memory payees,
        uint256[] memory credits
    ) private {
        ledger.settle(epoch, Postings.post(buyers, debits), Postings.post(payees, feeRecipient, credits));
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
