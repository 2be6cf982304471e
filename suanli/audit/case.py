"""One audit: the replayed chain, an evidence store, and the index from receipts to what paid them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from suanli.audit.chain import Chain
from suanli.audit.history import SettledBatch, SettledStatement
from suanli.audit.replay import Judged, Replay
from suanli.audit.stores import EvidenceStore, read_bundle
from suanli.protocol.errors import ProtocolError
from suanli.protocol.evidence import EvidenceBundle, signed_by_key
from suanli.protocol.merkle import receipts_root
from suanli.protocol.signatures import recover_digest
from suanli.protocol.units import fee_rounded_down
from suanli.protocol.values import Address, Hash


@dataclass(frozen=True, slots=True)
class Payment:
    """What one settlement moved for one receipt, in atoms; `fee` is the part that the node did not get."""

    receipt: Hash
    buyer: Address
    node: Address
    amount: int
    fee: int
    by: Judged


@dataclass
class Case:
    """What every step of an audit asks: chain, books, evidence. Bundles are read once."""

    chain: Chain
    replay: Replay
    store: EvidenceStore
    _bundles: dict[Hash, EvidenceBundle | None] = field(default_factory=dict)
    _blobs: dict[Hash, bytes | None] = field(default_factory=dict)

    def bundle(self, receipt: Hash) -> EvidenceBundle | None:
        """The receipt's evidence, or None when the store has none that is well-formed."""
        if receipt not in self._bundles:
            self._bundles[receipt] = read_bundle(self.store, receipt)
        return self._bundles[receipt]

    def blob(self, hash_: Hash) -> bytes | None:
        """A document of this SHA-256, or None when the store does not show it."""
        if hash_ not in self._blobs:
            self._blobs[hash_] = self.store.blob(hash_)
        return self._blobs[hash_]

    @cached_property
    def batch_payments(self) -> dict[Hash, list[Payment]]:
        """Payments by receipt, from the calldata of every batch."""
        found: defaultdict[Hash, list[Payment]] = defaultdict(list)
        for judged in self.replay.settlements:
            for payment in self.payments_in(judged):
                found[payment.receipt].append(payment)
        return found

    def payments_in(self, judged: Judged) -> Iterator[Payment]:
        """The payments that a batch lists; a statement lists none."""
        if isinstance(judged.settled, SettledBatch):
            for task in judged.settled.call.packed.tasks:
                fee = fee_rounded_down(task.amount, self.replay.fee.basis_points)
                yield Payment(task.receipt, task.buyer, task.node, task.amount, fee, judged)

    def payments_of(self, receipt: Hash) -> list[Payment]:
        """Everything that paid a receipt; more than one is too much."""
        found = list(self.batch_payments.get(receipt, ()))
        bundle = self.bundle(receipt)
        if bundle is not None and bundle.statement:
            found += self._statement_payments(receipt, bundle)
        return found

    def statements(self, buyer: Address, node: Address) -> list[tuple[Judged, SettledStatement]]:
        """The settled statements of a pair, oldest first."""
        pairs = ((judged, judged.settled) for judged in self.replay.settlements)
        return [
            (judged, settled)
            for judged, settled in pairs
            if isinstance(settled, SettledStatement)
            and (settled.call.statement.buyer, settled.call.statement.node) == (buyer, node)
        ]

    def authority(self, account: Address, digest: bytes, signature: str) -> bool:
        """Whether a signature binds an account: its key, a delegate it named on chain, or its contract."""
        if signed_by_key(account, digest, signature):
            return True
        try:
            if (account, recover_digest(digest, signature)) in self.replay.books.delegated:
                return True
        except ProtocolError:
            pass  # a contract's signature need not be one of a key
        return self.chain.approves(account, digest, signature)

    def _statement_payments(self, receipt: Hash, bundle: EvidenceBundle) -> Iterator[Payment]:
        listed = bundle.statement or []
        place = listed.index(receipt) if receipt in listed else len(listed)
        buyer, node = bundle.order.message.buyer, bundle.lease.message.node
        before = 0
        for judged, settled in self.statements(buyer, node):
            statement = settled.call.statement
            covered = listed[: statement.receipts]
            if (
                before <= place < len(covered) == statement.receipts
                and receipts_root(covered) == statement.receiptsRoot
            ):
                amount = bundle.receipt.message.amount
                yield Payment(receipt, buyer, node, amount, self._share(covered[before : place + 1]), judged)
            before = statement.receipts

    def _share(self, receipts: list[Hash]) -> int:
        """The last receipt's part of a statement's fee, which is rounded down once on the running total."""
        bundles = [self.bundle(receipt) for receipt in receipts]
        amounts = [0 if bundle is None else bundle.receipt.message.amount for bundle in bundles]
        rate = self.replay.fee.basis_points
        return fee_rounded_down(sum(amounts), rate) - fee_rounded_down(sum(amounts[:-1]), rate)
