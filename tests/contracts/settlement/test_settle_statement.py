"""Settlement.settleStatement: a growing total between one buyer and one node."""

import pytest
from brownie.exceptions import VirtualMachineError

from suanli.protocol.eip712 import Domain
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts
from tests.contracts.signing import full_length, malleable_twin, signed, values


@pytest.fixture
def settle(suanli, alice, carols_node):
    """Relays a statement; keywords override who signs or a signature's form."""

    def _settle(statement, buyer_signer=alice, node_signer=carols_node, form=bytes):
        return suanli.settlement.settleStatement(
            values(statement),
            form(suanli.signed(buyer_signer, statement)),
            form(suanli.signed(node_signer, statement)),
            {"from": suanli.relayer},
        )

    return _settle


def test_first_statement_pays_its_whole_amount_less_the_fee(
    suanli, settle, alice, carol, carols_node, treasury
):
    settle(suanli.statement(alice, carols_node, 10_050))
    assert suanli.balance(alice) == FUNDS - 10_050
    assert suanli.balance(treasury) == 100
    assert suanli.balance(carol) == FUNDS - STAKE + 9_950
    assert suanli.settlement.paidOf(alice, carols_node) == 10_050


def test_later_statement_pays_what_it_exceeds_the_last_by(suanli, settle, alice, carols_node, treasury):
    settle(suanli.statement(alice, carols_node, 10_000))
    receipt = settle(suanli.statement(alice, carols_node, 10_500, receipts=9))
    assert suanli.balance(alice) == FUNDS - 10_500
    event = dict(receipt.events["StatementSettled"])
    assert event == {
        "buyer": alice,
        "node": carols_node,
        "amount": 10_500,
        "paid": 500,
        "fee": 5,
        "receipts": 9,
        "receiptsRoot": suanli.statement(alice, carols_node, 10_500).receiptsRoot,
    }


def test_statement_leaves_epochs_alone(suanli, settle, alice, carols_node):
    suanli.settlement.advanceEpoch(4, {"from": alice})
    settle(suanli.statement(alice, carols_node, 1000))
    assert suanli.epoch(alice) == 4


def test_replayed_statement_reverts(suanli, settle, alice, carols_node):
    statement = suanli.statement(alice, carols_node, 1000)
    settle(statement)
    with reverts("StatementNotGrown", alice, carols_node, 1000, 1000):
        settle(statement)


def test_older_statement_cannot_land_after_a_later_one(suanli, settle, alice, carols_node):
    settle(suanli.statement(alice, carols_node, 1000))
    with reverts("StatementNotGrown", alice, carols_node, 999, 1000):
        settle(suanli.statement(alice, carols_node, 999))


def test_statement_of_nothing_reverts(suanli, settle, alice, carols_node):
    with reverts("StatementNotGrown", alice, carols_node, 0, 0):
        settle(suanli.statement(alice, carols_node, 0))


def test_pairs_are_counted_apart(suanli, settle, alice, bob, carols_node, daves_node):
    settle(suanli.statement(alice, carols_node, 1000))
    settle(suanli.statement(alice, daves_node, 300), node_signer=daves_node)
    settle(suanli.statement(bob, carols_node, 20), buyer_signer=bob)
    assert (suanli.balance(alice), suanli.balance(bob)) == (FUNDS - 1300, FUNDS - 20)


def test_statement_above_the_balance_reverts_and_counts_for_nothing(suanli, settle, alice, carols_node):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        settle(suanli.statement(alice, carols_node, FUNDS + 1))
    assert suanli.settlement.paidOf(alice, carols_node) == 0


def test_statement_with_an_unknown_node_reverts(suanli, settle, alice, mallory):
    with reverts("NodeUnknown", mallory):
        settle(suanli.statement(alice, mallory, 1000), node_signer=mallory)


def test_signatures_of_65_bytes_count(suanli, settle, alice, carols_node):
    settle(suanli.statement(alice, carols_node, 1000), form=full_length)


def test_buyer_that_did_not_sign_reverts(suanli, settle, alice, carols_node, mallory):
    with reverts("NotDelegated", alice, mallory):
        settle(suanli.statement(alice, carols_node, 1000), buyer_signer=mallory)


def test_node_that_did_not_sign_reverts(suanli, settle, alice, carols_node, carol):
    with reverts("InvalidSignature", carols_node):
        settle(suanli.statement(alice, carols_node, 1000), node_signer=carol)


def relay(suanli, statement, buyer_signature, node_signature):
    suanli.settlement.settleStatement(
        values(statement), buyer_signature, node_signature, {"from": suanli.relayer}
    )


SPOILT = [
    lambda one: one[:-1],
    lambda one: one + b"\0",
    malleable_twin,
    lambda one: b"",
    lambda one: bytes(64),
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_truncated_malleable_or_void_buyer_signature_reverts(suanli, alice, carols_node, spoil):
    statement = suanli.statement(alice, carols_node, 1000)
    signature = spoil(suanli.signed(alice, statement))
    with reverts("InvalidSignature", alice):
        relay(suanli, statement, signature, suanli.signed(carols_node, statement))


@pytest.mark.parametrize("spoil", SPOILT)
def test_truncated_malleable_or_void_node_signature_reverts(suanli, alice, carols_node, spoil):
    statement = suanli.statement(alice, carols_node, 1000)
    signature = spoil(suanli.signed(carols_node, statement))
    with reverts("InvalidSignature", carols_node):
        relay(suanli, statement, suanli.signed(alice, statement), signature)


@pytest.mark.parametrize("field", ["buyer", "node", "amount", "receipts", "receiptsRoot"])
def test_changed_statement_does_not_fit_the_signatures(suanli, alice, bob, carols_node, daves_node, field):
    statement = suanli.statement(alice, carols_node, 1000)
    other = {
        "buyer": bob.address,
        "node": daves_node.address,
        "amount": 1001,
        "receipts": 2,
        "receiptsRoot": "0x" + "11" * 32,
    }
    forged = statement.model_copy(update={field: other[field]})
    with pytest.raises(VirtualMachineError, match="InvalidSignature"):
        relay(suanli, forged, suanli.signed(alice, statement), suanli.signed(carols_node, statement))


def test_statement_for_another_chain_or_deployment_reverts(suanli, alice, carols_node):
    statement = suanli.statement(alice, carols_node, 1000)
    here = suanli.domain
    others = (
        Domain(chain_id=here.chain_id + 1, ledger=here.ledger),
        Domain(chain_id=here.chain_id, ledger=suanli.registry.address),
    )
    for domain in others:
        signatures = signed(alice, domain, statement), signed(carols_node, domain, statement)
        with reverts("InvalidSignature", carols_node):
            relay(suanli, statement, *signatures)
