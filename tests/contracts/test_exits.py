"""Every coin has a way out that needs nobody's consent, and past bugs of other systems stay out."""

from brownie import chain

from tests.contracts.conftest import FUNDS, STAKE, THAW_SECONDS, UNBONDING_SECONDS
from tests.contracts.signing import values


def test_buyer_and_owner_withdraw_everything_while_all_others_have_stopped(suanli, alice, carol, carols_node):
    suanli.registry.disconnect(carols_node, {"from": carol})
    chain.sleep(UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": carol})
    for person in (alice, carol):
        suanli.ledger.thaw(FUNDS, {"from": person})
    chain.sleep(THAW_SECONDS)
    for person in (alice, carol):
        suanli.ledger.withdraw(person, {"from": person})
        assert suanli.token.balanceOf(person) == FUNDS


def test_fees_are_withdrawn_like_any_money(suanli, alice, carols_node, treasury):
    statement = suanli.statement(alice, carols_node, 10_000)
    signatures = suanli.signed(alice, statement), suanli.signed(carols_node, statement)
    suanli.settlement.settleStatement(values(statement), *signatures, {"from": suanli.relayer})
    suanli.ledger.thaw(100, {"from": treasury})
    chain.sleep(THAW_SECONDS)
    suanli.ledger.withdraw(treasury, {"from": treasury})
    assert suanli.token.balanceOf(treasury) == 100


def test_disconnecting_pays_the_stake_back_once_and_no_fee(suanli, carol, carols_node):
    """Golem paid a fee twice on closing a deposit."""
    suanli.registry.disconnect(carols_node, {"from": carol})
    chain.sleep(UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    assert (suanli.balance(carol), suanli.ledger.stakeOf(carol)) == (FUNDS, 0)


def test_nobody_has_a_function_that_sweeps(suanli):
    """SONM's owner could sweep the escrow: here no contract knows an owner, a pause or an upgrade."""
    forbidden = ("owner", "pause", "upgrade", "sweep", "rescue", "transferownership", "setfee", "mint")
    for contract in (suanli.ledger, suanli.registry, suanli.settlement):
        names = [entry["name"].lower() for entry in contract.abi if entry["type"] == "function"]
        assert not [
            name for name in names if name.startswith(forbidden) and name not in ("ownerof", "ownersof")
        ]


def test_tokens_leave_by_withdraw_alone(suanli, alice, bob, carols_node, daves_node):
    """Whatever else happens, the Ledger holds what it held."""
    held = suanli.token.balanceOf(suanli.ledger)
    statement = suanli.statement(alice, carols_node, FUNDS)
    signatures = suanli.signed(alice, statement), suanli.signed(carols_node, statement)
    suanli.settlement.settleStatement(values(statement), *signatures, {"from": suanli.relayer})
    suanli.connect(bob, bob)
    suanli.ledger.thaw(STAKE, {"from": bob})
    assert suanli.token.balanceOf(suanli.ledger) == held
