// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IBidding} from "../interfaces/IBidding.sol";
import {IGridRegistry} from "../interfaces/IGridRegistry.sol";
import {AwardItem, Claim, ClaimItem, IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {Charging} from "../libraries/Charging.sol";
import {JobOrder, Lease, Limits, Messages, Prices, Receipt, Usage} from "../libraries/Messages.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {SuanliDomain} from "../libraries/SuanliDomain.sol";
import {Cases} from "./Cases.sol";
import {Draws} from "./Draws.sol";

/// @title Whether what a claimant hands in holds together, and whom a seed draws
/// @notice Reads and never writes. ClaimCourt makes it in its constructor, because one contract's code has a
/// bound.
contract ClaimChecks is SuanliDomain, Draws {
    struct Award {
        address node;
        uint128 payment;
        uint32 tasks;
        bytes32 specRoot;
        uint64 deadline;
    }

    uint8 private constant LAST_OUTCOME = 1;

    IBidding private immutable BIDDING;

    constructor(address ledger, IBidding bidding, IGridRegistry registry, uint88 jurorSlash)
        SuanliDomain(ledger)
        Draws(registry, jurorSlash)
    {
        BIDDING = bidding;
    }

    /// @notice The claims on an order, one per item, not yet opened; and the delegate whose cap must pay for
    /// them, or zero when the buyer itself signed or reserved.
    function ofOrder(JobOrder calldata order, bytes calldata orderSignature, ClaimItem[] calldata items)
        external
        view
        returns (Claim[] memory claims, address delegate)
    {
        if (items.length == 0) revert IClaimCourt.NothingClaimed();
        bytes32 id = Messages.hash(order);
        _requireNotEnded(id, BIDDING.endOf(order.buyer, order.nonce, order.deadline));
        address payer = _payerOf(id, order.buyer);
        if (payer == order.buyer) delegate = _delegateOf(order.buyer, _digest(id), orderSignature);
        claims = new Claim[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            _requireLeaseWithin(order, id, items[i]);
            _requireReceiptWithin(order, items[i]);
            claims[i] = _claimOf(order.buyer, payer, items[i]);
        }
    }

    /// @notice The claims on an auction's award, one per item, not yet opened.
    function ofAward(bytes32 auction, AwardItem[] calldata items)
        external
        view
        returns (Claim[] memory claims)
    {
        if (items.length == 0) revert IClaimCourt.NothingClaimed();
        Award memory award = _awardOf(auction);
        _requireNotEnded(auction, award.deadline);
        (address buyer,,,) = BIDDING.reservationOf(auction);
        address payer = BIDDING.reservationAccount(auction);
        claims = new Claim[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            claims[i] = _awardClaimOf(auction, award, items[i]);
            (claims[i].buyer, claims[i].payer, claims[i].awarded) = (buyer, payer, true);
        }
    }

    /// @dev The buyer's own approval comes first, so that it never draws on a delegate's cap.
    function _delegateOf(address buyer, bytes32 digest, bytes calldata signature)
        private
        view
        returns (address)
    {
        address signer = Signatures.recover(digest, signature);
        if (signer == buyer && signer != address(0)) return address(0);
        if (Signatures.isApprovedByContract(buyer, digest, signature)) return address(0);
        if (signer == address(0)) revert Signatures.InvalidSignature(buyer);
        return signer;
    }

    function _requireLeaseWithin(JobOrder calldata order, bytes32 id, ClaimItem calldata item) private view {
        Lease calldata lease = item.lease;
        bytes32 leaseId = Messages.hash(lease);
        if (lease.order != id) revert IClaimCourt.WrongOrder(leaseId, id, lease.order);
        if (lease.task >= order.tasks) revert IClaimCourt.WrongTask(id, lease.task, order.tasks);
        if (lease.deadline > order.deadline) {
            revert IClaimCourt.WrongDeadline(lease.deadline, order.deadline);
        }
        _requireSpec(order.specRoot, lease.task, lease.spec, item.specProof);
        _requirePricesWithin(order, lease);
        Signatures.requireSignedBy(order.operator, _digest(leaseId), item.operatorSignature);
        _requireReceipted(leaseId, lease.node, item.receipt, item.nodeSignature);
    }

    function _awardClaimOf(bytes32 auction, Award memory award, AwardItem calldata item)
        private
        view
        returns (Claim memory claim)
    {
        (uint32 task, Receipt calldata receipt) = (item.task, item.receipt);
        if (task >= award.tasks) revert IClaimCourt.WrongTask(auction, task, award.tasks);
        _requireSpec(award.specRoot, task, item.spec, item.specProof);
        uint128 price = _priceOf(award.payment, award.tasks, task);
        if (receipt.amount != price) revert IClaimCourt.WrongAmount(receipt.amount, price);
        (claim.id, claim.order, claim.task) = (Cases.awardTaskId(auction, task), auction, task);
        (claim.node, claim.serial, claim.amount) = (award.node, task, price);
        claim.work = Cases.work(receipt.outcome, receipt.result, receipt.usage);
        _requireReceipted(claim.id, award.node, receipt, item.nodeSignature);
    }

    function _requireReceipted(
        bytes32 lease,
        address node,
        Receipt calldata receipt,
        bytes calldata signature
    ) private view {
        if (receipt.lease != lease) {
            revert IClaimCourt.WrongLease(lease, receipt.lease);
        }
        if (receipt.outcome > LAST_OUTCOME) revert IClaimCourt.WrongOutcome(receipt.outcome);
        Signatures.requireSignedByKey(node, _digest(Messages.hash(receipt)), signature);
    }

    function _requireNotEnded(bytes32 order, uint64 end) private view {
        uint256 last = uint256(end) + BIDDING.claimGraceSeconds();
        if (block.timestamp > last) revert IClaimCourt.ClaimsEnded(order, uint64(last));
    }

    /// @dev The reservation's account, or the buyer's when the order is not reserved.
    function _payerOf(bytes32 order, address buyer) private view returns (address) {
        (address reserver,,, bool awarded) = BIDDING.reservationOf(order);
        return reserver == buyer && !awarded ? BIDDING.reservationAccount(order) : buyer;
    }

    function _awardOf(bytes32 auction) private view returns (Award memory award) {
        (award.node, award.payment, award.tasks, award.specRoot, award.deadline) = BIDDING.awardOf(auction);
        if (award.node == address(0)) revert IClaimCourt.NotAwarded(auction);
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

    function _requirePricesWithin(JobOrder calldata order, Lease calldata lease) private pure {
        (Prices calldata prices, Prices calldata most) = (lease.prices, order.maximumPrices);
        _requirePrice(0, prices.fuel, most.fuel);
        _requirePrice(1, prices.memoryFuel, most.memoryFuel);
        _requirePrice(2, prices.ingress, most.ingress);
        _requirePrice(3, prices.egress, most.egress);
        uint256 whole = Charging.wholeTaskRoundedUp(most, order.limits);
        if (lease.minimumCharge > whole) revert IClaimCourt.MinimumAboveLimit(lease.minimumCharge, whole);
    }

    function _requireReceiptWithin(JobOrder calldata order, ClaimItem calldata item) private pure {
        (Usage calldata usage, Limits calldata limits) = (item.receipt.usage, order.limits);
        _requireUsage(0, usage.fuel, limits.fuel);
        _requireUsage(1, usage.memoryFuel, Charging.memoryFuelRoundedUp(limits.memoryBytes, limits.fuel));
        _requireUsage(2, usage.ingress, limits.inputBytes);
        _requireUsage(3, usage.egress, limits.outputBytes);
        _requireCharge(item.lease, item.receipt);
    }

    function _requireCharge(Lease calldata lease, Receipt calldata receipt) private pure {
        Usage calldata usage = receipt.usage;
        uint256 charge =
            Charging.chargeRoundedUp(lease.prices, usage.fuel, usage.memoryFuel, usage.ingress, usage.egress);
        uint256 due = Math.max(lease.minimumCharge, charge);
        if (receipt.amount != due) revert IClaimCourt.WrongAmount(receipt.amount, due);
        if (due > lease.cap) revert IClaimCourt.AmountAboveCap(receipt.amount, lease.cap);
    }

    function _requirePrice(uint256 dimension, uint64 price, uint64 most) private pure {
        if (price > most) revert IClaimCourt.PriceAboveLimit(dimension, price, most);
    }

    function _requireUsage(uint256 dimension, uint256 used, uint256 most) private pure {
        if (used > most) revert IClaimCourt.UsageAboveLimit(dimension, used, most);
    }

    /// @dev A leaf is hashed twice, so that no inner node can pose as one (`suanli/protocol/merkle.py`).
    function _requireSpec(bytes32 root, uint32 task, bytes32 spec, bytes32[] calldata proof) private pure {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(task, spec))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert IClaimCourt.WrongSpec(spec, task);
    }

    /// @dev payment / tasks, rounded down; the last task takes what that leaves over.
    function _priceOf(uint128 payment, uint32 tasks, uint32 task) private pure returns (uint128 price) {
        price = payment / tasks;
        if (task == tasks - 1) price += payment % tasks;
    }
}
