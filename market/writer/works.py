"""What callers ask of the writer, each with the future that its answer comes by. Plain values."""

from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from market.core.spot.floor import Plan
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.quotes import TakeRequest


@dataclass(slots=True)
class Take:
    """Decide and hold. The answer is the JSON body of a `TakeAnswer`."""

    account: Address
    request: TakeRequest
    digest: str
    answer: "Future[bytes]"


@dataclass(slots=True)
class Release:
    """Give holds back. The answer: those that were released."""

    account: Address
    holds: Sequence[int]
    answer: "Future[list[int]]"


@dataclass(slots=True)
class Claim:
    """An order names its holds, each for one of its tasks."""

    account: Address
    job: Hash
    holds: Sequence[tuple[int, int]]
    answer: "Future[None]"


@dataclass(slots=True)
class Unclaim:
    """The order that claimed them was not taken in."""

    holds: Sequence[int]
    answer: "Future[None]"


@dataclass(slots=True)
class Stand:
    """The nodes as the database has them as of `occupied` clearings, and claims that have ended."""

    plan: Plan
    occupied: int
    ended: Sequence[int]
    answer: "Future[None]"


@dataclass(slots=True)
class Pass:
    """Nothing but that time has passed."""

    answer: "Future[None]"


Work = Take | Release | Claim | Unclaim | Stand | Pass


def tell(answer: "Future[Any]", value: Any) -> None:
    """Answers a caller, if it still waits."""
    if not answer.done():
        answer.set_result(value)


def fail(works: Sequence[Work], error: BaseException) -> None:
    """Tells every caller that still waits what went wrong."""
    for work in works:
        _set(work.answer, error)


def _set(answer: "Future[Any]", error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
