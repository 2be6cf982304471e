"""The views of EpochAnchors: every operator's bond and every anchor."""

from collections.abc import Iterator

from suanli.audit.views.compare import Compared, Views


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "operator", _operators(views)
    yield "anchor", _anchors(views)


def _operators(views: Views) -> Compared:
    for address, one in views.books.operators.items():
        ours = [one.bond, one.bonded_at, one.releasable_at, one.last_epoch]
        yield address, ours, views("EpochAnchors", "operatorOf", address)


def _anchors(views: Views) -> Compared:
    for address, operator in views.books.operators.items():
        for epoch, ours in operator.anchors.items():
            yield (
                f"{address} epoch {epoch}",
                ours,
                "0x" + views("EpochAnchors", "anchorOf", address, epoch).hex(),
            )
