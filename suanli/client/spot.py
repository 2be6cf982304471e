"""Taking on the spot: copies of tasks held at nodes for a while, to be ordered by `submit(holds=...)`.

It signs nothing: a hold costs nothing and binds nobody; the order that names it is what the buyer signs.
"""

from collections.abc import Sequence
from uuid import uuid4

from suanli.client.connection import Connection
from suanli.client.planner import Plan
from suanli.protocol.wire.jobs import QuoteRequest
from suanli.protocol.wire.quotes import (
    ReleaseAnswer,
    ReleaseRequest,
    TakeAnswer,
    TakeItem,
    TakeLimits,
    TakePrices,
    TakeRequest,
)

_LARGEST = (1 << 62) - 1


class Spot:
    """Holds of the connection's account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, plan: Plan, asked: QuoteRequest, seconds: int = 30) -> TakeAnswer:
        """Holds a node for every copy of every task, as far as there are any, in `submit`'s order.

        `asked`: the plan's question for a quote; `seconds`: for how long. Raises MarketError.
        """
        item = TakeItem(
            limits=TakeLimits(**dict(asked.limits)),
            maximum_prices=TakePrices(
                **{name: min(price, _LARGEST) for name, price in dict(asked.maximum_prices).items()}
            ),
            copies=plan.replicas,
            requirements=asked.requirements,
        )
        items = [item] * len(plan.spec.tasks)
        request = TakeRequest(key=uuid4().hex, seconds=seconds, deadline=asked.deadline, items=items)
        return self._connection.post("/quotes/take", request, TakeAnswer, repeatable=True)

    def release(self, holds: Sequence[int]) -> list[int]:
        """Gives holds back; those that were open. Raises MarketError."""
        request = ReleaseRequest(holds=list(holds))
        return self._connection.post("/quotes/release", request, ReleaseAnswer, repeatable=True).released


def held(answer: TakeAnswer) -> list[int]:
    """The numbers for `submit(holds=...)`; none unless every copy has a node."""
    numbers = [one.hold for one in answer.items if one.node is not None]
    return numbers if len(numbers) == len(answer.items) else []
