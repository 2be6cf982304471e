"""The book of one clearing: every open copy of a task and every node, as content-addressed values.

The book holds all that `clearing.clear` looks at, so that anyone who has it can repeat the decision.
"""

from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from suanli.protocol.documents import Document
from suanli.protocol.messages import Ask, JobOrder, Limits, Prices
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash, Uint64, Uint128


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, and since when a node without a sign of life counts as silent, in seconds since the epoch."""

    now: int
    silent_before: int


class Wanted(Protocol):
    """What a rule may ask of a job: an order in the book, or a request for a quote."""

    @property
    def buyer(self) -> Address | None:
        """Who pays; `None` when nobody has said yet."""
        ...

    @property
    def limits(self) -> Limits:
        """The most that one task may use."""
        ...

    @property
    def maximum_prices(self) -> Prices:
        """The most that the buyer pays per unit."""
        ...


@dataclass(frozen=True, slots=True)
class OrderWants:
    """What an order wants of a node."""

    buyer: Address
    limits: Limits
    maximum_prices: Prices


def wanted_by(order: JobOrder) -> OrderWants:
    """The part of an order that rules between a job and a node look at."""
    return OrderWants(order.buyer, order.limits, order.maximumPrices)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BookTask(_Entry):
    """A task with `copies` to place; `attempt` numbers the first, `owners` already have a copy."""

    index: int
    attempt: int
    copies: int
    ingress: Uint64
    tried: tuple[Address, ...] = ()
    owners: tuple[Address, ...] = ()


class BookOrder(_Entry):
    """An open order: `number` is its arrival, `budget_left` what no copy has claimed yet, in atoms."""

    order: Hash
    number: int
    buyer: Address
    limits: Limits
    maximum_prices: Prices
    budget_left: Uint128
    tasks: tuple[BookTask, ...]


class BookNode(_Entry):
    """A node with its current ask and the slots that its leases leave free."""

    node: Address
    owner: Address
    state: NodeState
    draining: bool
    last_seen_at: Uint64 | None
    ask: Ask | None
    free_slots: int


class Book(Document):
    """Everything that one clearing decides on."""

    now: Uint64
    silent_before: Uint64
    orders: tuple[BookOrder, ...]
    nodes: tuple[BookNode, ...]

    @property
    def moment(self) -> Moment:
        """The clearing's point in time."""
        return Moment(self.now, self.silent_before)

    def ordered(self) -> "Book":
        """The same book in its one order: orders by arrival, tasks by index, nodes by address."""
        orders = (_with_ordered_tasks(order) for order in self.orders)
        return self.model_copy(
            update={
                "orders": tuple(sorted(orders, key=lambda order: (order.number, order.order))),
                "nodes": tuple(sorted(self.nodes, key=lambda node: node.node)),
            }
        )


def _with_ordered_tasks(order: BookOrder) -> BookOrder:
    tasks = tuple(sorted((_ordered_task(task) for task in order.tasks), key=lambda task: task.index))
    return order.model_copy(update={"tasks": tasks})


def _ordered_task(task: BookTask) -> BookTask:
    return task.model_copy(update={"tried": tuple(sorted(task.tried)), "owners": tuple(sorted(task.owners))})
