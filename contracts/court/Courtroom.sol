// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CourtRules, IClaimCourt} from "../interfaces/IClaimCourt.sol";
import {IBidding} from "../interfaces/IBidding.sol";
import {IGridRegistry} from "../interfaces/IGridRegistry.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {SuanliDomain} from "../libraries/SuanliDomain.sol";
import {Cases} from "./Cases.sol";
import {ClaimChecks} from "./ClaimChecks.sol";

/// @title The court's place in its deployment, its rules and its records
/// @dev The rules are immutables, so that no step of a dispute reads storage for them.
abstract contract Courtroom is IClaimCourt, SuanliDomain {
    ILedger public immutable ledger;
    IGridRegistry public immutable registry;
    ISettlement public immutable settlement;
    IBidding public immutable bidding;

    ClaimChecks internal immutable CHECKS;
    uint32 internal immutable CLAIM_WINDOW_SECONDS;
    uint32 internal immutable DRAW_SECONDS;
    uint32 internal immutable COMMIT_SECONDS;
    uint32 internal immutable OPEN_SECONDS;
    uint32 internal immutable APPEAL_SECONDS;
    uint32 internal immutable SEED_DELAY_BLOCKS;
    uint88 internal immutable CLAIM_BOND;
    uint88 internal immutable CHALLENGE_BOND;
    uint88 internal immutable APPEAL_BOND;
    uint88 internal immutable JUROR_SLASH;
    uint88 internal immutable JUROR_FEE;

    mapping(bytes32 id => bytes32) public recordOf;

    constructor(
        ILedger ledger_,
        IGridRegistry registry_,
        ISettlement settlement_,
        IBidding bidding_,
        CourtRules memory chosen
    ) SuanliDomain(address(ledger_)) {
        CHECKS = new ClaimChecks(address(ledger_), bidding_, registry_, chosen.jurorSlash);
        (ledger, registry, settlement, bidding) = (ledger_, registry_, settlement_, bidding_);
        (CLAIM_WINDOW_SECONDS, DRAW_SECONDS) = (chosen.claimWindowSeconds, chosen.drawSeconds);
        (COMMIT_SECONDS, OPEN_SECONDS) = (chosen.commitSeconds, chosen.openSeconds);
        (APPEAL_SECONDS, SEED_DELAY_BLOCKS) = (chosen.appealSeconds, chosen.seedDelayBlocks);
        (CLAIM_BOND, CHALLENGE_BOND) = (chosen.claimBond, chosen.challengeBond);
        APPEAL_BOND = chosen.appealBond;
        (JUROR_SLASH, JUROR_FEE) = (chosen.jurorSlash, chosen.jurorFee);
        _requireSound(chosen);
        _requireSameDeployment(ledger_, registry_, settlement_, bidding_);
        _requireOutlasts(registry_.unbondingSeconds(), chosen);
        _requireOutlasts(bidding_.claimGraceSeconds(), chosen);
    }

    /// @inheritdoc IClaimCourt
    function rules() public view returns (CourtRules memory) {
        return CourtRules(
            CLAIM_WINDOW_SECONDS,
            DRAW_SECONDS,
            COMMIT_SECONDS,
            OPEN_SECONDS,
            APPEAL_SECONDS,
            SEED_DELAY_BLOCKS,
            CLAIM_BOND,
            CHALLENGE_BOND,
            APPEAL_BOND,
            JUROR_SLASH,
            JUROR_FEE
        );
    }

    /// @inheritdoc IClaimCourt
    function longestDispute() external view returns (uint64) {
        return _longest(rules());
    }

    function _receive(address from, uint256 amount) internal {
        ledger.move(from, address(this), uint128(amount));
    }

    function _send(address to, uint256 amount) internal {
        ledger.move(address(this), to, uint128(amount));
    }

    function _ownerOf(address node) internal view returns (address) {
        return registry.ownerOf(node);
    }

    function _requireNotAfter(uint256 end) internal view {
        if (block.timestamp > end) revert PhaseEnded(end);
    }

    function _requireAfter(uint256 start) internal view {
        if (block.timestamp <= start) revert PhaseNotBegun(start);
    }

    /// @dev The bonds must pay every juror of both panels; a phase without time would shut somebody out.
    function _requireSound(CourtRules memory chosen) private pure {
        uint256 fees = (Cases.SMALL_PANEL + Cases.LARGE_PANEL) * chosen.jurorFee;
        if (chosen.claimBond < fees || chosen.challengeBond < fees) revert InvalidRules();
        if (chosen.claimWindowSeconds == 0 || chosen.drawSeconds == 0) revert InvalidRules();
        if (chosen.commitSeconds == 0 || chosen.openSeconds == 0) revert InvalidRules();
        if (chosen.appealSeconds == 0 || chosen.seedDelayBlocks == 0) revert InvalidRules();
    }

    function _requireSameDeployment(
        ILedger ledger_,
        IGridRegistry registry_,
        ISettlement settlement_,
        IBidding bidding_
    ) private view {
        address court = address(this);
        if (!ledger_.isModule(court) || ledger_.settlement() != address(settlement_)) {
            revert WrongDeployment(address(ledger_));
        }
        if (registry_.court() != court || address(registry_.ledger()) != address(ledger_)) {
            revert WrongDeployment(address(registry_));
        }
        if (settlement_.court() != court || address(settlement_.registry()) != address(registry_)) {
            revert WrongDeployment(address(settlement_));
        }
        if (bidding_.court() != court || address(bidding_.registry()) != address(registry_)) {
            revert WrongDeployment(address(bidding_));
        }
    }

    function _requireOutlasts(uint64 given, CourtRules memory chosen) private pure {
        uint64 needed = _longest(chosen);
        if (given < needed) revert TooShort(given, needed);
    }

    function _longest(CourtRules memory chosen) private pure returns (uint64) {
        uint64 panel = uint64(chosen.drawSeconds) + chosen.commitSeconds + chosen.openSeconds;
        return chosen.claimWindowSeconds + 2 * panel + chosen.appealSeconds;
    }
}
