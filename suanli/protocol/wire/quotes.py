"""Quote and take: many quotes at once, and copies of tasks taken on the spot, each at one node for a while.

What is taken is held: nobody else gets the slot, and an order that names the hold gets it at its prices.
"""

from typing import Annotated

from pydantic import Field

from suanli.protocol.messages import Prices
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements
from suanli.protocol.values import Address, Hash, Uint64, Uint128
from suanli.protocol.wire.common import Explanation, Wire
from suanli.protocol.wire.jobs import Quote

ITEMS_MAXIMUM = 1000
"""Items of one take, requests of one batch of quotes."""
COPIES_MAXIMUM = 16
SECONDS_MAXIMUM = 3600

Amount = Annotated[int, Field(ge=0, lt=1 << 62)]
"""A whole number, as digits or as a text of digits."""
Key = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,64}$")]
"""A name that the caller chooses for a request, new for each."""


class QuoteResult(Wire):
    """The answer to one request of a batch: a quote, or why there is none."""

    quote: Quote | None = None
    problem: Explanation | None = None


class QuoteResults(Wire):
    """`POST /quotes/batch`: the answers in the order of the requests."""

    items: list[QuoteResult]


class TakeLimits(Wire):
    """`Limits` of one copy."""

    fuel: Amount
    memoryBytes: Amount
    inputBytes: Amount
    outputBytes: Amount
    wallSeconds: Amount


class TakePrices(Wire):
    """The most per unit, as `Prices`."""

    fuel: Amount
    memoryFuel: Amount
    ingress: Amount
    egress: Amount


class TakeItem(Wire):
    """One task: its copies go to nodes of different owners. `ingress` defaults to `limits.inputBytes`."""

    limits: TakeLimits
    maximum_prices: TakePrices
    ingress: Amount | None = None
    copies: Annotated[int, Field(ge=1, le=COPIES_MAXIMUM)] = 1
    requirements: Requirements | None = None


class TakeRequest(Wire):
    """`POST /quotes/take`. The same key with the same content gets the same answer again.

    `deadline`: when the work must be done, seconds since the epoch; it makes slow nodes ineligible.
    """

    key: Key
    seconds: Annotated[int, Field(ge=1, le=SECONDS_MAXIMUM)] = 30
    deadline: Amount | None = None
    items: Annotated[list[TakeItem], Field(min_length=1, max_length=ITEMS_MAXIMUM)]


class Taken(Wire):
    """What became of one copy: held at a node under number `hold`, or `reason` says why nobody has it.

    `prices` and `minimum_charge` are those of the lease; `cap` is the most that the copy costs, in atoms.
    """

    hold: Uint64
    item: int
    node: Address | None
    ask: Hash | None = None
    prices: Prices | None = None
    minimum_charge: Uint128 | None = None
    cap: Uint128 | None = None
    reason: Reason | None = None


class TakeAnswer(Wire):
    """`POST /quotes/take`: every copy of every item, in their order. `until` is in milliseconds."""

    key: Key
    until: int
    items: list[Taken]


class ReleaseRequest(Wire):
    """`POST /quotes/release`: holds that the caller gives back."""

    holds: Annotated[list[Uint64], Field(min_length=1, max_length=ITEMS_MAXIMUM * COPIES_MAXIMUM)]


class ReleaseAnswer(Wire):
    """Those that were released now; the others were no open holds of the caller."""

    released: list[Uint64]
