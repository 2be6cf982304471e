// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBidding} from "../../../contracts/interfaces/IBidding.sol";
import {CourtRules, IClaimCourt} from "../../../contracts/interfaces/IClaimCourt.sol";
import {IEpochAnchors} from "../../../contracts/interfaces/IEpochAnchors.sol";
import {Deployment} from "./Deployment.sol";
import {vm} from "./Vm.sol";

/// @title The cheat code of forge that only these tests use
interface CodeVm {
    function getCode(string calldata artifact) external view returns (bytes memory);
}

/// @title Deployments that would shut somebody out cannot be made
/// @dev `tests/contracts/test_construction.py` has the others.
contract ConstructorsTest is Deployment {
    uint64 private constant LONGEST = 90 days;

    function setUp() public {
        _deploy(0);
    }

    function test_BiddingHoldsNoReservationLongerThan90DaysPastItsOrder() public {
        _bidding(LONGEST);
        vm.expectRevert(abi.encodeWithSelector(IBidding.GraceTooLong.selector, LONGEST + 1));
        _bidding(LONGEST + 1);
    }

    function test_BiddingBelongsToTheLedgersRegistry() public {
        vm.expectRevert(abi.encodeWithSelector(IBidding.InvalidAddress.selector, settlement));
        this.create("Bidding.sol", abi.encode(ledger, settlement, court, authority, 1 days));
        vm.expectRevert(abi.encodeWithSelector(IBidding.InvalidAddress.selector, address(0)));
        this.create("Bidding.sol", abi.encode(ledger, registry, address(0), authority, 1 days));
    }

    function test_OperatorsBondIsSomethingAndFitsItsWord() public {
        _anchors(type(uint96).max, 1, 2);
        vm.expectRevert(abi.encodeWithSelector(IEpochAnchors.BondZero.selector));
        _anchors(0, 1, 2);
        vm.expectRevert(abi.encodeWithSelector(IEpochAnchors.BondTooLarge.selector, 1 << 96));
        _anchors(1 << 96, 1, 2);
    }

    function test_OperatorsBondOutlastsTheGraceByASecondAndLasts90DaysAtMost() public {
        _anchors(1, LONGEST - 1, LONGEST);
        vm.expectRevert(abi.encodeWithSelector(IEpochAnchors.UnbondingTooShort.selector, 5, 5));
        _anchors(1, 5, 5);
        vm.expectRevert(abi.encodeWithSelector(IEpochAnchors.UnbondingTooLong.selector, LONGEST + 1));
        _anchors(1, 1, LONGEST + 1);
    }

    function test_BondsOfTheCourtPayEveryJurorOfBothPanels() public {
        CourtRules memory rules = _rules();
        rules.claimBond = 10 * rules.jurorFee - 1;
        _requireInvalid(rules);
        rules = _rules();
        rules.challengeBond = 10 * rules.jurorFee - 1;
        _requireInvalid(rules);
    }

    function test_EveryPhaseOfTheCourtHasTime() public {
        for (uint256 phase = 0; phase < 6; ++phase) {
            CourtRules memory rules = _rules();
            assembly ("memory-safe") {
                mstore(add(rules, shl(5, phase)), 0)
            }
            _requireInvalid(rules);
        }
    }

    function test_CourtBelongsToALedgerThatKnowsIt() public {
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.WrongDeployment.selector, ledger));
        _court(_rules());
    }

    /// @dev Reverts with what the constructor says.
    function create(string calldata artifact, bytes calldata arguments) external returns (address made) {
        bytes memory code = bytes.concat(CodeVm(address(vm)).getCode(artifact), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
            if iszero(made) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    function _bidding(uint64 graceSeconds) private {
        this.create("Bidding.sol", abi.encode(ledger, registry, court, authority, graceSeconds));
    }

    function _anchors(uint128 bond, uint64 graceSeconds, uint64 unbondingSeconds) private {
        this.create("EpochAnchors.sol", abi.encode(ledger, authority, bond, graceSeconds, unbondingSeconds));
    }

    function _court(CourtRules memory rules) private {
        this.create("ClaimCourt.sol", abi.encode(ledger, registry, settlement, bidding, rules));
    }

    function _requireInvalid(CourtRules memory rules) private {
        vm.expectRevert(abi.encodeWithSelector(IClaimCourt.InvalidRules.selector));
        _court(rules);
    }
}
