"""Which contracts take no new business now."""

from collections.abc import Iterator

from suanli.audit.views.compare import Compared, Views
from suanli.protocol.abi import ContractName

PAUSABLE: tuple[ContractName, ...] = ("Ledger", "GridRegistry", "Bidding", "EpochAnchors")


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "pause", ((name, name in views.books.paused, views(name, "paused")) for name in PAUSABLE)
