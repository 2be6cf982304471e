"""Ledger.scheduleModule: how a module gains power, late and in public."""

import pytest
from brownie import chain

from tests.contracts.clock import next_block_at
from tests.contracts.conftest import GOVERNOR_DELAY_SECONDS, MODULE_DELAY_SECONDS
from tests.contracts.reverts import reverts

ZERO = "0x" + "00" * 20


@pytest.fixture
def schedule(suanli, governor):
    """Announces a module as the governor, its delay waited for."""

    def _schedule(module):
        data = suanli.ledger.scheduleModule.encode_input(module)
        suanli.authority.schedule(suanli.ledger, data, 0, {"from": governor})
        chain.sleep(GOVERNOR_DELAY_SECONDS)
        return suanli.ledger.scheduleModule(module, {"from": governor})

    return _schedule


def test_modules_of_the_deployment_have_power_from_the_start(suanli):
    modules = (suanli.registry, suanli.settlement, suanli.bidding, suanli.anchors, suanli.court)
    assert all(suanli.ledger.isModule(module) for module in modules)
    assert not suanli.ledger.isModule(suanli.authority)


def test_module_is_announced_and_has_power_after_the_delay(suanli, alice, schedule, impersonate):
    module = suanli.token
    receipt = schedule(module)
    active_at = receipt.timestamp + MODULE_DELAY_SECONDS
    assert dict(receipt.events["ModuleScheduled"]) == {"module": module, "activeAt": active_at}
    assert suanli.ledger.moduleActiveAt(module) == active_at
    sender = impersonate(module)
    next_block_at(active_at - 1)
    with reverts("NotModule", module):
        suanli.ledger.move(alice, module, 1, sender)
    next_block_at(active_at)
    suanli.ledger.move(alice, module, 1, sender)


def test_module_is_scheduled_once(suanli, schedule):
    active_at = schedule(suanli.token).timestamp + MODULE_DELAY_SECONDS
    with reverts("ModuleKnown", suanli.token, active_at):
        schedule(suanli.token)


def test_module_of_the_deployment_is_not_scheduled_again(suanli, schedule):
    with reverts("ModuleKnown", suanli.bidding, suanli.ledger.moduleActiveAt(suanli.bidding)):
        schedule(suanli.bidding)
    with reverts("InvalidAddress", suanli.registry):
        schedule(suanli.registry)


def test_address_without_code_is_no_module(suanli, schedule, mallory):
    for nobody in (ZERO, mallory):
        with reverts("InvalidAddress", nobody):
            schedule(nobody)


def test_stranger_and_pauser_schedule_nothing(suanli, mallory, pauser):
    for caller in (mallory, pauser):
        with reverts("AccessManagedUnauthorized", caller):
            suanli.ledger.scheduleModule(suanli.token, {"from": caller})
