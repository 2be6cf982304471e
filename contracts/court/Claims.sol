// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AwardItem, Claim, ClaimItem, IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {JobOrder} from "../libraries/Messages.sol";
import {Cases} from "./Cases.sol";
import {Courtroom} from "./Courtroom.sol";

/// @title Opening and closing claims
/// @dev Money and serials are taken when a claim opens, so nothing can be promised twice while it waits.
abstract contract Claims is Courtroom {
    using Cases for Claim;

    uint256 private constant COUNTERS_PER_WORD = 32;
    uint256 private constant COUNTER_BITS = 8;

    mapping(bytes32 order => uint128) public claimedOf;
    mapping(bytes32 order => uint32) public openClaimsOf;
    mapping(bytes32 order => mapping(uint256 word => uint256 counters)) private _copies;

    /// @inheritdoc IClaimCourt
    function openClaims(JobOrder calldata order, bytes calldata orderSignature, ClaimItem[] calldata items)
        external
    {
        (Claim[] memory claims, address delegate) = CHECKS.ofOrder(order, orderSignature, items);
        for (uint256 i = 0; i < claims.length; ++i) {
            _countCopy(claims[i].order, claims[i].task, order.replicas);
        }
        uint256 total = _open(claims);
        _countClaimed(claims[0].order, total, order.budget);
        if (delegate != address(0)) {
            registry.spendForClaim(order.buyer, delegate, total, bidding.claimGraceSeconds());
        }
        _receive(claims[0].payer, total);
    }

    /// @inheritdoc IClaimCourt
    function openAwardClaims(bytes32 auction, AwardItem[] calldata items) external {
        Claim[] memory claims = CHECKS.ofAward(auction, items);
        uint256 total = _open(claims);
        openClaimsOf[auction] += uint32(claims.length);
        _receive(claims[0].payer, total);
    }

    /// @inheritdoc IClaimCourt
    function closeClaim(Claim calldata claim) external {
        _requireRecord(claim.id, claim.hash());
        _requireAfter(uint256(claim.openedAt) + CLAIM_WINDOW_SECONDS);
        address owner = _ownerOf(claim.node);
        delete recordOf[claim.id];
        _countEnded(claim);
        emit ClaimClosed(claim.id, claim.node, owner, claim.amount);
        registry.unlock(claim.node, CLAIM_BOND);
        _send(owner, claim.amount);
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
        return Cases.awardTaskId(auction, task);
    }

    /// @dev Only auctions ask, so that claims on orders need not pay for a counter.
    function _countEnded(Claim calldata claim) internal {
        if (claim.awarded) --openClaimsOf[claim.order];
    }

    /// @dev Undoes what the claim counted and took, except for the money.
    function _takeBack(Claim calldata claim) internal {
        if (!claim.awarded) {
            claimedOf[claim.order] -= claim.amount;
            _copies[claim.order][claim.task / COUNTERS_PER_WORD] -= 1 << _shiftOf(claim.task);
        }
        settlement.giveBack(_spaceOf(claim), claim.serial);
    }

    function _requireRecord(bytes32 id, bytes32 given) internal view {
        bytes32 record = recordOf[id];
        if (record != given) revert ClaimMismatch(id, record, given);
    }

    /// @dev Serials, bonds and records of claims on one order; `payer` pays at the end of the call for all of
    /// them.
    function _open(Claim[] memory claims) private returns (uint256 total) {
        for (uint256 i = 0; i < claims.length; ++i) {
            Claim memory claim = claims[i];
            if (msg.sender != claim.node && msg.sender != _ownerOf(claim.node)) {
                revert NotClaimant(claim.node, msg.sender);
            }
            if (recordOf[claim.id] != 0) revert ClaimExists(claim.id, recordOf[claim.id]);
            claim.openedAt = uint64(block.timestamp);
            recordOf[claim.id] = keccak256(abi.encode(claim));
            total += claim.amount;
            emit ClaimOpened(claim.id, claim.order, claim.node, claim);
            settlement.take(_spaceOf(claim), claim.serial);
            registry.lock(claim.node, CLAIM_BOND);
            _requireJurorStake(claim.node);
        }
    }

    /// @dev Else a juror who judged falsely would hide its stake behind claims on an order of its own.
    function _requireJurorStake(address node) private view {
        (,, uint88 free) = registry.stakeOf(node);
        if (free < JUROR_SLASH) revert JurorStakeTooSmall(node, free, JUROR_SLASH);
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

    /// @dev Where the claim's serial counts (see ISettlement).
    function _spaceOf(Claim memory claim) private pure returns (address) {
        return claim.awarded ? claim.payer : claim.node;
    }

    function _shiftOf(uint32 task) private pure returns (uint256) {
        return (task % COUNTERS_PER_WORD) * COUNTER_BITS;
    }
}
