from dataclasses import dataclass, field

import pytest
from eth_utils.address import to_checksum_address

from suanli.client.consent import agreed, object_to_batch, object_to_statement
from suanli.client.judgement import ChainState, Objection
from suanli.client.record import Commitment, KnownReceipt
from suanli.protocol import netting
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import JobOrder, Limits, Prices, Receipt, Statement, Usage
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of, reference_of
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal

ALICE, BOB, NODE, OTHER_NODE, THIRD_NODE, OWNER, OPERATOR = (
    to_checksum_address(f"0x{number:040x}") for number in range(1, 8)
)
OWNERS: dict[Address, Address] = {NODE: OWNER, OTHER_NODE: OWNER}

ORDER = JobOrder(
    buyer=ALICE,
    operator=OPERATOR,
    specRoot="0x" + "0f" * 32,
    tasks=10,
    policy=1,
    replicas=1,
    budget=250,
    maximumPrices=Prices(fuel=1, memoryFuel=1, ingress=1, egress=1),
    limits=Limits(fuel=1, memoryBytes=1, inputBytes=1, outputBytes=1, wallSeconds=1),
    deadline=2**40,
    nonce=1,
)


def receipt(
    number: int, node: Address = NODE, result: int = 7, amount: int = 100, task: int | None = None
) -> KnownReceipt:
    usage = Usage(fuel=5, memoryFuel=1, ingress=2, egress=3)
    message = Receipt(
        lease=f"0x{number:064x}", outcome=0, result=f"0x{result:064x}", usage=usage, amount=amount
    )
    place = number if task is None else task
    return KnownReceipt(ORDER.id(), place, message.lease, node, number, message)


@dataclass
class MemoryBooks:
    receipts: dict[Hash, KnownReceipt] = field(default_factory=dict)
    nettings: dict[Hash, dict[Hash, int]] = field(default_factory=dict)
    stated: set[Hash] = field(default_factory=set)
    rejected: set[Hash] = field(default_factory=set)
    faults: dict[str, ClientError] = field(default_factory=dict)
    order: JobOrder = ORDER

    def receipt(self, id_: Hash) -> KnownReceipt | None:
        return self.receipts.get(id_)

    def referenced(self, reference: str) -> KnownReceipt | None:
        found = (one for id_, one in self.receipts.items() if reference_of(id_) == reference)
        return next(found, None)

    def fault(self, reference: str) -> ClientError | None:
        return self.faults.get(reference)

    def own_order(self, job: Hash) -> JobOrder | None:
        return self.order if job == ORDER.id() else None

    def commitments(self, job: Hash) -> list[Commitment]:
        signed = self.nettings.keys() | self.stated
        return [
            Commitment(self.receipts[id_], self.nettings.get(id_, {}), id_ in self.stated) for id_ in signed
        ]

    def is_accepted(self, receipt: KnownReceipt) -> bool:
        return receipt.message.id() not in self.rejected


MINE = [receipt(1), receipt(2), receipt(3, OTHER_NODE, amount=40)]
IDS = [one.message.id() for one in MINE]
FRESH = ChainState(owners=OWNERS)


def chain(epoch: int, *paid: int, node: Address = NODE) -> ChainState:
    """The chain once the account took `epoch` and these serials of a node are paid."""
    return ChainState(epoch, frozenset((node, serial) for serial in paid), OWNERS)


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks(dict(zip(IDS, MINE, strict=True)))


def payment(known: KnownReceipt, **changes: object) -> NettingTask:
    values = {
        "buyer": ALICE,
        "node": known.node,
        "amount": known.message.amount,
        "receipt": known.message.id(),
        "serial": known.serial,
    }
    return NettingTask(**(values | changes))  # type: ignore[arg-type]


FOREIGN = NettingTask(BOB, NODE, 7, "0x" + "ee" * 32, 5)


def batch(*tasks: NettingTask, epoch: int = 5, payee: Address = OWNER) -> BatchProposal:
    made = Batch(epoch, tasks, dict.fromkeys((NODE, OTHER_NODE), payee))
    message = netting.message(made)
    parties = made.buyers() + made.nodes()
    return BatchProposal(
        id=message.id(), netting=message, packed="0x" + netting.pack(made).hex(), parties=parties
    )


def statement(*known: KnownReceipt, **changes: object) -> StatementProposal:
    ids = [one.message.id() for one in known]
    honest: dict[str, object] = {
        "buyer": ALICE,
        "node": NODE,
        "payee": OWNER,
        "amount": sum(one.message.amount for one in known),
        "receipts": len(ids),
        "receiptsRoot": receipts_root(ids),
        "marks": marks_hash(marks_of({one.serial for one in known})),
    }
    message = Statement.model_validate(honest | changes)
    return StatementProposal(id=message.id(), statement=message, receipts=ids)


def waits(decided: Objection | list[Hash]) -> bool:
    return isinstance(decided, Objection) and decided.waits


def knowing(*receipts: KnownReceipt, **terms: int) -> MemoryBooks:
    known = {one.message.id(): one for one in receipts}
    return MemoryBooks(known, order=ORDER.model_copy(update=terms))


def reason_of(decided: Objection | list[Hash]) -> Reason | None:
    return decided.reason if isinstance(decided, Objection) else None


def test_a_batch_of_own_accepted_receipts_is_signed(books: MemoryBooks) -> None:
    proposal = batch(payment(MINE[0]), payment(MINE[2]), FOREIGN)
    assert object_to_batch(proposal, ALICE, books, FRESH) == [IDS[0], IDS[2]]


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (payment(MINE[0], amount=101), Reason.CHARGE_WRONG),
        (payment(MINE[0], amount=99), Reason.CHARGE_WRONG),
        (payment(MINE[0], node=OTHER_NODE), Reason.BATCH_MISMATCH),
        (payment(MINE[0], serial=9), Reason.BATCH_MISMATCH),
        (payment(receipt(9)), Reason.EVIDENCE_MISSING),
    ],
)
def test_a_payment_that_differs_from_the_buyer_s_books_is_refused(
    books: MemoryBooks, task: NettingTask, reason: Reason
) -> None:
    assert reason_of(object_to_batch(batch(task, payment(MINE[1])), ALICE, books, FRESH)) is reason


def test_a_rejected_result_is_not_paid(books: MemoryBooks) -> None:
    books.rejected.add(IDS[0])
    assert reason_of(object_to_batch(batch(payment(MINE[0])), ALICE, books, FRESH)) is Reason.RESULT_REJECTED


def test_a_batch_without_own_payments_is_not_signed(books: MemoryBooks) -> None:
    assert reason_of(object_to_batch(batch(FOREIGN), ALICE, books, FRESH)) is Reason.BATCH_MISMATCH


def test_another_hash_than_that_of_the_tasks_is_refused(books: MemoryBooks) -> None:
    shown, signed = batch(payment(MINE[0])), batch(payment(MINE[0]), payment(MINE[1]))
    forged = BatchProposal(id=signed.id, netting=signed.netting, packed=shown.packed, parties=shown.parties)
    assert reason_of(object_to_batch(forged, ALICE, books, FRESH)) is Reason.BATCH_MISMATCH
    broken = BatchProposal(id=signed.id, netting=signed.netting, packed="0xzz", parties=[])
    assert reason_of(object_to_batch(broken, ALICE, books, FRESH)) is Reason.BATCH_MISMATCH


def test_a_past_epoch_is_refused(books: MemoryBooks) -> None:
    assert reason_of(object_to_batch(batch(payment(MINE[0])), ALICE, books, chain(5))) is Reason.EPOCH_STALE


def test_a_new_variant_of_the_same_epoch_is_signed_again(books: MemoryBooks) -> None:
    first = batch(payment(MINE[0]), payment(MINE[1]))
    books.nettings[IDS[0]] = {first.netting.batch: 5}
    assert object_to_batch(batch(payment(MINE[0])), ALICE, books, FRESH) == [IDS[0]]


def test_a_receipt_is_signed_in_any_number_of_open_proposals(books: MemoryBooks) -> None:
    """The contracts pay its serial once, whichever of them lands first."""
    books.nettings[IDS[0]] = {batch(payment(MINE[0])).netting.batch: 5}
    books.stated.add(IDS[0])
    assert object_to_batch(batch(payment(MINE[0]), epoch=6), ALICE, books, chain(4)) == [IDS[0]]
    assert object_to_statement(statement(MINE[0]), ALICE, books, chain(4)) == [IDS[0]]
    assert object_to_statement(statement(MINE[0], MINE[1]), ALICE, books, chain(4)) == IDS[:2]


def test_a_receipt_whose_serial_is_paid_is_never_signed_again(books: MemoryBooks) -> None:
    for decided in (
        object_to_batch(batch(payment(MINE[0]), epoch=6), ALICE, books, chain(5, 1)),
        object_to_statement(statement(MINE[0], MINE[1]), ALICE, books, chain(5, 1)),
    ):
        assert (reason_of(decided), waits(decided)) == (Reason.MESSAGE_REPLAYED, False)


def test_a_serial_that_another_node_was_paid_for_says_nothing(books: MemoryBooks) -> None:
    elsewhere = chain(4, 1, 2, node=OTHER_NODE)
    assert object_to_batch(batch(payment(MINE[0])), ALICE, books, elsewhere) == IDS[:1]
    assert object_to_statement(statement(MINE[0], MINE[1]), ALICE, books, elsewhere) == IDS[:2]


def test_receipts_of_two_nodes_under_one_serial_are_no_statement_and_no_crash() -> None:
    twin = KnownReceipt(ORDER.id(), 2, "0x" + "2b" * 32, OTHER_NODE, 1, receipt(2).message)
    books = knowing(MINE[0], twin)
    decided = object_to_statement(statement(MINE[0], twin), ALICE, books, FRESH)
    assert (reason_of(decided), waits(decided)) == (Reason.BATCH_MISMATCH, False)


def test_a_batch_that_pays_another_account_than_the_nodes_owner_is_refused(books: MemoryBooks) -> None:
    decided = object_to_batch(batch(payment(MINE[0]), payee=BOB), ALICE, books, FRESH)
    assert (reason_of(decided), waits(decided)) == (Reason.BATCH_MISMATCH, False)


def test_a_payee_that_the_chain_does_not_know_is_left_for_later(books: MemoryBooks) -> None:
    for decided in (
        object_to_batch(batch(payment(MINE[0])), ALICE, books, ChainState()),
        object_to_statement(statement(MINE[0]), ALICE, books, ChainState()),
    ):
        assert (reason_of(decided), waits(decided)) == (Reason.EVIDENCE_MISSING, True)


def test_a_statement_over_own_receipts_is_signed(books: MemoryBooks) -> None:
    assert object_to_statement(statement(MINE[0], MINE[1]), ALICE, books, FRESH) == IDS[:2]


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (statement(MINE[0], MINE[1], amount=201), Reason.CHARGE_WRONG),
        (statement(MINE[0], MINE[2]), Reason.BATCH_MISMATCH),
        (statement(MINE[0], receipt(9)), Reason.EVIDENCE_MISSING),
        (statement(MINE[0], MINE[0]), Reason.MESSAGE_REPLAYED),
        (statement(MINE[0], payee=BOB), Reason.BATCH_MISMATCH),
        (statement(MINE[0], marks=marks_hash(marks_of([2]))), Reason.BATCH_MISMATCH),
        (statement(MINE[0], marks=marks_hash(marks_of([1, 2]))), Reason.BATCH_MISMATCH),
        (statement(MINE[0], receipts=2), Reason.BATCH_MISMATCH),
    ],
)
def test_a_statement_that_differs_from_the_books_is_refused(
    books: MemoryBooks, proposal: StatementProposal, reason: Reason
) -> None:
    assert reason_of(object_to_statement(proposal, ALICE, books, FRESH)) is reason


def test_a_statement_of_somebody_else_is_refused(books: MemoryBooks) -> None:
    assert reason_of(object_to_statement(statement(MINE[0]), BOB, books, FRESH)) is Reason.BATCH_MISMATCH


def test_replicas_count_only_from_different_nodes_with_the_same_result() -> None:
    one, twin, odd = receipt(1), receipt(2, OTHER_NODE), receipt(3, THIRD_NODE, result=8)
    same_node = receipt(4)
    assert agreed(one, [one, twin, odd], 2)
    assert not agreed(odd, [one, twin, odd], 2)
    assert not agreed(one, [one, same_node], 2)


def test_a_receipt_that_is_not_known_yet_is_left_for_later(books: MemoryBooks) -> None:
    decided = object_to_batch(batch(payment(receipt(9))), ALICE, books, FRESH)
    assert (reason_of(decided), waits(decided)) == (Reason.EVIDENCE_MISSING, True)
    decided = object_to_statement(statement(MINE[0], receipt(9)), ALICE, books, FRESH)
    assert (reason_of(decided), waits(decided)) == (Reason.EVIDENCE_MISSING, True)


def test_a_receipt_that_was_shown_and_lies_is_refused_for_its_lie(books: MemoryBooks) -> None:
    liar = receipt(9)
    books.faults[reference_of(liar.message.id())] = ClientError(Reason.CHARGE_WRONG, "it lies")
    decided = object_to_batch(batch(payment(liar)), ALICE, books, FRESH)
    assert (reason_of(decided), waits(decided)) == (Reason.CHARGE_WRONG, False)


def test_what_contradicts_the_books_is_refused_though_something_else_waits(books: MemoryBooks) -> None:
    proposal = batch(payment(receipt(9)), payment(MINE[0], amount=101))
    decided = object_to_batch(proposal, ALICE, books, FRESH)
    assert (reason_of(decided), waits(decided)) == (Reason.CHARGE_WRONG, False)


def test_one_batch_takes_no_more_than_the_order_s_budget() -> None:
    fitting, over = [receipt(1), receipt(2), receipt(3, amount=50)], receipt(4, amount=1)
    books = knowing(*fitting, over)
    assert isinstance(object_to_batch(batch(*map(payment, fitting)), ALICE, books, FRESH), list)
    decided = object_to_batch(batch(*map(payment, [*fitting, over])), ALICE, books, FRESH)
    assert (reason_of(decided), waits(decided)) == (Reason.BUDGET_TOO_SMALL, False)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (chain(4), Reason.BUDGET_TOO_SMALL),
        (chain(5, 1, 2), Reason.BUDGET_TOO_SMALL),
        (chain(5), None),
    ],
)
def test_the_budget_holds_over_what_landed_or_may_land_and_not_over_what_lapsed(
    state: ChainState, reason: Reason | None
) -> None:
    first, second, third = receipt(1), receipt(2), receipt(3)
    books = knowing(first, second, third)
    books.nettings = {one.message.id(): {"0x" + "ab" * 32: 5} for one in (first, second)}
    assert reason_of(object_to_batch(batch(payment(third), epoch=6), ALICE, books, state)) is reason
    assert reason_of(object_to_statement(statement(third), ALICE, books, state)) is reason


def test_the_budget_holds_over_signed_statements() -> None:
    first, second, third = receipt(1), receipt(2), receipt(3)
    books = knowing(first, second, third)
    books.stated = {one.message.id() for one in (first, second)}
    assert reason_of(object_to_batch(batch(payment(third)), ALICE, books, FRESH)) is Reason.BUDGET_TOO_SMALL
    grown = statement(first, second, third)
    assert reason_of(object_to_statement(grown, ALICE, books, FRESH)) is Reason.BUDGET_TOO_SMALL
    assert isinstance(object_to_statement(statement(first, second), ALICE, books, FRESH), list)


def test_a_receipt_in_many_variants_counts_once() -> None:
    first, second = receipt(1), receipt(2)
    books = knowing(first, second)
    books.nettings = {first.message.id(): {f"0x{number:064x}": 5 for number in range(3)}}
    assert isinstance(object_to_batch(batch(payment(first), payment(second)), ALICE, books, FRESH), list)


@pytest.mark.parametrize(
    ("replicas", "reason"), [(0, Reason.CHARGE_WRONG), (1, Reason.CHARGE_WRONG), (2, None)]
)
def test_a_task_is_paid_no_more_often_than_ordered(replicas: int, reason: Reason | None) -> None:
    copies = [receipt(1, task=0, amount=10), receipt(2, OTHER_NODE, task=0, amount=10)]
    books = knowing(*copies, replicas=replicas)
    assert reason_of(object_to_batch(batch(*map(payment, copies)), ALICE, books, FRESH)) is reason
    books.nettings = {copies[0].message.id(): {"0x" + "ab" * 32: 5}}
    assert reason_of(object_to_batch(batch(payment(copies[1])), ALICE, books, FRESH)) is reason
    books.nettings, books.stated = {}, {copies[0].message.id()}
    moved = statement(copies[1], node=OTHER_NODE)
    assert reason_of(object_to_statement(moved, ALICE, books, FRESH)) is reason
