// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {AwardItem, Claim, ClaimItem, IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {JobOrder, Lease, Messages, Receipt} from "../libraries/Messages.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {Cases} from "./Cases.sol";
import {Charges} from "./Charges.sol";
import {Courtroom} from "./Courtroom.sol";

/// @title Opening and closing claims
/// @dev Money and serials are taken when a claim opens, so nothing can be promised twice while it waits.
abstract contract Claims is Courtroom {
    using Cases for Claim;
    using Charges for *;

    uint8 private constant LAST_OUTCOME = 1;
    uint256 private constant COUNTERS_PER_WORD = 32;
    uint256 private constant COUNTER_BITS = 8;

    mapping(bytes32 order => uint128) public claimedOf;
    mapping(bytes32 order => mapping(uint256 word => uint256 counters)) private _copies;

    /// @inheritdoc IClaimCourt
    function openClaims(JobOrder calldata order, bytes calldata orderSignature, ClaimItem[] calldata items)
        external
    {
        bytes32 id = Messages.hash(order);
        _requireNotEnded(id, bidding.endOf(order.buyer, order.nonce, order.deadline));
        (address reserver,,, bool awarded) = bidding.reservationOf(id);
        bool reserved = reserver == order.buyer && !awarded;
        address payer = reserved ? bidding.reservationAccount(id) : order.buyer;
        uint256 total = 0;
        for (uint256 i = 0; i < items.length; ++i) {
            _requireLeaseWithin(order, id, items[i]);
            _requireReceiptWithin(order, items[i]);
            _countCopy(id, items[i].lease.task, order.replicas);
            total += items[i].receipt.amount;
            _open(_claimOf(order.buyer, payer, items[i]));
        }
        _countClaimed(id, total, order.budget);
        if (!reserved) _requireApproved(order.buyer, total, _digest(id), orderSignature);
        ledger.move(payer, address(this), uint128(total));
    }

    /// @inheritdoc IClaimCourt
    function openAwardClaims(bytes32 auction, AwardItem[] calldata items) external {
        (address node, uint128 payment, uint32 tasks, bytes32 specRoot, uint64 deadline) =
            bidding.awardOf(auction);
        if (node == address(0)) revert NotAwarded(auction);
        _requireClaimant(node);
        _requireNotEnded(auction, deadline);
        (address buyer,,,) = bidding.reservationOf(auction);
        Claim memory claim;
        (claim.order, claim.node, claim.buyer, claim.awarded) = (auction, node, buyer, true);
        claim.payer = bidding.reservationAccount(auction);
        uint256 total = 0;
        for (uint256 i = 0; i < items.length; ++i) {
            AwardItem calldata item = items[i];
            if (item.task >= tasks) revert WrongTask(auction, item.task, tasks);
            _requireSpec(specRoot, item.task, item.spec, item.specProof);
            uint128 price = _priceOf(payment, tasks, item.task);
            if (item.receipt.amount != price) revert WrongAmount(item.receipt.amount, price);
            (claim.id, claim.task) = (awardTaskId(auction, item.task), item.task);
            (claim.serial, claim.amount) = (item.task, price);
            _requireReceipted(claim.id, node, item.receipt, item.nodeSignature);
            claim.work = Cases.work(item.receipt.outcome, item.receipt.result, item.receipt.usage);
            total += price;
            _open(claim);
        }
        ledger.move(claim.payer, address(this), uint128(total));
    }

    /// @inheritdoc IClaimCourt
    function closeClaim(Claim calldata claim) external {
        _requireRecord(claim.id, claim.hash());
        _requireAfter(uint256(claim.openedAt) + CLAIM_WINDOW_SECONDS);
        address owner = registry.ownerOf(claim.node);
        delete recordOf[claim.id];
        emit ClaimClosed(claim.id, claim.node, owner, claim.amount);
        registry.unlock(claim.node, CLAIM_BOND);
        ledger.move(address(this), owner, claim.amount);
    }

    /// @inheritdoc IClaimCourt
    function hashOf(Claim calldata claim) external pure returns (bytes32) {
        return claim.hash();
    }

    /// @inheritdoc IClaimCourt
    function copiesOf(bytes32 order, uint32 task) external view returns (uint8) {
        return uint8(_copies[order][task / COUNTERS_PER_WORD] >> _shiftOf(task));
    }

    /// @inheritdoc IClaimCourt
    function awardTaskId(bytes32 auction, uint32 task) public pure returns (bytes32) {
        return keccak256(abi.encode(auction, task));
    }

    /// @dev Undoes what the claim counted and took, except for the money.
    function _takeBack(Claim calldata claim) internal {
        if (!claim.awarded) {
            claimedOf[claim.order] -= claim.amount;
            _copies[claim.order][claim.task / COUNTERS_PER_WORD] -= 1 << _shiftOf(claim.task);
        }
        settlement.giveBack(claim.awarded ? claim.payer : claim.buyer, claim.serial);
    }

    function _requireRecord(bytes32 id, bytes32 given) internal view {
        bytes32 record = recordOf[id];
        if (record != given) revert ClaimMismatch(id, record, given);
    }

    /// @dev `payer` pays at the end of the call for all claims that it opens.
    function _open(Claim memory claim) private {
        if (recordOf[claim.id] != 0) revert ClaimExists(claim.id, recordOf[claim.id]);
        claim.openedAt = uint64(block.timestamp);
        recordOf[claim.id] = keccak256(abi.encode(claim));
        emit ClaimOpened(claim.id, claim.order, claim.node, claim);
        settlement.take(claim.awarded ? claim.payer : claim.buyer, claim.serial);
        registry.lock(claim.node, CLAIM_BOND);
    }

    function _claimOf(address buyer, address payer, ClaimItem calldata item)
        private
        pure
        returns (Claim memory claim)
    {
        claim.id = item.receipt.lease;
        (claim.order, claim.task) = (item.lease.order, item.lease.task);
        (claim.node, claim.buyer, claim.payer) = (item.lease.node, buyer, payer);
        (claim.serial, claim.amount) = (item.lease.serial, item.receipt.amount);
        claim.work = Cases.work(item.receipt.outcome, item.receipt.result, item.receipt.usage);
    }

    function _countClaimed(bytes32 order, uint256 added, uint128 budget) private {
        uint256 claimed = claimedOf[order] + added;
        if (claimed > budget) revert BudgetExceeded(order, claimed, budget);
        claimedOf[order] = uint128(claimed);
    }

    function _countCopy(bytes32 order, uint32 task, uint8 replicas) private {
        uint256 counters = _copies[order][task / COUNTERS_PER_WORD];
        if (uint8(counters >> _shiftOf(task)) >= replicas) revert CopiesExceeded(order, task, replicas);
        _copies[order][task / COUNTERS_PER_WORD] = counters + (1 << _shiftOf(task));
    }

    /// @dev The buyer's own approval comes first, so that it never draws on a delegate's cap.
    function _requireApproved(address buyer, uint256 amount, bytes32 digest, bytes calldata signature)
        private
    {
        address signer = Signatures.recover(digest, signature);
        if (signer == buyer && signer != address(0)) return;
        if (Signatures.isApprovedByContract(buyer, digest, signature)) return;
        if (signer == address(0)) revert Signatures.InvalidSignature(buyer);
        registry.spendForClaim(buyer, signer, amount, bidding.claimGraceSeconds());
    }

    function _requireLeaseWithin(JobOrder calldata order, bytes32 id, ClaimItem calldata item) private view {
        Lease calldata lease = item.lease;
        bytes32 leaseId = Messages.hash(lease);
        _requireClaimant(lease.node);
        if (lease.order != id) revert WrongOrder(leaseId, id, lease.order);
        if (lease.task >= order.tasks) revert WrongTask(id, lease.task, order.tasks);
        if (lease.deadline > order.deadline) revert WrongDeadline(lease.deadline, order.deadline);
        _requireSpec(order.specRoot, lease.task, lease.spec, item.specProof);
        _requirePricesWithin(order, lease);
        Signatures.requireSignedBy(order.operator, _digest(leaseId), item.operatorSignature);
        _requireReceipted(leaseId, lease.node, item.receipt, item.nodeSignature);
    }

    function _requireReceipted(
        bytes32 lease,
        address node,
        Receipt calldata receipt,
        bytes calldata signature
    ) private view {
        if (receipt.lease != lease) revert WrongLease(lease, receipt.lease);
        if (receipt.outcome > LAST_OUTCOME) revert WrongOutcome(receipt.outcome);
        Signatures.requireSignedByKey(node, _digest(Messages.hash(receipt)), signature);
    }

    function _requireClaimant(address node) private view {
        if (msg.sender != node && msg.sender != registry.ownerOf(node)) {
            revert NotClaimant(node, msg.sender);
        }
    }

    function _requireNotEnded(bytes32 order, uint64 end) private view {
        uint256 last = uint256(end) + bidding.claimGraceSeconds();
        if (block.timestamp > last) revert ClaimsEnded(order, uint64(last));
    }

    function _requirePricesWithin(JobOrder calldata order, Lease calldata lease) private pure {
        uint256[4] memory prices = lease.prices.vector();
        uint256[4] memory most = order.maximumPrices.vector();
        for (uint256 i = 0; i < prices.length; ++i) {
            if (prices[i] > most[i]) revert PriceAboveLimit(i, uint64(prices[i]), uint64(most[i]));
        }
        uint256 whole = Charges.charge(most, order.limits.atLimits(), 0);
        if (lease.minimumCharge > whole) revert MinimumAboveLimit(lease.minimumCharge, whole);
    }

    function _requireReceiptWithin(JobOrder calldata order, ClaimItem calldata item) private pure {
        uint256[4] memory used = item.receipt.usage.vector();
        uint256[4] memory most = order.limits.atLimits();
        for (uint256 i = 0; i < used.length; ++i) {
            if (used[i] > most[i]) revert UsageAboveLimit(i, used[i], most[i]);
        }
        (uint128 amount, uint128 cap) = (item.receipt.amount, item.lease.cap);
        uint256 due = Charges.charge(item.lease.prices.vector(), used, item.lease.minimumCharge);
        if (amount != due) revert WrongAmount(amount, due);
        if (amount > cap) revert AmountAboveCap(amount, cap);
    }

    /// @dev A leaf is hashed twice, so that no inner node can pose as one (`suanli/protocol/merkle.py`).
    function _requireSpec(bytes32 root, uint32 task, bytes32 spec, bytes32[] calldata proof) private pure {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(task, spec))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert WrongSpec(spec, task);
    }

    /// @dev payment / tasks, rounded down; the last task takes what that leaves over.
    function _priceOf(uint128 payment, uint32 tasks, uint32 task) private pure returns (uint128 price) {
        price = payment / tasks;
        if (task == tasks - 1) price += payment % tasks;
    }

    function _shiftOf(uint32 task) private pure returns (uint256) {
        return (task % COUNTERS_PER_WORD) * COUNTER_BITS;
    }
}
