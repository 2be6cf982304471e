"""One audit: the replayed chain, an evidence store, and the index from receipts to what paid them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from suanli.audit.chain import Chain
from suanli.audit.payment_index import Payment, PaymentIndex, root_of
from suanli.audit.replay import Replay
from suanli.audit.settled import SettledBatch
from suanli.audit.stores import EvidenceStore, read_bundle
from suanli.protocol.errors import ProtocolError
from suanli.protocol.evidence import EvidenceBundle, signed_by_key
from suanli.protocol.serials import reference_of
from suanli.protocol.signatures import recover_digest
from suanli.protocol.values import Address, Hash


@dataclass
class Case:
    """What every step of an audit asks: chain, books, evidence. Bundles are read once."""

    chain: Chain
    replay: Replay
    store: EvidenceStore
    _bundles: dict[Hash, EvidenceBundle | None] = field(default_factory=dict)
    _blobs: dict[Hash, bytes | None] = field(default_factory=dict)
    _named: dict[str, Hash] = field(default_factory=dict)

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

    def receipt_named(self, reference: str) -> Hash:
        """The receipt whose id begins so, by the store's evidence; else the reference itself."""
        if reference not in self._named:
            sound = (one for one in self.store.receipts_named(reference) if reference_of(one) == reference)
            self._named[reference] = next((one for one in sound if self.bundle(one)), reference)
        return self._named[reference]

    @cached_property
    def payments(self) -> PaymentIndex:
        """Every payment that the chain knows."""
        return PaymentIndex(self.replay)

    @cached_property
    def paying_transactions(self) -> set[Hash]:
        """The transactions that carried a settlement, opened or ended a claim, or broke a rule."""
        claims = self.replay.books.claims.values()
        found = {hash_ for one in claims for hash_ in (one.transaction, one.ended_in) if hash_}
        broken = {hash_ for hash_, rule in self.replay.rules if not rule.passed}
        return found | broken | {judged.transaction for judged in self.replay.settlements}

    def payments_of(self, receipt: Hash) -> list[Payment]:
        """Everything that paid a receipt; more than one is too much."""
        return self.payments.of(receipt, self.bundle(receipt))

    @cached_property
    def rooted_receipts(self) -> list[Hash]:
        """The receipts that the store lists under the roots of all statements and root batches."""
        sums = (one for one in self.replay.settlements if not isinstance(one.settled, SettledBatch))
        return [receipt for one in sums for receipt in self.store.receipts_under(*root_of(one))]

    def receipts_where(self, wanted: Callable[[EvidenceBundle], bool], hint: list[Hash]) -> Iterator[Hash]:
        """Receipts whose evidence is `wanted`: those that the store or batches name."""
        batches = (self.receipt_named(reference) for reference in self.payments.references)
        for receipt in dict.fromkeys([*hint, *batches]):
            bundle = self.bundle(receipt)
            if bundle is not None and wanted(bundle):
                yield receipt

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
