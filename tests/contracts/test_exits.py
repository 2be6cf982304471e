"""Every coin has a way out that needs nobody's consent, and past bugs of other systems stay out."""

import pytest
from brownie import chain

from tests.contracts.conftest import FUNDS, OPERATOR_BOND, STAKE, THAW_SECONDS, UNBONDING_SECONDS

FORBIDDEN = ("owner", "upgrade", "sweep", "rescue", "transfer", "setfee", "mint", "initialize")
"""How functions begin by which an administrator takes money or changes the rules."""
HARMLESS = {"ownerof", "ownersof"}


def leave(suanli, *people):
    """Each takes out the whole balance, into an account that held no token."""
    for person in people:
        suanli.ledger.thaw(2**128 - 1, {"from": person})
    chain.sleep(THAW_SECONDS)
    for person in people:
        suanli.ledger.withdraw(person, {"from": person})


@pytest.fixture
def bonded(suanli, operator):
    """The operator has put up its bond."""
    suanli.fund(operator)
    suanli.anchors.bond({"from": operator})


def test_buyer_and_owner_withdraw_everything_while_all_others_have_stopped(suanli, alice, carol, carols_node):
    suanli.registry.disconnect(carols_node, {"from": carol})
    chain.sleep(UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": carol})
    leave(suanli, alice, carol)
    assert suanli.token.balanceOf(alice) == suanli.token.balanceOf(carol) == FUNDS


def test_operator_withdraws_its_bond_while_all_others_have_stopped(suanli, operator, bonded):
    suanli.anchors.unbond({"from": operator})
    chain.sleep(UNBONDING_SECONDS)
    suanli.anchors.withdrawBond({"from": operator})
    leave(suanli, operator)
    assert suanli.token.balanceOf(operator) == FUNDS


def test_fees_are_withdrawn_like_any_money(suanli, treasury, alice, impersonate):
    suanli.ledger.move(alice, treasury, 100, impersonate(suanli.court))
    leave(suanli, treasury)
    assert suanli.token.balanceOf(treasury) == 100


def test_disconnecting_pays_the_stake_back_once_and_no_fee(suanli, carol, carols_node):
    """Golem paid a fee twice on closing a deposit."""
    suanli.registry.disconnect(carols_node, {"from": carol})
    chain.sleep(UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    assert (suanli.balance(carol), suanli.stake(carols_node)) == (FUNDS, (0, 0, 0))


def test_nobody_has_a_function_that_sweeps(suanli):
    """SONM's owner could sweep the escrow: what holds or moves money here knows no owner and no upgrade.

    How little a pause reaches is tested with the Authority.
    """
    parts = (suanli.ledger, suanli.registry, suanli.settlement, suanli.bidding, suanli.anchors, suanli.court)
    for contract in parts:
        names = {entry["name"].lower() for entry in contract.abi if entry["type"] == "function"}
        assert not [name for name in names - HARMLESS if name.startswith(FORBIDDEN)]


def test_tokens_leave_by_withdraw_alone(suanli, alice, bob, carol, carols_node, operator, bonded):
    """Whatever else happens, the Ledger holds what it held."""
    held = suanli.token.balanceOf(suanli.ledger)
    suanli.settle_statement(alice, carols_node, FUNDS)
    suanli.connect(bob, bob)
    suanli.ledger.thaw(FUNDS - STAKE, {"from": bob})
    suanli.registry.disconnect(carols_node, {"from": carol})
    suanli.anchors.unbond({"from": operator})
    chain.sleep(UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": carol})
    suanli.anchors.withdrawBond({"from": operator})
    assert suanli.balance(operator) == FUNDS > OPERATOR_BOND
    assert suanli.token.balanceOf(suanli.ledger) == held
