"""What the constructors refuse."""

import pytest

from tests.contracts.reverts import reverts

ZERO = "0x" + "00" * 20
DAYS = 24 * 3600


@pytest.fixture
def parts(suanli):
    return suanli.token, suanli.ledger, suanli.registry, suanli.settlement


def test_ledger_refuses_zero_and_doubled_addresses(contracts, parts, relayer, alice):
    token, _, registry, settlement = parts
    for arguments, refused in (
        ((ZERO, registry, settlement), ZERO),
        ((alice, registry, settlement), alice),
        ((token, ZERO, settlement), ZERO),
        ((token, registry, ZERO), ZERO),
        ((token, registry, registry), registry),
    ):
        with reverts("InvalidAddress", refused):
            contracts.Ledger.deploy(*arguments, 0, {"from": relayer})


def test_ledger_refuses_a_thaw_above_90_days(contracts, parts, relayer):
    token, _, registry, settlement = parts
    contracts.Ledger.deploy(token, registry, settlement, 90 * DAYS, {"from": relayer})
    with reverts("ThawTooLong", 90 * DAYS + 1):
        contracts.Ledger.deploy(token, registry, settlement, 90 * DAYS + 1, {"from": relayer})


def test_registry_refuses_zero_addresses(contracts, parts, relayer):
    _, ledger, _, settlement = parts
    for arguments in ((ZERO, settlement), (ledger, ZERO)):
        with reverts("InvalidAddress", ZERO):
            contracts.GridRegistry.deploy(*arguments, 0, 0, {"from": relayer})


def test_registry_refuses_unbonding_above_90_days(contracts, parts, relayer):
    _, ledger, _, settlement = parts
    contracts.GridRegistry.deploy(ledger, settlement, 0, 90 * DAYS, {"from": relayer})
    with reverts("UnbondingTooLong", 90 * DAYS + 1):
        contracts.GridRegistry.deploy(ledger, settlement, 0, 90 * DAYS + 1, {"from": relayer})


def test_settlement_refuses_a_fee_above_ten_percent(contracts, parts, relayer, treasury):
    _, ledger, registry, _ = parts
    with reverts("FeeTooHigh", 1001):
        contracts.Settlement.deploy(ledger, registry, treasury, 1001, {"from": relayer})


def test_settlement_refuses_to_pay_fees_to_nobody(contracts, parts, relayer):
    _, ledger, registry, _ = parts
    with reverts("InvalidAddress", ZERO):
        contracts.Settlement.deploy(ledger, registry, ZERO, 0, {"from": relayer})


def test_settlement_refuses_a_ledger_that_does_not_name_it(contracts, parts, relayer, treasury):
    _, ledger, registry, _ = parts
    with reverts("WrongDeployment", ledger):
        contracts.Settlement.deploy(ledger, registry, treasury, 0, {"from": relayer})


def test_settlement_refuses_a_registry_that_does_not_name_it(contracts, parts, relayer, treasury):
    token, _, _old_registry, old_settlement = parts
    foretold = relayer.get_deployment_address(relayer.nonce + 2)
    registry = relayer.get_deployment_address(relayer.nonce + 1)
    ledger = contracts.Ledger.deploy(token, registry, foretold, 0, {"from": relayer})
    contracts.GridRegistry.deploy(ledger, old_settlement, 0, 0, {"from": relayer})
    with reverts("WrongDeployment", registry):
        contracts.Settlement.deploy(ledger, registry, treasury, 0, {"from": relayer})


def test_deployment_has_the_addresses_of_the_plan(suanli):
    assert suanli.ledger.settlement() == suanli.settlement
    assert suanli.ledger.registry() == suanli.registry
    assert suanli.registry.ledger() == suanli.settlement.ledger() == suanli.ledger
