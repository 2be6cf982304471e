"""The views of EpochAnchors: every operator's bond, anchors and proved faults."""

from collections.abc import Iterator

from suanli.audit.views.compare import Compared, Views
from suanli.protocol.anchoring import FaultReason


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "operator", _operators(views)
    yield "anchor", _anchors(views)
    yield "fault_proved", _faults(views)


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


def _faults(views: Views) -> Compared:
    """Every fault that events prove; and that the last anchor of each operator is none of equivocation."""
    for address, operator in views.books.operators.items():
        last = (FaultReason.EQUIVOCATION, f"0x{operator.last_epoch:064x}")
        for reason, fault in sorted({*operator.proved, last}):
            said = views("EpochAnchors", "isProved", address, reason, fault)
            yield f"{reason.name} {fault} of {address}", (reason, fault) in operator.proved, said
