"""The auditor's own reckoning of settlements: money is conserved, and each broken rule is named."""

import pytest
from hypothesis import given

from suanli.audit.books import Account, Books, Grant
from suanli.audit.settling import settle
from suanli.protocol.checks import Check
from suanli.protocol.netting import Batch
from suanli.protocol.units import fee_rounded_down
from tests.unit.audit.settlements import (
    ALICE,
    BOB,
    CAROL,
    FEE,
    FEES,
    NODE,
    NOW,
    OTHER,
    OWNER,
    RECEIPT,
    add_node,
    books,
    settled_batch,
    settled_statement,
    task,
)
from tests.unit.protocol.strategies import batches


def failed(checks: list[Check]) -> set[str]:
    return {one.name for one in checks if not one.passed}


@given(batches())
def test_a_batch_moves_money_and_makes_none(batch: Batch) -> None:
    made = Books()
    for buyer in batch.buyers():
        made.accounts[buyer] = Account(balance=1 << 80)
    for node in batch.nodes():
        add_node(made, node, OWNER)
    before = made.liabilities()
    settle(made, settled_batch(batch), FEE)
    assert made.liabilities() == before
    assert made.accounts[FEES].balance == sum(fee_rounded_down(one.amount, 200) for one in batch.tasks)


def test_a_sound_batch_holds_every_rule_and_is_booked() -> None:
    made = books()
    checks = settle(made, settled_batch(Batch(5, (task(), task(BOB, 1, OTHER)))), FEE)
    assert failed(checks) == set()
    assert made.accounts[ALICE] == Account(balance=9_901, epoch=5)
    assert made.accounts[OWNER].balance == 99 - 1 + 1
    assert set(made.paid_receipts) == {RECEIPT, OTHER}


@pytest.mark.parametrize(("signer", "wrong"), [(None, {"buyer_consent"}), (CAROL, {"buyer_consent"})])
def test_a_buyer_who_did_not_sign_is_named(signer: str | None, wrong: set[str]) -> None:
    assert failed(settle(books(), settled_batch(Batch(5, (task(),)), [signer, NODE]), FEE)) == wrong


def test_a_delegate_signs_until_its_cap_is_used_up() -> None:
    made = books()
    made.grants[ALICE, CAROL] = Grant(remaining=150, expiry=NOW, nonce=1)
    first = settle(made, settled_batch(Batch(5, (task(),)), [CAROL, NODE]), FEE)
    second = settle(made, settled_batch(Batch(6, (task(receipt=OTHER),)), [CAROL, NODE]), FEE)
    assert (failed(first), failed(second)) == (set(), {"buyer_consent"})


def test_an_expired_delegate_is_named() -> None:
    made = books()
    made.grants[ALICE, CAROL] = Grant(remaining=150, expiry=NOW - 1, nonce=1)
    assert failed(settle(made, settled_batch(Batch(5, (task(),)), [CAROL, NODE]), FEE)) == {"buyer_consent"}


def test_a_node_that_did_not_sign_or_was_never_connected_is_named() -> None:
    unsigned = settled_batch(Batch(5, (task(),)), [ALICE, CAROL])
    unknown = settled_batch(Batch(5, (task(node=BOB),)))
    assert failed(settle(books(), unsigned, FEE)) == {"node_consent"}
    assert failed(settle(books(), unknown, FEE)) == {"node_consent"}


def test_a_missing_signature_is_named() -> None:
    assert "signatures" in failed(settle(books(), settled_batch(Batch(5, (task(),)), [ALICE]), FEE))


@pytest.mark.parametrize("epoch", [5, 4, NOW + 1])
def test_an_old_or_a_future_epoch_is_named(epoch: int) -> None:
    assert failed(settle(books(epoch=5), settled_batch(Batch(epoch, (task(),))), FEE)) == {"epoch"}


def test_spending_more_than_there_is_is_named() -> None:
    assert failed(settle(books(balance=98), settled_batch(Batch(5, (task(),))), FEE)) == {"funds"}


def test_a_log_with_another_volume_or_fee_is_named() -> None:
    said = settled_batch(Batch(5, (task(),)), volume=98, fee=2)
    assert failed(settle(books(), said, FEE)) == {"volume", "fee"}


def test_a_receipt_paid_in_an_earlier_batch_is_named() -> None:
    made = books()
    settle(made, settled_batch(Batch(5, (task(),))), FEE)
    assert failed(settle(made, settled_batch(Batch(6, (task(BOB),))), FEE)) == {"receipts_once"}


def test_a_statement_pays_its_growth() -> None:
    made = books()
    first = settle(made, settled_statement(100), FEE)
    second = settle(made, settled_statement(250, before=100), FEE)
    assert failed(first) == failed(second) == set()
    assert made.accounts[ALICE].balance == 10_000 - 250
    assert made.accounts[OWNER].balance == 250 - 5
    assert made.statements[ALICE, NODE] == 250


def test_a_statement_that_pays_more_than_its_growth_is_named() -> None:
    made = books()
    settle(made, settled_statement(100), FEE)
    assert failed(settle(made, settled_statement(250), FEE)) == {"volume", "fee"}


def test_a_contract_may_approve_a_statement() -> None:
    assert failed(settle(books(), settled_statement(100, signer=None, approved=True), FEE)) == set()
    assert failed(settle(books(), settled_statement(100, signer=None), FEE)) == {"buyer_consent"}
