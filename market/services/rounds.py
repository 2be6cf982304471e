"""Past rounds: what a stored one decided, as numbers again, and what the next one begins with."""

from collections.abc import Callable
from functools import lru_cache

from sqlmodel import Session

from market.core.clearing import Clearing, terms_of
from market.core.encoding import encode
from market.core.outcomes import Decided
from market.db.blobs import Blobs
from market.db.queries import clearings
from market.db.tables.clear import ClearingRow
from market.runtime import Runtime
from market.services.anchor import Origin
from suanli.protocol.book import Book
from suanli.protocol.certificate import Mechanism, outcome_of, read_certificate
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

_ROUNDS_REMEMBERED = 8


def origin_of(session: Session, runtime: Runtime) -> Origin:
    """How the next round is cleared: by the settings' mechanism, from the last round's duals."""
    mechanism = runtime.settings.clearing_mechanism
    last = clearings.last(session)
    if last is None or last.certificate is None:
        return Origin(terms_of(mechanism, {}), None)
    clearing = Clearing.parse(read(runtime.blobs, last.document))
    duals = {price.node: price.dual for price in clearing.scarcity if price.dual}
    terms = terms_of(mechanism, duals)
    return Origin(terms, last.certificate if terms.warm else None)


def decided_of(runtime: Runtime, row: ClearingRow) -> Decided:
    """A stored round with its outcome. Raises MarketError(NOT_FOUND) for one from before certificates."""
    if row.certificate is None:
        raise MarketError(Reason.NOT_FOUND, f"clearing {row.epoch} has no certificate")
    return _decided(_Reader(runtime.blobs), row.book, row.certificate)


def mechanism_of(runtime: Runtime, row: ClearingRow) -> Mechanism:
    """The rule of payments of a stored round. Raises MarketError(NOT_FOUND)."""
    if row.certificate is None:
        raise MarketError(Reason.NOT_FOUND, f"clearing {row.epoch} has no certificate")
    return read_certificate(read(runtime.blobs, row.certificate)).mechanism


def read(blobs: Blobs, blob: Hash) -> bytes:
    """All bytes of a blob. Raises MarketError(NOT_FOUND)."""
    with blobs.open(blob) as stream:
        return stream.read()


class _Reader:
    """A store of blobs that a cache takes for the same as any other: content decides what a hash names."""

    def __init__(self, blobs: Blobs) -> None:
        self.read: Callable[[Hash], bytes] = lambda blob: read(blobs, blob)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reader)

    def __hash__(self) -> int:
        return 0


@lru_cache(_ROUNDS_REMEMBERED)
def _decided(reader: _Reader, book: Hash, certificate: Hash) -> Decided:
    encoded = encode(Book.parse(reader.read(book)))
    return Decided(encoded, outcome_of(read_certificate(reader.read(certificate))))
