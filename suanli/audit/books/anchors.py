"""What the events of EpochAnchors say: operators' bonds (which stand in its own account), anchors, faults."""

from typing import Any

from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.messages import EpochAnchor

BURNED = "0x000000000000000000000000000000000000dEaD"
"""The Ledger account whose money nobody can move."""


def _bonded(books: Books, event: Event, said: dict[str, Any]) -> None:
    """A bond that was on its way out stays: nothing moves then."""
    operator = books.operators[said["operator"]]
    books.explain(said["operator"], books.modules.anchors, said["amount"] - operator.bond)
    operator.bond, operator.bonded_at, operator.releasable_at = said["amount"], said["bondedAt"], 0


def _unbonding_started(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.operators[said["operator"]].releasable_at = said["releasableAt"]


def _bond_withdrawn(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.explain(books.modules.anchors, said["operator"], said["amount"])
    _unbond(books, said["operator"])


def _anchored(books: Books, event: Event, said: dict[str, Any]) -> None:
    operator = books.operators[said["operator"]]
    operator.last_epoch = said["epoch"]
    operator.anchors[said["epoch"]] = EpochAnchor(**said["anchor"]).id()


def _bond_slashed(books: Books, event: Event, said: dict[str, Any]) -> None:
    parts = ("reporter", "harmed")
    for part in parts:
        books.explain(books.modules.anchors, said[part], said[f"{part}Amount"])
    books.explain(books.modules.anchors, BURNED, said["burnedAmount"])
    _unbond(books, said["operator"])


def _unbond(books: Books, address: str) -> None:
    operator = books.operators[address]
    operator.bond = operator.bonded_at = operator.releasable_at = 0


def _nothing(books: Books, event: Event, said: dict[str, Any]) -> None:
    """What was proved; the slash that follows says what it cost."""


PROOFS = (
    "EquivocationProved",
    "DoubleSerialProved",
    "NotAnchoredProved",
    "OrderLeftOutProved",
    "BookUnsortedProved",
    "BookMiscountedProved",
    "LeaseOutsideOrderProved",
    "LeaseOutsideAskProved",
)

RECORDERS: dict[str, Recorder] = {
    "Bonded": _bonded,
    "UnbondingStarted": _unbonding_started,
    "BondWithdrawn": _bond_withdrawn,
    "Anchored": _anchored,
    "BondSlashed": _bond_slashed,
} | dict.fromkeys(PROOFS, _nothing)
