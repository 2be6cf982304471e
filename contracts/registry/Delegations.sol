// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGridRegistry} from "../interfaces/IGridRegistry.sol";
import {Delegation, Messages} from "../libraries/Messages.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {SuanliDomain} from "../libraries/SuanliDomain.sol";

/// @title The part of GridRegistry about keys that sign for an account
/// @notice Documented in IGridRegistry.
abstract contract Delegations is IGridRegistry, SuanliDomain {
    struct Grant {
        uint128 remaining;
        uint64 expiry;
        uint64 nonce;
    }

    /// @dev What claims may still draw of delegations that were replaced, together at most `remaining` until
    /// `expiry` and its grace, and at most `laterRemaining` of it until `laterExpiry` and its grace.
    struct Former {
        uint128 remaining;
        uint64 expiry;
        uint128 laterRemaining;
        uint64 laterExpiry;
    }

    /// @dev IBidding allows no longer claim grace.
    uint64 private constant LONGEST_GRACE_SECONDS = 90 days;

    address public immutable settlement;
    address public immutable court;

    mapping(address account => mapping(address delegate => Grant)) public delegationOf;
    mapping(address account => mapping(address delegate => Former)) public formerDelegationOf;

    modifier onlySettlement() {
        if (msg.sender != settlement) revert NotSettlement(msg.sender);
        _;
    }

    modifier onlyCourt() {
        if (msg.sender != court) revert NotCourt(msg.sender);
        _;
    }

    constructor(address settlement_, address court_) {
        if (settlement_ == address(0)) revert InvalidAddress(settlement_);
        if (court_ == address(0)) revert InvalidAddress(court_);
        (settlement, court) = (settlement_, court_);
    }

    /// @inheritdoc IGridRegistry
    function delegate(Delegation calldata delegation) external {
        if (msg.sender != delegation.account) revert NotAccount(delegation.account, msg.sender);
        _delegate(delegation);
    }

    /// @inheritdoc IGridRegistry
    function delegateBySignature(Delegation calldata delegation, bytes calldata signature) external {
        Signatures.requireSignedBy(delegation.account, _digest(Messages.hash(delegation)), signature);
        _delegate(delegation);
    }

    /// @inheritdoc IGridRegistry
    function revoke(address delegate_) external {
        Grant storage grant = delegationOf[msg.sender][delegate_];
        if (grant.expiry == 0) revert NotDelegated(msg.sender, delegate_);
        // Saturates, so that even a delegation with the highest nonce can be revoked.
        uint64 nonce = grant.nonce == type(uint64).max ? grant.nonce : grant.nonce + 1;
        delegationOf[msg.sender][delegate_] = Grant(grant.remaining, _ended(grant.expiry), nonce);
        emit DelegationRevoked(msg.sender, delegate_, nonce);
    }

    /// @inheritdoc IGridRegistry
    function spend(address account, address delegate_, uint256 amount) external onlySettlement {
        Grant memory grant = delegationOf[account][delegate_];
        if (grant.expiry == 0) revert NotDelegated(account, delegate_);
        if (block.timestamp > grant.expiry) revert DelegationExpired(account, delegate_, grant.expiry);
        if (amount > grant.remaining) {
            revert DelegationExceeded(account, delegate_, grant.remaining, amount);
        }
        delegationOf[account][delegate_].remaining = grant.remaining - uint128(amount);
    }

    /// @inheritdoc IGridRegistry
    function spendForClaim(address account, address delegate_, uint256 amount, uint64 graceSeconds)
        external
        onlyCourt
    {
        Grant memory grant = delegationOf[account][delegate_];
        if (grant.expiry == 0) revert NotDelegated(account, delegate_);
        if (_isPast(grant.expiry, graceSeconds)) {
            revert DelegationExpired(account, delegate_, grant.expiry);
        }
        Former memory former = _alive(formerDelegationOf[account][delegate_], graceSeconds);
        uint256 remaining = uint256(grant.remaining) + former.remaining;
        if (amount > remaining) revert DelegationExceeded(account, delegate_, remaining, amount);
        uint128 old = amount < former.remaining ? uint128(amount) : former.remaining;
        former.remaining -= old;
        if (former.laterRemaining > former.remaining) former.laterRemaining = former.remaining;
        formerDelegationOf[account][delegate_] = former;
        delegationOf[account][delegate_].remaining = grant.remaining - uint128(amount - old);
    }

    function _delegate(Delegation calldata delegation) private {
        (address account, address delegate_) = (delegation.account, delegation.delegate);
        if (delegate_ == address(0) || delegate_ == account) revert InvalidDelegate(delegate_);
        if (block.timestamp > delegation.expiry) revert Expired(delegation.expiry);
        Grant memory last = delegationOf[account][delegate_];
        if (delegation.nonce <= last.nonce) {
            revert NonceUsed(account, delegate_, delegation.nonce, last.nonce);
        }
        _keepForClaims(account, delegate_, last);
        delegationOf[account][delegate_] = Grant(delegation.cap, delegation.expiry, delegation.nonce);
        emit Delegated(account, delegate_, delegation.cap, delegation.expiry, delegation.nonce);
    }

    /// @dev Replacing a delegation again and again must neither unpay work nor pile up caps, nor prolong the
    /// largest one: it keeps its own end, and smaller ones are kept beside it, together, with the latest.
    function _keepForClaims(address account, address delegate_, Grant memory last) private {
        if (last.remaining == 0) return;
        Former memory former = _alive(formerDelegationOf[account][delegate_], LONGEST_GRACE_SECONDS);
        uint64 ended = _ended(last.expiry);
        if (last.remaining >= former.remaining) {
            former = Former(last.remaining, ended, 0, 0);
        } else {
            if (last.remaining > former.laterRemaining) former.laterRemaining = last.remaining;
            former.laterExpiry = ended;
        }
        formerDelegationOf[account][delegate_] = former;
    }

    /// @dev Without what ended more than `graceSeconds` ago.
    function _alive(Former memory former, uint64 graceSeconds) private view returns (Former memory) {
        if (!_isPast(former.expiry, graceSeconds)) return former;
        if (_isPast(former.laterExpiry, graceSeconds)) return Former(0, 0, 0, 0);
        return Former(former.laterRemaining, former.laterExpiry, 0, 0);
    }

    /// @dev The last second in which a delegation counts that is taken back now.
    function _ended(uint64 expiry) private view returns (uint64) {
        uint64 last = uint64(block.timestamp) - 1;
        return expiry < last ? expiry : last;
    }

    function _isPast(uint64 expiry, uint64 graceSeconds) private view returns (bool) {
        return block.timestamp > uint256(expiry) + graceSeconds;
    }
}
