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
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.settlement import BatchProposal, StatementProposal

ALICE, BOB, NODE, OTHER_NODE, THIRD_NODE = (to_checksum_address(f"0x{number:040x}") for number in range(1, 6))


ORDER = JobOrder(
    buyer=ALICE,
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
    return KnownReceipt(ORDER.id(), number if task is None else task, message.lease, node, message)


@dataclass
class MemoryBooks:
    receipts: dict[Hash, KnownReceipt] = field(default_factory=dict)
    nettings: dict[Hash, dict[Hash, int]] = field(default_factory=dict)
    stated: dict[Hash, Address] = field(default_factory=dict)
    rejected: set[Hash] = field(default_factory=set)
    faults: dict[Hash, ClientError] = field(default_factory=dict)
    order: JobOrder = ORDER

    def receipt(self, id_: Hash) -> KnownReceipt | None:
        return self.receipts.get(id_)

    def fault(self, receipt: Hash) -> ClientError | None:
        return self.faults.get(receipt)

    def own_order(self, job: Hash) -> JobOrder | None:
        return self.order if job == ORDER.id() else None

    def commitments(self, job: Hash) -> list[Commitment]:
        signed = self.nettings.keys() | self.stated.keys()
        return [
            Commitment(self.receipts[id_], self.nettings_with(id_), self.is_stated(id_)) for id_ in signed
        ]

    def nettings_with(self, receipt: Hash) -> dict[Hash, int]:
        return self.nettings.get(receipt, {})

    def is_stated(self, receipt: Hash) -> bool:
        return receipt in self.stated

    def stated_between(self, account: Address, node: Address) -> set[Hash]:
        return {one for one, payee in self.stated.items() if payee == node}

    def is_accepted(self, receipt: KnownReceipt) -> bool:
        return receipt.message.id() not in self.rejected


MINE = [receipt(1), receipt(2), receipt(3, OTHER_NODE, amount=40)]
IDS = [one.message.id() for one in MINE]
FRESH = ChainState(0, frozenset())


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks(dict(zip(IDS, MINE, strict=True)))


def payment(known: KnownReceipt, **changes: object) -> NettingTask:
    values = {
        "buyer": ALICE,
        "node": known.node,
        "amount": known.message.amount,
        "receipt": known.message.id(),
    }
    return NettingTask(**(values | changes))  # type: ignore[arg-type]


FOREIGN = NettingTask(BOB, NODE, 7, "0x" + "ee" * 32)


def batch(*tasks: NettingTask, epoch: int = 5) -> BatchProposal:
    made = Batch(epoch, tasks)
    message = netting.message(made)
    parties = made.buyers() + made.nodes()
    return BatchProposal(
        id=message.id(), netting=message, packed="0x" + netting.pack(made).hex(), parties=parties
    )


def statement(*known: KnownReceipt, amount: int | None = None, node: Address = NODE) -> StatementProposal:
    ids = [one.message.id() for one in known]
    total = sum(one.message.amount for one in known) if amount is None else amount
    message = Statement(
        buyer=ALICE, node=node, amount=total, receipts=len(ids), receiptsRoot=receipts_root(ids)
    )
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
    assert (
        reason_of(object_to_batch(batch(payment(MINE[0])), ALICE, books, ChainState(5, frozenset())))
        is Reason.EPOCH_STALE
    )


def test_a_new_variant_of_the_same_epoch_is_signed_again(books: MemoryBooks) -> None:
    first = batch(payment(MINE[0]), payment(MINE[1]))
    books.nettings[IDS[0]] = {first.netting.batch: 5}
    assert object_to_batch(batch(payment(MINE[0])), ALICE, books, FRESH) == [IDS[0]]


def test_a_receipt_is_not_signed_in_a_later_epoch_while_the_earlier_may_land(books: MemoryBooks) -> None:
    first = batch(payment(MINE[0]))
    books.nettings[IDS[0]] = {first.netting.batch: 5}
    later = batch(payment(MINE[0]), epoch=6)
    open_still = ChainState(4, frozenset())
    decided = object_to_batch(later, ALICE, books, open_still)
    assert (reason_of(decided), waits(decided)) == (Reason.MESSAGE_REPLAYED, True)
    overtaken = ChainState(5, frozenset())
    assert object_to_batch(later, ALICE, books, overtaken) == [IDS[0]]


def test_a_receipt_that_a_landed_batch_paid_is_never_paid_again(books: MemoryBooks) -> None:
    first = batch(payment(MINE[0]))
    books.nettings[IDS[0]] = {first.netting.batch: 5}
    landed = ChainState(5, frozenset({first.netting.batch}))
    decided = object_to_batch(batch(payment(MINE[0]), epoch=6), ALICE, books, landed)
    assert (reason_of(decided), waits(decided)) == (Reason.MESSAGE_REPLAYED, False)


def test_a_receipt_of_a_signed_statement_is_not_netted(books: MemoryBooks) -> None:
    books.stated[IDS[0]] = NODE
    assert reason_of(object_to_batch(batch(payment(MINE[0])), ALICE, books, FRESH)) is Reason.MESSAGE_REPLAYED


def test_a_statement_over_own_receipts_is_signed(books: MemoryBooks) -> None:
    assert object_to_statement(statement(MINE[0], MINE[1]), ALICE, books, FRESH) == IDS[:2]


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (statement(MINE[0], MINE[1], amount=201), Reason.CHARGE_WRONG),
        (statement(MINE[0], MINE[2]), Reason.BATCH_MISMATCH),
        (statement(MINE[0], receipt(9)), Reason.EVIDENCE_MISSING),
        (statement(MINE[0], MINE[0]), Reason.MESSAGE_REPLAYED),
    ],
)
def test_a_statement_that_differs_from_the_books_is_refused(
    books: MemoryBooks, proposal: StatementProposal, reason: Reason
) -> None:
    assert reason_of(object_to_statement(proposal, ALICE, books, FRESH)) is reason


def test_a_statement_must_contain_what_earlier_ones_did(books: MemoryBooks) -> None:
    books.stated = {IDS[0]: NODE}
    assert reason_of(object_to_statement(statement(MINE[1]), ALICE, books, FRESH)) is Reason.BATCH_MISMATCH
    assert object_to_statement(statement(MINE[0], MINE[1]), ALICE, books, FRESH) == IDS[:2]


def test_a_netted_receipt_moves_to_a_statement_only_when_its_epochs_are_past(books: MemoryBooks) -> None:
    books.nettings[IDS[0]] = {batch(payment(MINE[0])).netting.batch: 5}
    moved = statement(MINE[0])
    still_open = object_to_statement(moved, ALICE, books, ChainState(4, frozenset()))
    assert (reason_of(still_open), waits(still_open)) == (Reason.MESSAGE_REPLAYED, True)
    assert object_to_statement(moved, ALICE, books, ChainState(5, frozenset())) == [IDS[0]]


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
    books.faults[liar.message.id()] = ClientError(Reason.CHARGE_WRONG, "it lies")
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
    ("chain", "reason"),
    [
        (ChainState(4, frozenset()), Reason.BUDGET_TOO_SMALL),
        (ChainState(5, frozenset({"0x" + "ab" * 32})), Reason.BUDGET_TOO_SMALL),
        (ChainState(5, frozenset()), None),
    ],
)
def test_the_budget_holds_over_what_landed_or_may_land_and_not_over_what_lapsed(
    chain: ChainState, reason: Reason | None
) -> None:
    first, second, third = receipt(1), receipt(2), receipt(3)
    books = knowing(first, second, third)
    books.nettings = {one.message.id(): {"0x" + "ab" * 32: 5} for one in (first, second)}
    assert reason_of(object_to_batch(batch(payment(third), epoch=6), ALICE, books, chain)) is reason
    assert reason_of(object_to_statement(statement(third), ALICE, books, chain)) is reason


def test_the_budget_holds_over_signed_statements() -> None:
    first, second, third = receipt(1), receipt(2), receipt(3)
    books = knowing(first, second, third)
    books.stated = {one.message.id(): NODE for one in (first, second)}
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
    books.nettings, books.stated = {}, {copies[0].message.id(): NODE}
    moved = statement(copies[1], node=OTHER_NODE)
    assert reason_of(object_to_statement(moved, ALICE, books, FRESH)) is reason
