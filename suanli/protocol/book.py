"""The book of one clearing: every open copy of a task and every node, as content-addressed values. Pure.

The book holds all that a clearing looks at, so that anyone who has it can repeat or check the decision.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from suanli.protocol.documents import Document
from suanli.protocol.messages import Ask, JobOrder, Limits, Prices
from suanli.protocol.offering import Offering
from suanli.protocol.requirements import Requirements
from suanli.protocol.states import NodeState
from suanli.protocol.units import BASIS_POINTS
from suanli.protocol.values import Address, BasisPoints, Hash, Region, Uint32, Uint64, Uint128


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


class Held(_Entry):
    """A node's slot that the buyer took on the spot under number `hold`, at its ask's prices of that moment.

    `cap` is what the copy costs there at most, in atoms.
    """

    hold: Uint64
    node: Address
    owner: Address
    ask: Hash
    prices: Prices
    minimum_charge: Uint128
    cap: Uint128


class BookTask(_Entry):
    """A task with `copies` to place; `attempt` numbers the first, `owners` already have a copy.

    `requirements` are those of the task's specification. As many of the copies as are `held` have a place.
    """

    index: int
    attempt: int
    copies: int
    ingress: Uint64
    tried: tuple[Address, ...] = ()
    owners: tuple[Address, ...] = ()
    requirements: Requirements | None = None
    held: tuple[Held, ...] = ()


class BookOrder(_Entry):
    """An open order: `budget_left` is what no copy has claimed yet, in atoms."""

    order: Hash
    buyer: Address
    limits: Limits
    maximum_prices: Prices
    budget_left: Uint128
    deadline: Uint64
    tasks: tuple[BookTask, ...]


class BookNode(_Entry):
    """A node with its current ask and the slots that its leases leave free.

    `offering` is the document that the ask names. What the market knows of the node: `trust` in its results
    and `reliability` of its deliveries (basis points), `speed` of one slot (fuel per second, 0: unknown).
    """

    node: Address
    owner: Address
    state: NodeState
    draining: bool
    last_seen_at: Uint64 | None
    ask: Ask | None
    free_slots: int
    offering: Offering | None = None
    trust: BasisPoints = 0
    reliability: BasisPoints = BASIS_POINTS
    speed: Uint64 = 0


class BookPath(_Entry):
    """What the way from one region to another was measured at; a way is measured in each direction."""

    origin: Region
    region: Region
    round_trip_milliseconds: Uint32
    bytes_per_second: Uint64 = Field(ge=1)


class Book(Document):
    """Everything that one clearing decides on.

    `regions` are all that the book speaks of, ascending: a region's number is its place among them.
    `home` is the region of the market's own store.
    """

    now: Uint64
    silent_before: Uint64
    orders: tuple[BookOrder, ...]
    nodes: tuple[BookNode, ...]
    regions: tuple[Region, ...] = ()
    paths: tuple[BookPath, ...] = ()
    home: Region | None = None

    @property
    def moment(self) -> Moment:
        """The clearing's point in time."""
        return Moment(self.now, self.silent_before)

    def ordered(self) -> "Book":
        """The same book in its one order: orders by id, tasks by index, nodes by address, ways by name."""
        orders = (_with_ordered_tasks(order) for order in self.orders)
        return self.model_copy(
            update={
                "orders": tuple(sorted(orders, key=lambda order: order.order)),
                "nodes": tuple(sorted(self.nodes, key=lambda node: node.node)),
                "regions": tuple(sorted(self.regions)),
                "paths": tuple(sorted(self.paths, key=lambda path: (path.origin, path.region))),
            }
        )


def regions_of(
    nodes: Iterable[BookNode], orders: Iterable[BookOrder], paths: Iterable[BookPath], home: Region | None
) -> tuple[Region, ...]:
    """`Book.regions`: every region that a node, a task, a way or the store names, ascending."""
    found = {node.offering.region for node in nodes if node.offering is not None} | {home}
    for path in paths:
        found |= {path.origin, path.region}
    for order in orders:
        for task in order.tasks:
            if task.requirements is not None:
                found |= {*task.requirements.regions, task.requirements.origin}
    return tuple(sorted(region for region in found if region is not None))


def _with_ordered_tasks(order: BookOrder) -> BookOrder:
    tasks = tuple(sorted((_ordered_task(task) for task in order.tasks), key=lambda task: task.index))
    return order.model_copy(update={"tasks": tasks})


def _ordered_task(task: BookTask) -> BookTask:
    return task.model_copy(
        update={
            "tried": tuple(sorted(task.tried)),
            "owners": tuple(sorted(task.owners)),
            "held": tuple(sorted(task.held, key=lambda held: held.hold)),
        }
    )
