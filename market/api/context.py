"""What every route asks for: the runtime, the time, and the part of a list that is wanted."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Path, Query, Request

from market.runtime import Runtime
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Page

Row = TypeVar("Row")
View = TypeVar("View")

EXAMPLE_HASH = "0x" + "5a" * 32
EXAMPLE_ADDRESS = "0x" + "5a" * 20
_LONGEST_CURSOR = 100
_LARGEST_NUMBER = (1 << 63) - 1


def runtime_of(request: Request) -> Runtime:
    """The runtime that the application was created with."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def now() -> int:
    """Whole seconds since the epoch."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a list that a caller wants: what follows `after`, at most `limit` items."""

    after: str | None
    limit: int

    def after_number(self) -> int | None:
        """The cursor of a list that is cut by number. Raises MarketError(MESSAGE_MALFORMED)."""
        if self.after is None:
            return None
        if not self.after.isascii() or not self.after.isdigit() or int(self.after) > _LARGEST_NUMBER:
            raise MarketError(Reason.MESSAGE_MALFORMED, f"after={self.after!r} is not a cursor of this list")
        return int(self.after)

    def page(
        self, rows: Sequence[Row], view: Callable[[Row], View], cursor: Callable[[Row], object]
    ) -> Page[View]:
        """The page of `rows`, of which there are at most `limit`; a full one may have a successor."""
        following = str(cursor(rows[-1])) if len(rows) == self.limit else None
        return Page(items=[view(row) for row in rows], next=following)


def part_of_list(
    runtime: Annotated[Runtime, Depends(runtime_of)],
    after: Annotated[
        str | None, Query(description="`next` of the page before", max_length=_LONGEST_CURSOR)
    ] = None,
    limit: Annotated[int, Query(description="items per page", ge=1, le=1000)] = 50,
) -> Part:
    """The part that the query names; the market may send smaller pages than asked for."""
    return Part(after, min(limit, runtime.settings.page_maximum))


Market = Annotated[Runtime, Depends(runtime_of)]
Wanted = Annotated[Part, Depends(part_of_list)]
Wait = Annotated[
    float, Query(ge=0, le=60, description="seconds to wait for something new; the market may answer earlier")
]
HashPath = Annotated[
    Hash,
    Path(
        description="32 bytes as 0x and 64 hex digits",
        openapi_examples={"hash": {"value": EXAMPLE_HASH}},
    ),
]
AddressPath = Annotated[
    Address,
    Path(
        description="an address as 0x and 40 hex digits",
        openapi_examples={"address": {"value": EXAMPLE_ADDRESS}},
    ),
]
