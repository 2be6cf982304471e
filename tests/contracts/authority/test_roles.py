"""Authority: who has which role from the start, and how little the roles reach."""

import re
from pathlib import Path

import pytest
from brownie import chain
from brownie.exceptions import VirtualMachineError

from tests.contracts.conftest import FUNDS, GOVERNOR_DELAY_SECONDS, STAKE, THAW_SECONDS, UNBONDING_SECONDS
from tests.contracts.reverts import reverts

ADMIN, PAUSER, GOVERNOR, PUBLIC = 0, 1, 2, 2**64 - 1
ANSWERING = {"pause", "unpause", "scheduleModule"}
STOPPED = {
    "deposit",
    "depositWithPermit",
    "connect",
    "reserve",
    "addReservation",
    "openAuction",
    "bond",
}
FUNCTION = re.compile(r"function (\w+)\([^)]*\)([^{;]*)\{")


@pytest.fixture
def admin(suanli, governor):
    """Lets the admin call a function of the Authority, its delay waited for."""

    def _admin(function, *arguments):
        data = function.encode_input(*arguments)
        suanli.authority.schedule(suanli.authority, data, 0, {"from": governor})
        chain.sleep(GOVERNOR_DELAY_SECONDS)
        return function(*arguments, {"from": governor})

    return _admin


def functions_with(modifier: str) -> set[str]:
    """The functions of our contracts that carry a modifier."""
    found = set()
    for source in Path("contracts").rglob("*.sol"):
        found |= {name for name, head in FUNCTION.findall(source.read_text()) if modifier in head.split()}
    return found


def test_only_pausing_and_scheduling_ask_the_authority():
    assert functions_with("restricted") == ANSWERING


def test_only_new_business_can_be_paused():
    stopped = functions_with("whenNotPaused")
    assert {"deposit", "depositWithPermit", "connect", "reserve", "openAuction", "bond"} <= stopped
    assert stopped <= STOPPED


def test_roles_stand_from_the_start(suanli, governor, pauser, relayer):
    authority = suanli.authority
    assert tuple(authority.hasRole(ADMIN, governor)) == (True, GOVERNOR_DELAY_SECONDS)
    assert tuple(authority.hasRole(GOVERNOR, governor)) == (True, GOVERNOR_DELAY_SECONDS)
    assert tuple(authority.hasRole(PAUSER, pauser)) == (True, 0)
    for role in (ADMIN, PAUSER, GOVERNOR):
        assert not authority.hasRole(role, relayer)[0]
    assert not authority.hasRole(PAUSER, governor)[0]
    assert not authority.hasRole(ADMIN, pauser)[0]


def test_admin_acts_only_after_the_delay(suanli, governor, mallory):
    with pytest.raises(VirtualMachineError, match="AccessManagerNotScheduled"):
        suanli.authority.grantRole(PAUSER, mallory, 0, {"from": governor})


def test_admin_replaces_the_pauser(suanli, admin, pauser, mallory):
    admin(suanli.authority.revokeRole, PAUSER, pauser)
    admin(suanli.authority.grantRole, PAUSER, mallory, 0)
    with reverts("AccessManagedUnauthorized", pauser):
        suanli.ledger.pause({"from": pauser})
    suanli.ledger.pause({"from": mallory})
    assert suanli.ledger.paused()


@pytest.mark.parametrize("deed", ["pause", "close", "replace"])
def test_no_deed_of_the_authority_blocks_leaving(suanli, admin, pauser, alice, carol, carols_node, deed):
    targets = (suanli.ledger, suanli.registry, suanli.bidding, suanli.anchors)
    for target in targets:
        target.pause({"from": pauser})
        if deed == "close":
            admin(suanli.authority.setTargetClosed, target, True)
        if deed == "replace":
            admin(suanli.authority.updateAuthority, target, suanli.token)
    suanli.settle_statement(alice, carols_node, 100)
    suanli.registry.disconnect(carols_node, {"from": carol})
    chain.sleep(UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    for account, owned in ((alice, FUNDS - 100), (carol, FUNDS + 100)):
        suanli.ledger.thaw(2**128 - 1, {"from": account})
        chain.sleep(THAW_SECONDS)
        suanli.ledger.withdraw(account, {"from": account})
        assert suanli.token.balanceOf(account) == owned


def test_no_role_moves_money(suanli, admin, governor, alice, carols_node, mallory):
    """Even with every function open to everybody as far as the Authority can say so."""
    for target, names in (
        (suanli.ledger, ("move", "settle", "advanceEpoch")),
        (suanli.registry, ("slash", "lock", "unlock", "spend", "spendForClaim")),
    ):
        selectors = [getattr(target, name).signature for name in names]
        admin(suanli.authority.setTargetFunctionRole, target, selectors, PUBLIC)
    with reverts("NotModule", mallory):
        suanli.ledger.move(alice, mallory, 1, {"from": mallory})
    theft = suanli.ledger.move.encode_input(alice, mallory, 1)
    with reverts("NotModule", suanli.authority):
        suanli.authority.execute(suanli.ledger, theft, {"from": mallory})
    slash = suanli.registry.slash.encode_input(carols_node, 1, False, mallory, 0)
    with reverts("NotCourt", suanli.authority):
        suanli.authority.execute(suanli.registry, slash, {"from": mallory})
    assert (suanli.balance(alice), suanli.stake(carols_node)) == (FUNDS, (STAKE, 0, STAKE))
