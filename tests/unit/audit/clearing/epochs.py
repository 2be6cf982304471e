"""An epoch as a market would publish it: book, clearing, certificate, leases and anchor in a store."""

from dataclasses import asdict, dataclass, field

from eth_account import Account

from market.core.auction import Budget
from market.core.clearing import Cleared, Match, Terms, clear
from suanli.audit.clearing.encode import encode
from suanli.audit.clearing.epoch import Committed, Papers, read_papers
from suanli.audit.stores import NoStore
from suanli.protocol.anchoring import AnchoredClearing, anchored_clearing, epoch_leases, root_of
from suanli.protocol.arrays import NOBODY
from suanli.protocol.book import Book
from suanli.protocol.certificate import Certificate, Provenance, certificate_of, outcome_of
from suanli.protocol.challenges import Challenge, ProposedMatch
from suanli.protocol.documents import Document
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import EpochAnchor, Lease
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash
from suanli.protocol.wire.clearings import AnchorView
from suanli.protocol.wire.common import Signed
from tests.unit.audit.clearing.books import NOW, address, hash_

EPOCH = 12
OPERATOR = Account.from_key("0x" + "07" * 32)
DOMAIN = Domain(chain_id=31337, ledger=address(9))
COMMITTED = Committed(OPERATOR.address, DOMAIN)
TERMS = Terms(effort=Budget(refreshes=2, steps=8, candidates=4, ruins=20))


@dataclass
class Shelf(NoStore):
    """A store in memory."""

    documents: dict[Hash, bytes] = field(default_factory=dict)
    anchors: dict[int, bytes] = field(default_factory=dict)

    def blob(self, hash_: Hash) -> bytes | None:
        return self.documents.get(hash_)

    def anchor_text(self, epoch: int) -> bytes | None:
        return self.anchors.get(epoch)

    def put(self, document: Document) -> Hash:
        self.documents[document.content_hash()] = document.canonical()
        return document.content_hash()


@dataclass
class Epoch:
    """What one clearing came to; a test may alter a part before it is published."""

    book: Book
    certificate: Certificate
    leases: list[Lease]
    orders: list[Hash]
    epoch: int = EPOCH

    def publish(self, shelf: Shelf, signer: object = OPERATOR) -> AnchoredClearing:
        evidence = anchored_clearing(
            EPOCH,
            clearing=hash_(1),
            book=shelf.put(self.book),
            orders=self.orders,
            leases=self.leases,
            certificate=shelf.put(self.certificate),
            lease_messages=shelf.put(epoch_leases(EPOCH, self.leases)),
        )
        shelf.put(evidence)
        self._anchor(shelf, evidence.anchor(), signer)
        return evidence

    def _anchor(self, shelf: Shelf, anchor: EpochAnchor, signer: object) -> None:
        signed = Signed(message=anchor, signature=sign(signer, DOMAIN, anchor))
        view = AnchorView(anchor=signed, operator=OPERATOR.address, intent=None)
        shelf.anchors[EPOCH] = view.model_dump_json().encode()

    def papers(self) -> Papers:
        shelf = Shelf()
        self.publish(shelf)
        return read_papers(shelf, EPOCH)


def cleared_epoch(book: Book) -> Epoch:
    """The epoch of a book as the market clears it."""
    book = book.ordered()
    cleared = clear(book, EPOCH, TERMS)
    orders = sorted({order.order for order in book.orders})
    provenance = Provenance(
        epoch=EPOCH,
        book=book.content_hash(),
        book_root=root_of(orders),
        mechanism=TERMS.mechanism,
        iterations=asdict(TERMS.effort),
        code="a test",
    )
    certificate = certificate_of(cleared.decided.outcome, provenance)
    return Epoch(book, certificate, _leases(cleared), orders)


def _leases(cleared: Cleared) -> list[Lease]:
    return [_lease(match, serial) for serial, match in enumerate(cleared.clearing.matches)]


def _lease(match: Match, serial: int) -> Lease:
    return Lease(
        order=match.order,
        task=match.task,
        attempt=match.attempt,
        spec=hash_(77),
        ask=match.ask,
        epoch=EPOCH,
        serial=serial,
        node=match.node,
        prices=match.prices,
        minimumCharge=match.minimum_charge,
        cap=match.cap,
        deadline=NOW + 60,
    )


def own_challenge(epoch: Epoch) -> Challenge:
    """The epoch's own matches as a challenge."""
    encoded, outcome = encode(epoch.book), outcome_of(epoch.certificate)
    matches = [
        ProposedMatch(
            order=copy.order.order,
            task=copy.task.index,
            attempt=copy.attempt,
            node=encoded.nodes[int(outcome.provider[item])].node,
        )
        for item, copy in enumerate(encoded.copies)
        if outcome.provider[item] != NOBODY
    ]
    return Challenge(epoch=EPOCH, book=epoch.book.content_hash(), matches=tuple(matches))
