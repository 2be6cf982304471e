"""The auditor's own reckoning of settlements: money is conserved, and each broken rule is named."""

from collections.abc import Callable

import pytest
from hypothesis import given

from suanli.audit.books.records import Account, Grant, Reservation
from suanli.audit.settled import Settled, SettledStatement, Signer
from suanli.audit.settling import settle
from suanli.protocol.checks import Check
from suanli.protocol.netting import Batch
from suanli.protocol.reservations import reservation_account
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
    add_node,
    batch,
    books,
    empty_books,
    settled_batch,
    settled_root,
    settled_statement,
    task,
)
from tests.unit.protocol.strategies import batches


def failed(checks: list[Check]) -> set[str]:
    return {one.name for one in checks if not one.passed}


@given(batches())
def test_a_batch_moves_money_and_makes_none(made: Batch) -> None:
    kept = empty_books()
    for buyer in made.buyers():
        kept.accounts[buyer] = Account(balance=1 << 80)
    for node in made.nodes():
        add_node(kept, node, made.payees[node])
    before = kept.liabilities()
    settle(kept, settled_batch(made), FEE)
    assert kept.liabilities() == before
    assert kept.serials.takers.keys() == {(one.node, one.serial) for one in made.tasks}


def test_a_sound_batch_holds_every_rule_and_is_booked() -> None:
    kept = books()
    checks = settle(kept, settled_batch(batch(5, task(), task(BOB, 1, OTHER, serial=1))), FEE)
    assert failed(checks) == set()
    assert kept.accounts[ALICE] == Account(balance=9_901, epoch=5)
    assert kept.accounts[OWNER].balance == 99 - 1 + 1
    assert kept.accounts[FEES].balance == fee_rounded_down(99, 200)


def test_a_root_takes_its_fee_per_node_and_not_per_task() -> None:
    kept = books()
    checks = settle(
        kept, settled_root(batch(5, task(amount=49), task(amount=51, receipt=OTHER, serial=1))), FEE
    )
    assert failed(checks) == set()
    assert kept.accounts[FEES].balance == 2
    assert kept.accounts[OWNER].balance == 98


@pytest.mark.parametrize("said", [{"volume": 98}, {"fee": 0}, {"tasks": 2}, {"root": OTHER}])
def test_a_root_whose_log_says_otherwise_is_named(said: dict[str, int]) -> None:
    wrong = {"tasks": "root"}.get(next(iter(said)), next(iter(said)))
    assert failed(settle(books(), settled_root(batch(5, task()), **said), FEE)) == {wrong}


@pytest.mark.parametrize("signer", [None, CAROL])
def test_a_buyer_who_did_not_sign_is_named(signer: str | None) -> None:
    assert failed(settle(books(), settled_batch(batch(5, task()), [signer, NODE]), FEE)) == {"buyer_consent"}


def test_a_delegate_signs_until_its_cap_is_used_up() -> None:
    kept = books()
    kept.grants[ALICE, CAROL] = Grant(remaining=150, expiry=NOW, nonce=1)
    first = settle(kept, settled_batch(batch(5, task()), [CAROL, NODE]), FEE)
    second = settle(kept, settled_batch(batch(6, task(receipt=OTHER, serial=1)), [CAROL, NODE]), FEE)
    assert (failed(first), failed(second)) == (set(), {"buyer_consent"})


def test_an_expired_delegate_is_named() -> None:
    kept = books()
    kept.grants[ALICE, CAROL] = Grant(remaining=150, expiry=NOW - 1, nonce=1)
    assert failed(settle(kept, settled_batch(batch(5, task()), [CAROL, NODE]), FEE)) == {"buyer_consent"}


def test_a_node_that_did_not_sign_is_named() -> None:
    unsigned = settled_batch(batch(5, task()), [ALICE, CAROL])
    assert failed(settle(books(), unsigned, FEE)) == {"node_consent"}


def test_a_node_that_was_never_connected_is_named() -> None:
    unknown = settled_batch(batch(5, task(node=BOB)))
    assert failed(settle(books(), unknown, FEE)) == {"node_consent", "payee"}


def test_a_payee_who_does_not_own_the_node_is_named() -> None:
    assert failed(settle(books(), settled_batch(batch(5, task(), payee=CAROL)), FEE)) == {"payee"}
    assert failed(settle(books(), settled_root(batch(5, task(), payee=CAROL)), FEE)) == {"payee"}
    assert failed(settle(books(), settled_statement(payee=CAROL), FEE)) == {"payee"}


def test_a_missing_signature_is_named() -> None:
    assert "signatures" in failed(settle(books(), settled_batch(batch(5, task()), [ALICE]), FEE))


@pytest.mark.parametrize("epoch", [5, 4, NOW + 1])
def test_an_old_or_a_future_epoch_is_named(epoch: int) -> None:
    assert failed(settle(books(epoch=5), settled_batch(batch(epoch, task())), FEE)) == {"epoch"}


def test_spending_more_than_there_is_is_named() -> None:
    assert failed(settle(books(balance=98), settled_batch(batch(5, task())), FEE)) == {"funds"}


def test_a_log_with_another_volume_or_fee_is_named() -> None:
    said = settled_batch(batch(5, task()), volume=98, fee=2)
    assert failed(settle(books(), said, FEE)) == {"volume", "fee"}


Exit = Callable[[], Settled]
EXITS: list[Exit] = [
    lambda: settled_batch(batch(6, task())),
    lambda: settled_root(batch(6, task())),
    lambda: settled_statement(serials=(0,)),
]


@pytest.mark.parametrize("second", EXITS)
@pytest.mark.parametrize("first", EXITS[::-1])
def test_a_serial_that_two_exits_take_is_named(first: Exit, second: Exit) -> None:
    kept = books()
    assert "serials_once" not in failed(settle(kept, first(), FEE))
    assert "serials_once" in failed(settle(kept, second(), FEE))


def test_equal_serials_of_two_nodes_are_two_serials() -> None:
    kept = books()
    add_node(kept, BOB)
    first, second = task(), task(amount=1, receipt=OTHER, node=BOB)
    assert failed(settle(kept, settled_batch(batch(5, first, second)), FEE)) == set()
    assert kept.serials.takers.keys() == {(NODE, 0), (BOB, 0)}


def test_a_buyer_cannot_use_up_the_serials_of_a_node_that_did_not_sign() -> None:
    """It once could: by a payment of nothing to a node of its own."""
    kept = books()
    add_node(kept, CAROL, ALICE)
    burning = batch(5, task(amount=0, receipt=OTHER, node=CAROL), payee=ALICE)
    assert failed(settle(kept, settled_batch(burning), FEE)) == set()
    assert failed(settle(kept, settled_batch(batch(6, task())), FEE)) == set()


def test_a_statement_pays_the_payee_without_a_fee() -> None:
    kept = books()
    assert failed(settle(kept, settled_statement(100), FEE)) == set()
    assert (kept.accounts[ALICE].balance, kept.accounts[OWNER].balance) == (9_900, 100)
    assert kept.serials.is_taken(NODE, 0)


def test_a_statement_over_more_than_there_is_is_named() -> None:
    assert failed(settle(books(balance=99), settled_statement(100), FEE)) == {"funds"}


def test_a_statement_that_marks_other_serials_than_it_signs_is_named() -> None:
    assert failed(settle(books(), settled_statement(receipts=2), FEE)) == {"marks"}


def test_a_contract_may_approve_a_statement() -> None:
    approved, refused = Signer(None, approved=True), Signer(None)
    assert failed(settle(books(), settled_statement(signer=approved), FEE)) == set()
    assert failed(settle(books(), settled_statement(signer=refused), FEE)) == {"buyer_consent"}


def reserved(**changes: object) -> set[str]:
    """What is wrong with a statement that the reservation of an order guarded by Carol pays."""
    kept = books()
    kept.reservations[OTHER] = Reservation(ALICE, CAROL, reservation_account(OTHER))
    kept.accounts[reservation_account(OTHER)] = Account(balance=100)
    honest: dict[str, object] = {"order": OTHER, "guardian": Signer(CAROL)}
    settled: SettledStatement = settled_statement(**(honest | changes))  # type: ignore[arg-type]
    return failed(settle(kept, settled, FEE))


def test_a_reservation_pays_with_its_guardians_consent_only() -> None:
    assert reserved() == set()
    assert reserved(guardian=Signer(BOB)) == {"guardian_consent"}
    assert reserved(guardian=None) == {"guardian_consent"}
    assert reserved(order="0x" + "11" * 32) == {"reserved"}


def test_an_award_counts_serials_of_its_own() -> None:
    kept, account = books(), reservation_account(OTHER)
    kept.reservations[OTHER] = Reservation(ALICE, NODE, account, awarded=True)
    kept.accounts[account] = Account(balance=100)
    paid = settled_statement(order=OTHER, buyer=account)
    assert failed(settle(kept, paid, FEE)) == set()
    assert kept.serials.takers.keys() == {(account, 0)}
    assert kept.accounts[account].balance == 0
