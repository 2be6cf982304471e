"""Random settlements against a model of the contracts: whatever was ever proposed may land at any time.

The adversary holds every signature: any variant of a batch, any statement, in any order, as far as the
contract's own rules allow. No receipt may ever be paid twice, money is neither made nor lost, and no receipt
is stranded: while its serial is free, the market can propose it again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from eth_utils.address import to_checksum_address
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from market.core.settlement import (
    Book,
    Due,
    StatementPlan,
    drop,
    plan_batch,
    plan_statements,
    settles_bilaterally,
)
from suanli.protocol.netting import Batch, PackedBatch, net, pack, packed_form, unpack

BUYERS = [to_checksum_address(bytes([number]) * 20) for number in (1, 2, 3)]
NODES = [to_checksum_address(bytes([number]) * 20) for number in (11, 12, 13)]
FEE_BASIS_POINTS = 700
MONEY = 1_000
MISSES_NEEDED = 1


@dataclass
class ModelChain:
    """The contracts' rules about money, in a few lines."""

    balances: Counter[str] = field(default_factory=Counter)
    epochs: Counter[str] = field(default_factory=Counter)
    paid: set[tuple[str, int]] = field(default_factory=set)

    def land(self, batch: PackedBatch) -> bool:
        moved = net(batch, FEE_BASIS_POINTS)
        serials = {(task.node, task.serial) for task in batch.tasks}
        for buyer, amount in moved.paid.items():
            if batch.epoch <= self.epochs[buyer] or self.balances[buyer] < amount:
                return False
        if self.paid & serials:
            return False
        self.paid |= serials
        for buyer, amount in moved.paid.items():
            self.balances[buyer] -= amount
            self.epochs[buyer] = batch.epoch
        self.balances.update(moved.earned)
        self.balances["fee"] += moved.fee
        return True

    def land_statement(self, plan: StatementPlan, serials: set[tuple[str, int]]) -> bool:
        statement = plan.statement
        if self.paid & serials or self.balances[statement.buyer] < statement.amount:
            return False
        self.paid |= serials
        self.balances[statement.buyer] -= statement.amount
        self.balances[statement.node] += statement.amount
        return True


@dataclass
class Known:
    """What the market remembers of a receipt."""

    buyer: str
    node: str
    amount: int
    serial: int
    misses: int = 0
    is_open: bool = False
    is_paid: bool = False


class Settlements(RuleBasedStateMachine):
    """The market's bookkeeping around the pure rules, as the services do it."""

    @initialize()
    def fund(self) -> None:
        self.chain = ModelChain(Counter(dict.fromkeys(BUYERS, MONEY)))
        self.receipts: dict[str, Known] = {}
        self.variants: list[Batch] = []
        self.open: list[Batch] = []
        self.statements: list[StatementPlan] = []
        self.serials: Counter[str] = Counter()
        self.times_paid: Counter[str] = Counter()

    @rule(
        buyer=st.sampled_from(BUYERS),
        node=st.sampled_from(NODES),
        amounts=st.lists(st.integers(1, 120), min_size=1, max_size=4),
    )
    def accept_receipts(self, buyer: str, node: str, amounts: list[int]) -> None:
        for amount in amounts:
            id_ = "0x" + (len(self.receipts) + 1).to_bytes(32, "big").hex()
            self.receipts[id_] = Known(buyer, node, amount, self.serials[node])
            self.serials[node] += 1

    @rule()
    def propose(self) -> None:
        busy = {buyer for batch in self.open for buyer in batch.buyers()}
        book = self.book(lambda known: known.buyer not in busy)
        if (batch := plan_batch(book, 10).batch) is not None:
            self.open_batch(batch)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def drop_parties(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.open))
        everyone = [*batch.buyers(), *batch.nodes()]
        self.leave_out(batch, data.draw(st.sets(st.sampled_from(everyone), min_size=1)))

    def leave_out(self, batch: Batch, gone: set[str]) -> None:
        self.close(batch)
        dues = [self.due(task.receipt) for task in batch.tasks]
        smaller = drop(batch.epoch, dues, gone)
        kept = {task.receipt for task in smaller.tasks} if smaller else set()
        for task in batch.tasks:
            self.receipts[task.receipt].misses += task.receipt not in kept
        if smaller is not None:
            assert smaller.epoch == batch.epoch
            self.open_batch(smaller)

    @precondition(lambda self: self.variants)
    @rule(data=st.data())
    def land_any_variant_ever_proposed(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.variants))
        if self.chain.land(unpack(pack(batch))):
            self.mark_paid([task.receipt for task in batch.tasks])

    @rule()
    def propose_statements(self) -> None:
        book = self.book(lambda known: True)
        dues = [due for due in book.dues if settles_bilaterally(due, MISSES_NEEDED)]
        self.statements += plan_statements(dues, book.limits)

    @precondition(lambda self: self.statements)
    @rule(data=st.data())
    def land_any_statement_ever_proposed(self, data: st.DataObject) -> None:
        plan = data.draw(st.sampled_from(self.statements))
        if self.chain.land_statement(plan, {self.place(one) for one in plan.receipts}):
            self.mark_paid(list(plan.receipts))

    @rule(buyer=st.sampled_from(BUYERS), step=st.integers(1, 3))
    def consume_epochs(self, buyer: str, step: int) -> None:
        self.chain.epochs[buyer] += step

    @rule(buyer=st.sampled_from(BUYERS))
    def deposit(self, buyer: str) -> None:
        self.chain.balances[buyer] += 100
        self.chain.balances["outside"] -= 100

    @invariant()
    def no_receipt_is_paid_twice(self) -> None:
        assert all(count == 1 for count in self.times_paid.values())

    @invariant()
    def money_is_conserved(self) -> None:
        assert sum(self.chain.balances.values()) == MONEY * len(BUYERS)
        assert all(self.chain.balances[buyer] >= 0 for buyer in BUYERS)

    @invariant()
    def nodes_and_fee_have_exactly_what_receipts_said(self) -> None:
        owed = sum(self.receipts[one].amount for one in self.times_paid)
        assert sum(self.chain.balances[party] for party in [*NODES, "fee"]) == owed

    @invariant()
    def what_is_not_open_can_be_proposed(self) -> None:
        waiting = {id_ for id_, known in self.receipts.items() if not known.is_open and not known.is_paid}
        assert not {self.place(one) for one in waiting} & self.chain.paid
        assert waiting <= {due.receipt for due in self.book(lambda known: True).dues}

    def place(self, receipt: str) -> tuple[str, int]:
        return self.receipts[receipt].node, self.receipts[receipt].serial

    def due(self, receipt: str) -> Due:
        known = self.receipts[receipt]
        return Due(receipt, known.buyer, known.node, known.node, known.serial, known.amount, known.misses)

    def book(self, wanted: Callable[[Known], bool]) -> Book:
        dues = [
            self.due(id_)
            for id_, known in self.receipts.items()
            if not known.is_open and not known.is_paid and wanted(known)
        ]
        last = max((batch.epoch for batch in self.variants), default=0)
        return Book(dues, self.chain.balances, self.chain.epochs, last)

    def open_batch(self, batch: Batch) -> None:
        self.open.append(batch)
        self.variants.append(batch)
        for task in batch.tasks:
            self.receipts[task.receipt].is_open = True

    def close(self, batch: Batch) -> None:
        self.open.remove(batch)
        for task in batch.tasks:
            self.receipts[task.receipt].is_open = False

    def mark_paid(self, receipts: list[str]) -> None:
        self.times_paid.update(receipts)
        for one in receipts:
            self.receipts[one].is_paid = True
        for batch in [one for one in self.open if {task.receipt for task in one.tasks} & set(receipts)]:
            self.close(batch)


Settlements.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


class TestSettlements(Settlements.TestCase):
    """No order of signatures, silences and landings pays a receipt twice."""


def test_the_model_notices_when_the_chain_pays_a_serial_twice() -> None:
    """Without the contract's guard, a receipt that stood in two proposals is paid twice."""
    for guarded, times in ((False, 2), (True, 1)):
        market = Settlements()
        market.fund()
        market.accept_receipts(BUYERS[0], NODES[0], [10])
        market.propose()
        market.leave_out(market.open[0], {NODES[0]})
        market.propose()
        assert len({batch.epoch for batch in market.variants}) == 2
        for batch in market.variants:
            if market.chain.land(packed_form(batch)):
                market.mark_paid([task.receipt for task in batch.tasks])
            if not guarded:
                market.chain.paid.clear()
        assert set(market.times_paid.values()) == {times}
