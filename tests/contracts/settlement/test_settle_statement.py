"""Settlement.settleStatement: what one buyer and one node agree on, once, without a fee."""

import pytest
from brownie.exceptions import VirtualMachineError

from suanli.protocol.eip712 import Domain
from suanli.protocol.serials import marks_of
from tests.contracts.conftest import FUNDS, STAKE
from tests.contracts.reverts import reverts
from tests.contracts.signing import full_length, malleable_twin, signed, values


@pytest.fixture
def relay(suanli):
    """Sends a statement over `serials` with these signatures."""

    def _relay(statement, buyer_signature, node_signature, serials=(0,)):
        return suanli.settlement.settleStatement(
            values(statement), marks_of(serials), buyer_signature, node_signature, {"from": suanli.relayer}
        )

    return _relay


def test_nodes_owner_is_paid_the_whole_amount(suanli, alice, carol, carols_node, treasury):
    receipt = suanli.settle_statement(alice, carols_node, 10_050, serials=(3, 300))
    assert (suanli.balance(alice), suanli.balance(treasury)) == (FUNDS - 10_050, 0)
    assert suanli.balance(carol) == FUNDS - STAKE + 10_050
    assert dict(receipt.events["StatementSettled"]) == {
        "buyer": alice,
        "node": carols_node,
        "payee": carol,
        "amount": 10_050,
        "receipts": 2,
        "receiptsRoot": suanli.statement(alice, carols_node, 10_050).receiptsRoot,
    }
    words = [suanli.settlement.paidWord(carols_node, word) for word in (0, 1)]
    assert words == [8, 1 << 44]
    assert "Moved" not in receipt.events


def test_statement_leaves_epochs_alone(suanli, alice, carols_node):
    suanli.settlement.advanceEpoch(4, {"from": alice})
    suanli.settle_statement(alice, carols_node, 1000)
    assert suanli.epoch(alice) == 4


def test_replayed_statement_reverts(suanli, alice, carols_node):
    suanli.settle_statement(alice, carols_node, 1000)
    with reverts("AlreadyPaid", carols_node, 0, 1):
        suanli.settle_statement(alice, carols_node, 1000)


def test_statement_that_shares_a_serial_with_a_landed_one_reverts(suanli, alice, carols_node):
    suanli.settle_statement(alice, carols_node, 1000, serials=(0, 1))
    with reverts("AlreadyPaid", carols_node, 0, 2):
        suanli.settle_statement(alice, carols_node, 5000, serials=(1, 2))


def test_other_nodes_serials_are_others(suanli, alice, bob, carols_node, daves_node):
    suanli.settle_statement(alice, carols_node, 1000)
    suanli.settle_statement(alice, daves_node, 20)
    with reverts("AlreadyPaid", carols_node, 0, 1):
        suanli.settle_statement(bob, carols_node, 20)
    assert (suanli.balance(alice), suanli.balance(bob)) == (FUNDS - 1020, FUNDS)


def test_statement_of_more_than_a_posting_holds_reverts(suanli, alice, carols_node):
    with reverts("AmountTooLarge", 1 << 96):
        suanli.settle_statement(alice, carols_node, 1 << 96)


def test_statement_over_no_receipt_reverts(suanli, alice, carols_node):
    with reverts("ReceiptsMismatch", 0, 0):
        suanli.settle_statement(alice, carols_node, 1000, serials=())


def test_statement_above_the_balance_reverts_and_counts_for_nothing(suanli, alice, carols_node):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        suanli.settle_statement(alice, carols_node, FUNDS + 1)
    assert not suanli.settlement.isPaid(carols_node, 0)


def test_signatures_of_65_bytes_count(suanli, relay, alice, carols_node):
    statement = suanli.statement(alice, carols_node, 1000)
    relay(statement, *(full_length(suanli.signed(signer, statement)) for signer in (alice, carols_node)))


def test_buyer_that_did_not_sign_reverts(suanli, alice, carols_node, mallory):
    with reverts("NotDelegated", alice, mallory):
        suanli.settle_statement(alice, carols_node, 1000, signer=mallory)


def test_owner_cannot_sign_for_its_node(suanli, relay, alice, carols_node, carol):
    statement = suanli.statement(alice, carols_node, 1000)
    with reverts("InvalidSignature", carols_node):
        relay(statement, suanli.signed(alice, statement), suanli.signed(carol, statement))


SPOILT = [
    lambda one: one[:-1],
    lambda one: one + b"\0",
    malleable_twin,
    lambda one: b"",
    lambda one: bytes(64),
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_truncated_malleable_or_void_buyer_signature_reverts(suanli, relay, alice, carols_node, spoil):
    statement = suanli.statement(alice, carols_node, 1000)
    with reverts("InvalidSignature", alice):
        relay(statement, spoil(suanli.signed(alice, statement)), suanli.signed(carols_node, statement))


@pytest.mark.parametrize("spoil", SPOILT)
def test_truncated_malleable_or_void_node_signature_reverts(suanli, relay, alice, carols_node, spoil):
    statement = suanli.statement(alice, carols_node, 1000)
    with reverts("InvalidSignature", carols_node):
        relay(statement, suanli.signed(alice, statement), spoil(suanli.signed(carols_node, statement)))


@pytest.mark.parametrize("field", ["buyer", "node", "payee", "amount", "receipts", "receiptsRoot"])
def test_changed_statement_does_not_fit_the_signatures(
    suanli, relay, alice, bob, carols_node, daves_node, field
):
    statement = suanli.statement(alice, carols_node, 1000)
    other = {
        "buyer": bob.address,
        "node": daves_node.address,
        "payee": bob.address,
        "amount": 1001,
        "receipts": 2,
        "receiptsRoot": "0x" + "11" * 32,
    }
    forged = statement.model_copy(update={field: other[field]})
    with pytest.raises(VirtualMachineError, match="InvalidSignature"):
        relay(forged, suanli.signed(alice, statement), suanli.signed(carols_node, statement))


def test_other_marks_than_the_signed_ones_revert(suanli, relay, alice, carols_node):
    statement = suanli.statement(alice, carols_node, 1000)
    with pytest.raises(VirtualMachineError, match="MarksMismatch"):
        relay(statement, suanli.signed(alice, statement), suanli.signed(carols_node, statement), serials=(1,))


def test_statement_for_another_chain_or_deployment_reverts(suanli, relay, alice, carols_node):
    statement = suanli.statement(alice, carols_node, 1000)
    here = suanli.domain
    others = (
        Domain(chain_id=here.chain_id + 1, ledger=here.ledger),
        Domain(chain_id=here.chain_id, ledger=suanli.registry.address),
    )
    for domain in others:
        signatures = signed(alice, domain, statement), signed(carols_node, domain, statement)
        with reverts("InvalidSignature", carols_node):
            relay(statement, *signatures)
