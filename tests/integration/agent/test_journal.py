"""The journal on a real disk: what is written stays, what is signed is never replaced, and sums are exact."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from provider_agent.earnings import by_job, earnings
from provider_agent.executors.base import Run
from provider_agent.instructions import Held
from provider_agent.journal import Journal, SealedReceipt, open_database
from provider_agent.payments import ClaimState, ClaimTold
from provider_agent.sealing import make_receipt
from provider_agent.settlement import Refusal, Way
from provider_agent.settlement_journal import Payment, SettlementJournal
from suanli.protocol.documents import BlobReference
from suanli.protocol.errors import NodeError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Netting, Outcome, Receipt, Statement
from suanli.protocol.offering import Offering
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import reference_of
from suanli.protocol.states import RunState
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import AskRequest, Assignment
from tests.unit.agent.offers import CAST, assignment

NOW = 1_000_000
OUTPUT = BlobReference(path="a", hash="0x" + "aa" * 32, size=1000)
OPEN, DROPPED = ClaimState.OPEN, ClaimState.DROPPED
TRANSACTION = "0x" + "77" * 32


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    return open_database(tmp_path / "journal.sqlite")


@pytest.fixture
def journal(database: sqlite3.Connection) -> Journal:
    return Journal(database)


def held(offer: Assignment, state: RunState = RunState.ASSIGNED) -> Held:
    lease = offer.lease.message
    return Held(lease.id(), lease.deadline, state)


def seal(offer: Assignment, fuel: int = 5_000_000) -> SealedReceipt:
    run = Run(Outcome.COMPLETED, None, "", 0, fuel, 1 << 20, (OUTPUT,))
    receipt, manifest = make_receipt(offer.lease.message, offer.spec, run)
    return SealedReceipt(CAST.signed(CAST.node, receipt), manifest)


def finish(journal: Journal, offer: Assignment, state: RunState = RunState.ACKED) -> Receipt:
    """A lease with a receipt, in the journal."""
    sealed = seal(offer)
    journal.add(offer, held(offer), NOW)
    journal.finish(held(offer, RunState.FINISHED), sealed, NOW)
    journal.change(held(offer, state), NOW)
    return sealed.receipt.message


def test_what_was_written_is_read_back_by_the_next_agent(journal: Journal, tmp_path: Path) -> None:
    offer = assignment()
    running = replace(held(offer, RunState.RUNNING), starts=2, process=(4711, 12.5))
    journal.add(offer, held(offer), NOW)
    journal.change(running, NOW)
    journal.database.close()
    again = Journal(open_database(tmp_path / "journal.sqlite"))
    assert again.relevant(NOW) == [running]
    assert again.assignment(running.lease) == offer


def test_a_receipt_is_never_replaced(journal: Journal) -> None:
    offer = assignment()
    first, second = seal(offer, fuel=1), seal(offer, fuel=2)
    journal.add(offer, held(offer), NOW)
    for sealed in (first, second):
        journal.finish(held(offer, RunState.FINISHED), sealed, NOW)
    assert journal.sealed(offer.lease.message.id()) == first


def test_a_lease_is_not_begun_anew(journal: Journal) -> None:
    offer = assignment()
    receipt = finish(journal, offer)
    journal.add(offer, held(offer), NOW)
    assert journal.relevant(NOW)[0].state is RunState.ACKED
    assert journal.sealed(receipt.lease) is not None


def test_leases_that_are_over_and_past_their_deadline_are_left_alone(journal: Journal) -> None:
    offer = assignment()
    finish(journal, offer)
    deadline = offer.lease.message.deadline
    assert journal.relevant(deadline - 1)
    assert not journal.relevant(deadline)


def test_a_change_that_fails_leaves_nothing_behind(journal: Journal) -> None:
    offer = assignment()
    journal.add(offer, held(offer), NOW)
    with pytest.raises(sqlite3.Error):
        journal.finish(Held(held(offer).lease, 0, RunState.FINISHED, detail=None), seal(offer), NOW)  # type: ignore[arg-type]
    assert journal.relevant(NOW)[0].state is RunState.ASSIGNED
    assert journal.sealed(held(offer).lease) is None


def test_a_buyers_debt_is_the_caps_of_live_leases_and_the_unpaid_receipts(
    journal: Journal, database: sqlite3.Connection
) -> None:
    live, done, old = (assignment(attempt=number) for number in range(3))
    journal.add(live, held(live), NOW)
    receipt = finish(journal, done)
    finish(journal, old)
    database.execute("UPDATE leases SET changed_at = 1 WHERE lease = ?", (old.lease.message.id(),))
    buyer = CAST.buyer.address
    order = live.lease.message.order
    assert journal.committed(buyer, since=2) == {order: live.lease.message.cap + receipt.amount}
    SettlementJournal(database).pay([Payment(receipt.id(), Way.NETTING, 1, TRANSACTION)], [], 10, NOW)
    assert journal.committed(buyer, since=2) == {order: live.lease.message.cap}
    assert journal.committed(CAST.owner.address, since=0) == {}


def stated(receipts: list[str]) -> Statement:
    return Statement(
        buyer=CAST.buyer.address,
        node=CAST.node.address,
        payee=CAST.owner.address,
        amount=1,
        receipts=len(receipts),
        receiptsRoot=receipts_root(receipts),
        marks="0x" + "00" * 32,
    )


def test_a_serial_of_the_node_is_the_first_leases_for_good(journal: Journal) -> None:
    """Whoever the buyers are: the contracts count serials in the node's space."""
    first = assignment(serial=9)
    second = assignment(order_changes={"buyer": CAST.owner.address}, serial=9)
    for offer in (first, second):
        journal.add(offer, held(offer), NOW)
    assert journal.holder_of(9) == first.lease.message.id()
    assert journal.holder_of(8) is None
    for state in (RunState.HANDED_BACK, RunState.FENCED, RunState.LOST):
        journal.change(held(first, state), NOW)
        assert journal.holder_of(9) == first.lease.message.id()


def test_the_books_know_every_signature_and_payment_of_a_receipt(
    journal: Journal, database: sqlite3.Connection
) -> None:
    books = SettlementJournal(database)
    first, second = (finish(journal, assignment(attempt=number, serial=number)) for number in range(2))
    assert books.unpaid() == 2
    for epoch in (7, 8):
        netting = Netting(epoch=epoch, batch="0x" + f"{epoch:064x}")
        books.sign_batch(netting, "0x00", [first.id()], NOW)
        books.sign_batch(netting, "0x00", [first.id()], NOW)
    both = [first.id(), second.id()]
    small, large = stated(both[:1]), stated(both)
    for statement, receipts in ((small, both[:1]), (large, both)):
        books.sign_statement(statement, "0x00", receipts, NOW)
    found = books.booked([*both, "0x" + "00" * 32])
    assert [(found[one].serial, found[one].amount) for one in both] == [(0, first.amount), (1, second.amount)]
    under = books.booked_under([reference_of(second.id()), "0x" + "00" * 16])
    assert under == {reference_of(second.id()): found[second.id()]}
    assert books.receipts_of_batch("0x" + f"{7:064x}") == [(first.id(), first.amount)]
    assert books.receipts_of_statement(small.receiptsRoot) == both[:1]
    assert sorted(books.receipts_of_statement(large.receiptsRoot)) == sorted(both)
    books.pay([Payment(second.id(), Way.STATEMENT, 2, TRANSACTION)], [], 11, NOW)
    assert books.booked([second.id()])[second.id()].paid is Way.STATEMENT
    assert (books.unpaid(), journal.fact("scanned_block")) == (1, "11")
    books.refuse("0x" + "01" * 32, Refusal(Reason.CHARGE_WRONG, "too little"), NOW)


def test_a_receipt_that_was_not_announced_is_nobodys_debt_yet(
    journal: Journal, database: sqlite3.Connection
) -> None:
    receipt = finish(journal, assignment(), RunState.FINISHED)
    assert SettlementJournal(database).booked([receipt.id()]) == {}


def test_earnings_add_up_by_job_and_dimension(journal: Journal, database: sqlite3.Connection) -> None:
    receipts = [finish(journal, assignment(attempt=number)) for number in range(3)]
    SettlementJournal(database).pay([Payment(receipts[0].id(), Way.NETTING, 5, TRANSACTION)], [], 1, NOW)
    (job,) = by_job(earnings(database))
    assert (job.receipts, job.amount, job.fee) == (3, sum(one.amount for one in receipts), 5)
    assert job.paid == receipts[0].amount - 5
    assert sum(job.by_dimension.values()) <= job.amount
    assert all(set(one.lines) == set(one.usage) for one in earnings(database))


def test_a_claimed_receipt_is_no_debt_of_the_buyers_and_free_again_when_it_is_dropped(
    journal: Journal, database: sqlite3.Connection
) -> None:
    """The court has taken the money aside, and the serial."""
    books, receipt = SettlementJournal(database), finish(journal, assignment(serial=3))
    buyer = CAST.buyer.address
    opened, dropped = (ClaimTold(receipt.lease, state, TRANSACTION) for state in (OPEN, DROPPED))
    books.pay([], [opened], 5, NOW)
    assert books.booked([receipt.id()])[receipt.id()].claimed
    assert (books.claimed(), journal.committed(buyer, since=0)) == ([receipt.lease], {})
    assert [(one.claimed, one.way) for one in earnings(database)] == [(True, None)]
    books.pay([], [dropped], 6, NOW)
    assert not books.booked([receipt.id()])[receipt.id()].claimed
    assert (books.claimed(), list(journal.committed(buyer, since=0).values())) == ([], [receipt.amount])
    books.pay(
        [Payment(receipt.id(), Way.CLAIM, 0, TRANSACTION)],
        [opened, ClaimTold(receipt.lease, ClaimState.PAID, TRANSACTION)],
        7,
        NOW,
    )
    assert (books.claimed(), books.unsettled()) == ([], 0)
    assert [(one.claimed, one.way) for one in earnings(database)] == [(False, "CLAIM")]


def test_a_claim_pays_also_a_receipt_that_no_market_took(
    journal: Journal, database: sqlite3.Connection
) -> None:
    books, receipt = SettlementJournal(database), finish(journal, assignment(), RunState.FINISHED)
    assert (books.unpaid(), books.unsettled(), earnings(database)) == (0, 1, [])
    books.pay([Payment(receipt.id(), Way.CLAIM, 0, TRANSACTION)], [], 7, NOW)
    assert [one.amount for one in earnings(database)] == [receipt.amount]


def test_receipts_are_found_by_the_serials_of_their_leases(
    journal: Journal, database: sqlite3.Connection
) -> None:
    books = SettlementJournal(database)
    done = [finish(journal, assignment(attempt=number, serial=number + 4)) for number in range(3)]
    journal.add(assignment(attempt=9, serial=9), held(assignment(attempt=9, serial=9)), NOW)
    expected = {(one.id(), one.amount) for one in done[1:]}
    assert set(books.receipts_under([5, 6, 9, 77])) == expected


def test_only_the_last_ask_stands_and_the_one_before_is_good_for_a_while(journal: Journal) -> None:
    asks = [CAST.ask().model_copy(update={"nonce": nonce}) for nonce in (1, 2, 3)]
    for number, ask in enumerate(asks):
        offering = Offering(region="eu") if number else None
        journal.add_ask(AskRequest(ask=CAST.signed(CAST.node, ask), offering=offering), NOW + number)
    standing = journal.standing_ask()
    assert standing is not None
    assert (standing.ask.message, standing.offering) == (asks[2], Offering(region="eu"))
    assert journal.asks(replaced_after=NOW + 2) == [asks[2], asks[1]]


def test_something_else_than_a_journal_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_text("not a database, but long enough to look like one" * 100)
    with pytest.raises(NodeError, match="SETTINGS_INVALID"):
        open_database(path)
    other = tmp_path / "other.sqlite"
    open_database(other).execute("UPDATE facts SET value = '99' WHERE name = 'format'")
    with pytest.raises(NodeError, match="unknown format"):
        open_database(other)


def test_a_journal_of_an_earlier_format_is_left_as_it_is(tmp_path: Path) -> None:
    """Its messages are of other contracts: nothing of it can be run or paid here."""
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
        old.execute("INSERT INTO facts VALUES ('format', '1')")
    before = path.read_bytes()
    with pytest.raises(NodeError, match="unknown format 1"):
        open_database(path)
    assert path.read_bytes() == before


def test_signed_envelopes_survive_the_journal(journal: Journal) -> None:
    offer = assignment()
    receipt = finish(journal, offer)
    sealed = journal.sealed(receipt.lease)
    assert sealed is not None
    assert sealed.receipt == Signed[Receipt](message=receipt, signature=sealed.receipt.signature)
