"""Who paid a receipt: an index over every exit, from references, serials and claims to what paid. Pure.

A listed batch names half of a receipt's id; a root or statement only serials and a root over receipts;
a claim the lease. So a payment is looked for by reference, serial and claim, and then checked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from suanli.audit.books.records import Claim, ClaimState
from suanli.audit.replay import Judged, Replay
from suanli.audit.settled import SettledBatch, SettledRoot, SettledStatement
from suanli.audit.settling import space_of
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import receipts_root
from suanli.protocol.serials import reference_of
from suanli.protocol.units import fee_rounded_down
from suanli.protocol.values import Address, Hash

Place = tuple[Address, int]
"""A serial in its space: a node's, or an award's."""
NOBODY = "nobody"
"""Stands for a party that a batch by root does not name."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What one exit moved for one receipt, in atoms; `fee` is the part that the node's owner did not get.

    Where the chain knows sums only, `amount` is the receipt's own, `listed` whether it is shown to be in.
    """

    by: Judged | Claim
    buyer: Address
    node: Address
    serial: int
    payee: Address
    amount: int
    fee: int = 0
    reference: str | None = None
    listed: bool = True

    @property
    def transaction(self) -> Hash:
        """The transaction that moved the money."""
        return self.by.transaction if isinstance(self.by, Judged) else str(self.by.ended_in)


class PaymentIndex:
    """Every payment of a replay, by what can name it."""

    def __init__(self, replay: Replay) -> None:
        self._rate = replay.fee.basis_points
        self._by_reference: defaultdict[str, list[Payment]] = defaultdict(list)
        self._by_place: defaultdict[Place, list[Payment]] = defaultdict(list)
        self._sums: defaultdict[Place, list[Judged]] = defaultdict(list)
        self._by_root: defaultdict[Hash, list[Judged]] = defaultdict(list)
        self._books = replay.books
        for judged in replay.settlements:
            self._add(judged)

    @property
    def references(self) -> list[str]:
        """The first halves of the receipts that listed batches paid."""
        return list(self._by_reference)

    def listed_in(self, judged: Judged) -> Iterator[Payment]:
        """The payments that a batch lists in its calldata; no other settlement lists any."""
        if not isinstance(judged.settled, SettledBatch):
            return
        packed = judged.settled.call.packed
        for task in packed.tasks:
            payee, fee = packed.payees[task.node], fee_rounded_down(task.amount, self._rate)
            paid = (task.buyer, task.node, task.serial, payee, task.amount, fee, task.reference)
            yield Payment(judged, *paid)

    def by_reference(self, reference: str) -> list[Payment]:
        """What batches list under the first half of a receipt's id."""
        return self._by_reference.get(reference, [])

    def of(self, receipt: Hash, bundle: EvidenceBundle | None) -> list[Payment]:
        """All that paid the receipt, by whatever exit; more than one is too much."""
        found = list(self.by_reference(reference_of(receipt)))
        if bundle is None:
            return found
        lease = bundle.lease.message
        place = (lease.node, lease.serial)
        found += [one for one in self._by_place.get(place, []) if one not in found]
        found += [_by_sum(judged, receipt, bundle, self._rate) for judged in self._summed(receipt, bundle)]
        claim = self._books.claims.get(lease.id())
        if claim is not None and claim.state is ClaimState.PAID:
            found.append(_by_claim(claim))
        return found

    def _summed(self, receipt: Hash, bundle: EvidenceBundle) -> list[Judged]:
        """The roots and statements that took the receipt's serial, or that list it under another serial."""
        place = (bundle.lease.message.node, bundle.lease.message.serial)
        found = list(self._sums.get(place, []))
        if bundle.statement and receipt in bundle.statement:
            others = self._by_root.get(receipts_root(bundle.statement), [])
            found += [one for one in others if one not in found]
        return found

    def _add(self, judged: Judged) -> None:
        settled = judged.settled
        for payment in self.listed_in(judged):
            assert payment.reference is not None
            self._by_reference[payment.reference].append(payment)
            self._by_place[payment.node, payment.serial].append(payment)
        if not isinstance(settled, SettledBatch):
            self._by_root[root_of(judged)[0]].append(judged)
        if isinstance(settled, SettledStatement):
            for serial in settled.call.serials:
                self._sums[space_of(self._books, settled), serial].append(judged)
        elif isinstance(settled, SettledRoot):
            for node, row in settled.call.packed.nodes.items():
                for serial in row.serials():
                    self._sums[node, serial].append(judged)


def root_of(judged: Judged) -> tuple[Hash, int]:
    """The root over receipts that a settlement by sum names, and how many stand under it."""
    settled = judged.settled
    if isinstance(settled, SettledStatement):
        return settled.call.statement.receiptsRoot, settled.call.statement.receipts
    assert isinstance(settled, SettledRoot)
    return settled.call.packed.root, settled.call.packed.tasks


def _by_sum(judged: Judged, receipt: Hash, bundle: EvidenceBundle, rate: int) -> Payment:
    settled, lease = judged.settled, bundle.lease.message
    amount, listed = bundle.receipt.message.amount, bundle.statement or []
    shown = receipt in listed and (receipts_root(listed), len(listed)) == root_of(judged)
    if isinstance(settled, SettledStatement):
        statement = settled.call.statement
        serial = lease.serial if lease.serial in settled.call.serials else -1
        paid = (statement.buyer, statement.node, serial, statement.payee, amount, 0)
        return Payment(judged, *paid, listed=shown)
    assert isinstance(settled, SettledRoot)
    packed, buyer = settled.call.packed, bundle.order.message.buyer
    row = packed.nodes.get(lease.node)
    serial = lease.serial if row is not None and lease.serial in row.serials() else -1
    node, payee = (lease.node, row.payee) if row is not None else (NOBODY, NOBODY)
    payer, fee = buyer if buyer in packed.debits else NOBODY, fee_rounded_down(amount, rate)
    return Payment(judged, payer, node, serial, payee, amount, fee, listed=shown)


def _by_claim(claim: Claim) -> Payment:
    return Payment(claim, claim.buyer, claim.node, claim.serial, str(claim.payee), claim.amount)
