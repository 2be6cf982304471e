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

    struct FormerGrant {
        uint128 remaining;
        uint64 expiry;
    }

    address public immutable settlement;
    address public immutable court;

    mapping(address account => mapping(address delegate => Grant)) public delegationOf;
    mapping(address account => mapping(address delegate => FormerGrant)) public formerDelegationOf;

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
        FormerGrant memory former = formerDelegationOf[account][delegate_];
        if (grant.expiry == 0) revert NotDelegated(account, delegate_);
        if (_isPast(grant.expiry, graceSeconds)) {
            revert DelegationExpired(account, delegate_, grant.expiry);
        }
        if (_isPast(former.expiry, graceSeconds)) former.remaining = 0;
        uint256 remaining = uint256(grant.remaining) + former.remaining;
        if (amount > remaining) revert DelegationExceeded(account, delegate_, remaining, amount);
        uint128 old = amount < former.remaining ? uint128(amount) : former.remaining;
        formerDelegationOf[account][delegate_].remaining = former.remaining - old;
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

    /// @dev The larger amount and the later end of what is kept already and of `last`: replacing a delegation
    /// again and again must neither unpay work nor pile up caps.
    function _keepForClaims(address account, address delegate_, Grant memory last) private {
        if (last.remaining == 0) return;
        FormerGrant storage former = formerDelegationOf[account][delegate_];
        uint64 ended = _ended(last.expiry);
        former.remaining = last.remaining > former.remaining ? last.remaining : former.remaining;
        former.expiry = ended > former.expiry ? ended : former.expiry;
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
