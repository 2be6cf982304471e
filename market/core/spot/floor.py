"""The floor: every node that can be had on the spot, what is free there, and the engine that finds the best.

Pure. Made anew when asks change; between two makings only free slots move. One holder, which also
serialises it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from market.core.encoding.kept import kept_nodes
from market.core.encoding.measure import MEASURE
from market.core.encoding.scales import Scales, label_bits, scales_of
from market.core.encoding.supply import encode_supply
from market.core.engine.decision import Decisions
from market.core.engine.fleet import Fleet
from market.core.offers import ask_of, prices_now
from market.core.spot.items import Columns, Wanted, columns_of, demand_of
from suanli.protocol.arrays import Demand, Supply
from suanli.protocol.book import Book, BookNode
from suanli.protocol.messages import Ask, Prices
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Explanation

_ONE = np.ones(1, np.int64)
_FAR = 1 << 62


@dataclass(frozen=True, slots=True)
class Stand:
    """What a copy would get of one node: its ask and the prices that the ask comes to now.

    `terms`: its part of `wire.quotes.Taken`, as JSON.
    """

    node: BookNode
    ask: Ask
    ask_id: Hash
    prices: Prices
    vector: tuple[int, ...]
    terms: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything of a floor but the engine: made at leisure, in another thread where there is one.

    `base` is what leases leave free at each node, whoever holds it; `left` says why others cannot be had;
    `expiry` (N,): when each ask ends, in seconds since the epoch.
    """

    book: Book
    nodes: tuple[BookNode, ...]
    left: Mapping[Address, tuple[int, Explanation]]
    scales: Scales
    supply: Supply
    owners: Mapping[Address, int]
    base: Mapping[Address, int]
    expiry: NDArray[np.int64]


def plan(book: Book, reserved: Mapping[Address, int]) -> Plan:
    """The floor of the nodes of a book; prices surge by slots in use, the reserved ones included."""
    base = {node.node: node.free_slots for node in book.nodes}
    nodes = (
        node.model_copy(update={"free_slots": max(0, node.free_slots - reserved[node.node])})
        if reserved.get(node.node)
        else node
        for node in book.nodes
    )
    book = book.model_copy(update={"orders": (), "nodes": tuple(nodes)}).ordered()
    kept, left = kept_nodes(book)
    scales = _scales(book, kept)
    supply, owners = encode_supply(kept, scales)
    expiry = np.array([min(ask_of(node).expiry, _FAR) for node in kept], np.int64)
    return Plan(book, tuple(kept), left, scales, supply, owners, base, expiry)


class Floor:
    """A plan with its engine. `reserved` are the slots by node that are held now."""

    def __init__(self, plan: Plan, reserved: Mapping[Address, int], before: "Floor | None" = None) -> None:
        self.plan = plan
        self._ask_ids: dict[Address, tuple[Ask, Hash]] = {} if before is None else before._ask_ids
        self.number_of = {node.node: number for number, node in enumerate(plan.nodes)}
        held = {self.number_of[node]: count for node, count in reserved.items() if node in self.number_of}
        capacity = np.array([[plan.base[node.node]] for node in plan.nodes], np.int64).reshape(-1, 1)
        for number, count in held.items():
            capacity[number, 0] = max(int(capacity[number, 0]), count)
        supply = replace(plan.supply, capacity=np.maximum(capacity, 0))
        self.fleet = Fleet(MEASURE, supply, len(plan.scales.regions) + 1)
        self._stands: dict[int, Stand] = {}
        for number, count in held.items():
            self.fleet.reserve(number, _ONE * count)

    def demand(self, wanted: Sequence[Wanted], now: int) -> tuple[Demand, Columns]:
        """The items' rows, each buyer's own nodes barred."""
        columns = columns_of(wanted)
        demand = demand_of(wanted, columns, self.plan.scales, now)
        barred = {buyer: self.barred(buyer) for buyer in {one.buyer for one in wanted}}
        if any(barred.values()):
            demand = with_barred(demand, [barred[one.buyer] for one in wanted])
        return demand, columns

    def take(self, demand: Demand) -> Decisions:
        """Decides and reserves one item after the other."""
        return self.fleet.take_many(self.fleet.items(demand))

    def release(self, nodes: Iterable[Address]) -> None:
        """Gives held slots back, one for each mention; nothing where a node is not on the floor any more."""
        for node, count in Counter(nodes).items():
            number = self.number_of.get(node)
            if number is not None:
                self.fleet.release(number, _ONE * count)

    def stand(self, number: int) -> Stand:
        """What a provider's node asks."""
        stand = self._stands.get(number)
        if stand is None:
            stand = self._stands[number] = self._made(self.plan.nodes[number])
        return stand

    def _made(self, node: BookNode) -> Stand:
        ask, prices = ask_of(node), prices_now(node)
        known, ask_id = self._ask_ids.get(node.node, (None, ""))
        if known != ask:
            ask_id = ask.id()
            self._ask_ids[node.node] = ask, ask_id
        stated = json.dumps({name: str(price) for name, price in dict(prices).items()})
        terms = (
            f'"node":"{node.node}","ask":"{ask_id}","prices":{stated},"minimum_charge":"{ask.minimumCharge}"'
        )
        return Stand(node, ask, ask_id, prices, prices.vector(), terms)

    def barred(self, party: Address, owners: Iterable[Address] = ()) -> tuple[int, ...]:
        """Who may not work for `party`: its own node, its own nodes as an owner, and those of `owners`."""
        numbers = {self.number_of[party]} if party in self.number_of else set()
        numbers |= {~self.plan.owners[one] for one in (party, *owners) if one in self.plan.owners}
        return tuple(sorted(numbers))

    def free(self) -> dict[Address, int]:
        """Free slots by node."""
        capacity = self.fleet.supply().capacity[:, 0].tolist()
        return {node.node: capacity[number] for number, node in enumerate(self.plan.nodes)}


def with_barred(demand: Demand, barred: Sequence[tuple[int, ...]]) -> Demand:
    """The same items, each with its own list of the barred."""
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(one) for one in barred], dtype=np.int64)])
    return replace(
        demand, barred_start=starts, barred=np.array([one for some in barred for one in some], np.int64)
    )


def rows_of(demand: Demand, places: Sequence[int]) -> Demand:
    """Some of the items, nobody barred."""
    chosen = np.asarray(places, np.int64)
    names = ("value", "usage", "weights", "needs", "labels", "region_cost", "load", "family", "group")
    return replace(
        demand,
        **{name: getattr(demand, name)[chosen] for name in names},
        barred_start=np.zeros(len(chosen) + 1, np.int64),
        barred=np.zeros(0, np.int64),
    )


def _scales(book: Book, nodes: Sequence[BookNode]) -> Scales:
    """The scales of a round in which every label that some node has is needed by somebody."""
    return replace(scales_of(book, nodes, ()), labels=label_bits(nodes))
