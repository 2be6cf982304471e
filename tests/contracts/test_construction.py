"""What the constructors refuse, and that the parts of a deployment name each other."""

import pytest

from suanli.protocol.court_rules import CourtRules
from suanli.protocol.deployment import DeploymentParameters, plan
from tests.contracts.reverts import reverts

ZERO = "0x" + "00" * 20
DAYS = 24 * 3600


@pytest.fixture
def make(contracts, relayer, treasury):
    """Deploys by the plan up to the contract `name`, with that contract's arguments changed by place."""

    def _make(name, changes, **chosen):
        steps = plan(
            relayer.address, relayer.nonce, DeploymentParameters(fee_recipient=treasury.address, **chosen)
        )
        for step in steps:
            arguments = list(step.arguments)
            if step.name == name:
                for place, value in changes.items():
                    arguments[place] = value
            made = getattr(contracts, step.name).deploy(*arguments, {"from": relayer})
            if step.name == name:
                return made
        raise AssertionError(f"the plan makes no {name}")

    return _make


@pytest.mark.parametrize("place", [0, 2])
def test_authority_refuses_to_have_nobody(make, place):
    error = "AccessManagerInvalidInitialAdmin" if place == 0 else "InvalidAddress"
    with reverts(error, ZERO):
        make("Authority", {place: ZERO})


def test_ledger_refuses_zero_and_doubled_addresses(make, suanli, alice):
    same = suanli.registry.address
    for changes, refused in (
        ({0: ZERO}, ZERO),
        ({0: alice}, alice),
        ({2: ZERO}, ZERO),
        ({3: ZERO}, ZERO),
        ({2: same, 3: same}, same),
        ({2: same, 4: [same]}, same),
        ({4: [ZERO]}, ZERO),
    ):
        with reverts("InvalidAddress", refused):
            make("Ledger", changes)


def test_ledger_refuses_a_module_named_twice(make, suanli):
    with pytest.raises(Exception, match="ModuleKnown"):
        make("Ledger", {4: [suanli.court.address] * 2})


def test_ledger_and_registry_refuse_an_authority_without_code(make, alice):
    for contract in ("Ledger", "GridRegistry"):
        with reverts("AccessManagedInvalidAuthority", alice):
            make(contract, {1: alice})


def test_ledger_refuses_a_thaw_above_90_days(make):
    make("Ledger", {5: 90 * DAYS, 6: 91 * DAYS})
    with reverts("ThawTooLong", 90 * DAYS + 1):
        make("Ledger", {5: 90 * DAYS + 1, 6: 91 * DAYS})


def test_ledger_refuses_modules_that_do_not_outwait_the_thaw(make):
    with reverts("ModuleDelayTooShort", DAYS, DAYS):
        make("Ledger", {5: DAYS, 6: DAYS})
    with reverts("ModuleDelayTooLong", 3650 * DAYS + 1):
        make("Ledger", {6: 3650 * DAYS + 1})


@pytest.mark.parametrize("place", [0, 2, 3])
def test_registry_refuses_zero_addresses(make, place):
    with reverts("InvalidAddress", ZERO):
        make("GridRegistry", {place: ZERO})


def test_registry_refuses_a_ledger_that_does_not_name_it(make, suanli):
    with reverts("WrongDeployment", suanli.ledger):
        make("GridRegistry", {0: suanli.ledger})


def test_registry_refuses_unbonding_above_90_days(make):
    make("GridRegistry", {5: 90 * DAYS}, module_delay_seconds=100 * DAYS)
    with reverts("UnbondingTooLong", 90 * DAYS + 1):
        make("GridRegistry", {5: 90 * DAYS + 1}, module_delay_seconds=100 * DAYS)


def test_registry_refuses_modules_that_do_not_outwait_thaw_and_unbonding(make):
    make("GridRegistry", {5: 19 * DAYS - 1}, thaw_seconds=DAYS, module_delay_seconds=20 * DAYS)
    with reverts("ModuleDelayTooShort", 20 * DAYS, 20 * DAYS):
        make("GridRegistry", {5: 19 * DAYS}, thaw_seconds=DAYS, module_delay_seconds=20 * DAYS)


def test_settlement_refuses_a_fee_above_ten_percent(make):
    with reverts("FeeTooHigh", 1001):
        make("Settlement", {5: 1001})


def test_settlement_refuses_to_pay_fees_to_nobody(make):
    with reverts("InvalidAddress", ZERO):
        make("Settlement", {4: ZERO})


def test_settlement_refuses_a_ledger_that_does_not_name_it(make, suanli):
    with reverts("WrongDeployment", suanli.ledger):
        make("Settlement", {0: suanli.ledger})


def test_settlement_refuses_a_registry_that_does_not_name_it(make, suanli):
    with pytest.raises(Exception, match="WrongDeployment"):
        make("Settlement", {1: suanli.registry})


@pytest.mark.parametrize(("lasts", "given"), [(7 * DAYS, 6 * DAYS), (9 * DAYS, 8 * DAYS)])
def test_court_refuses_disputes_that_outlast_claims_grace_or_stakes(make, lasts, given):
    others = CourtRules().longest_dispute() - CourtRules().claim_window_seconds
    rules = CourtRules(claim_window_seconds=lasts - others)
    chosen = {"unbonding_seconds": 8 * DAYS, "claim_grace_seconds": 6 * DAYS}
    with reverts("TooShort", given, lasts):
        make("ClaimCourt", {4: rules.values()}, **chosen)


def test_deployment_has_the_addresses_of_the_plan(suanli):
    assert suanli.ledger.settlement() == suanli.settlement
    assert suanli.ledger.registry() == suanli.registry
    assert suanli.registry.ledger() == suanli.settlement.ledger() == suanli.ledger
    assert suanli.registry.court() == suanli.court
    for stoppable in (suanli.ledger, suanli.registry, suanli.bidding, suanli.anchors):
        assert stoppable.authority() == suanli.authority
