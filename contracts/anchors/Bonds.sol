// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FaultReason, IEpochAnchors} from "../interfaces/IEpochAnchors.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {Stoppable} from "../libraries/Stoppable.sol";

/// @title The bonds of operators and what becomes of them
/// @notice Documented in IEpochAnchors. Every function is: checks, effects, event, interaction.
abstract contract Bonds is IEpochAnchors, Stoppable {
    /// @dev One slot, so that anchoring writes storage twice in all.
    struct Operator {
        uint96 amount;
        uint48 bondedAt;
        uint48 releasableAt;
        uint64 lastEpoch;
    }

    /// The account that burned money goes to; nobody has its key.
    address public constant BURNED = 0x000000000000000000000000000000000000dEaD;
    uint64 public constant MAXIMUM_UNBONDING_SECONDS = 90 days;

    ILedger public immutable ledger;
    uint128 public immutable operatorBond;
    uint64 public immutable anchorGraceSeconds;
    uint64 public immutable unbondingSeconds;

    mapping(address operator => Operator) internal _operators;
    mapping(bytes32 key => bool) private _proved;

    constructor(
        ILedger ledger_,
        address authority_,
        uint128 operatorBond_,
        uint64 anchorGraceSeconds_,
        uint64 unbondingSeconds_
    ) Stoppable(authority_) {
        if (address(ledger_) == address(0)) {
            revert InvalidAddress(address(ledger_));
        }
        if (operatorBond_ == 0) revert BondZero();
        if (operatorBond_ > type(uint96).max) revert BondTooLarge(operatorBond_);
        if (unbondingSeconds_ > MAXIMUM_UNBONDING_SECONDS) revert UnbondingTooLong(unbondingSeconds_);
        if (unbondingSeconds_ <= anchorGraceSeconds_) {
            revert UnbondingTooShort(unbondingSeconds_, anchorGraceSeconds_);
        }
        ledger = ledger_;
        operatorBond = operatorBond_;
        anchorGraceSeconds = anchorGraceSeconds_;
        unbondingSeconds = unbondingSeconds_;
    }

    /// @inheritdoc IEpochAnchors
    function bond() external whenNotPaused {
        Operator storage record = _operators[msg.sender];
        bool isHeld = record.amount != 0;
        if (isHeld && record.releasableAt == 0) revert AlreadyBonded(msg.sender);
        if (isHeld) {
            record.releasableAt = 0;
        } else {
            record.amount = uint96(operatorBond);
            record.bondedAt = uint48(block.timestamp);
        }
        emit Bonded(msg.sender, operatorBond, record.bondedAt);
        if (!isHeld) ledger.move(msg.sender, address(this), operatorBond);
    }

    /// @inheritdoc IEpochAnchors
    function unbond() external {
        Operator storage record = _bonded(msg.sender);
        if (record.releasableAt != 0) revert AlreadyUnbonding(msg.sender, record.releasableAt);
        uint48 releasableAt = uint48(block.timestamp + unbondingSeconds);
        record.releasableAt = releasableAt;
        emit UnbondingStarted(msg.sender, releasableAt);
    }

    /// @inheritdoc IEpochAnchors
    function withdrawBond() external {
        Operator storage record = _bonded(msg.sender);
        uint48 releasableAt = record.releasableAt;
        if (releasableAt == 0) revert NotUnbonding(msg.sender);
        if (block.timestamp < releasableAt) revert StillUnbonding(releasableAt);
        uint128 amount = _empty(record);
        emit BondWithdrawn(msg.sender, amount);
        ledger.move(address(this), msg.sender, amount);
    }

    /// @inheritdoc IEpochAnchors
    function operatorOf(address operator)
        external
        view
        returns (uint128 amount, uint64 bondedAt, uint64 releasableAt, uint64 lastEpoch)
    {
        Operator memory record = _operators[operator];
        return (record.amount, record.bondedAt, record.releasableAt, record.lastEpoch);
    }

    /// @inheritdoc IEpochAnchors
    function isProved(address operator, FaultReason reason, bytes32 fault) external view returns (bool) {
        return _proved[_key(operator, reason, fault)];
    }

    /// @dev Takes the whole bond for a fault that the caller has proved: half is burned, the rest is shared.
    function _punish(address operator, FaultReason reason, bytes32 fault, address harmed) internal {
        bytes32 key = _key(operator, reason, fault);
        if (_proved[key]) revert FaultAlreadyProved(operator, reason, fault);
        uint128 amount = _empty(_bonded(operator));
        _proved[key] = true;
        uint128 shared = amount / 2;
        uint128 toHarmed = harmed == address(0) ? 0 : shared / 2;
        uint128 toReporter = shared - toHarmed;
        uint128 toBurn = amount - shared;
        emit BondSlashed(operator, reason, msg.sender, harmed, toReporter, toHarmed, toBurn);
        ledger.move(address(this), BURNED, toBurn);
        ledger.move(address(this), msg.sender, toReporter);
        if (harmed != address(0)) ledger.move(address(this), harmed, toHarmed);
    }

    function _bonded(address operator) internal view returns (Operator storage record) {
        record = _operators[operator];
        if (record.amount == 0) revert NotBonded(operator);
    }

    function _empty(Operator storage record) private returns (uint128 amount) {
        amount = record.amount;
        (record.amount, record.bondedAt, record.releasableAt) = (0, 0, 0);
    }

    function _key(address operator, FaultReason reason, bytes32 fault) private pure returns (bytes32) {
        return keccak256(abi.encode(operator, reason, fault));
    }
}
