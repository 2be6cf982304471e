"""Books to clear: a few fixed parties, and Hypothesis strategies for whole books."""

from eth_utils.address import to_checksum_address
from hypothesis import strategies as st

from suanli.protocol.book import Book, BookNode, BookOrder, BookTask
from suanli.protocol.messages import Ask, Limits, Prices
from suanli.protocol.states import NodeState
from suanli.protocol.units import BYTES_PER_MEBIBYTE, FUEL_PER_GIGAFUEL

NOW = 1_800_000_000
SILENT_BEFORE = NOW - 15
CHEAP = Prices(fuel=1_000_000, memoryFuel=1_000, ingress=1_000, egress=1_000)
LIMITS = Limits(
    fuel=FUEL_PER_GIGAFUEL,
    memoryBytes=64 * BYTES_PER_MEBIBYTE,
    inputBytes=BYTES_PER_MEBIBYTE,
    outputBytes=BYTES_PER_MEBIBYTE,
    wallSeconds=60,
)
ROOMY = Limits(
    fuel=100 * FUEL_PER_GIGAFUEL,
    memoryBytes=1024 * BYTES_PER_MEBIBYTE,
    inputBytes=64 * BYTES_PER_MEBIBYTE,
    outputBytes=64 * BYTES_PER_MEBIBYTE,
    wallSeconds=3600,
)


def address(number: int) -> str:
    """Party `number`."""
    return to_checksum_address(number.to_bytes(20, "big"))


def hash_(number: int) -> str:
    """Order `number`."""
    return "0x" + number.to_bytes(32, "big").hex()


def times(prices: Prices, factor: int) -> Prices:
    """Prices that are `factor` times as high."""
    return Prices(**{name: getattr(prices, name) * factor for name in type(prices).model_fields})


def ask(node: str, prices: Prices = CHEAP, **other: object) -> Ask:
    """A node's standing offer with room for four tasks."""
    values: dict[str, object] = {
        "node": node,
        "prices": prices,
        "minimumCharge": 0,
        "slots": 4,
        "limits": ROOMY,
        "expiry": NOW + 3600,
        "nonce": 1,
    }
    return Ask.model_validate(values | other)


def node(number: int, *, owner: int | None = None, prices: Prices = CHEAP, **other: object) -> BookNode:
    """A connected, living node with four free slots; its owner has the number 100 above its own."""
    values: dict[str, object] = {
        "node": address(number),
        "owner": address(number + 100 if owner is None else owner),
        "state": NodeState.CONNECTED,
        "draining": False,
        "last_seen_at": NOW,
        "ask": ask(address(number), prices),
        "free_slots": 4,
    }
    return BookNode.model_validate(values | other)


def task(index: int = 0, **other: object) -> BookTask:
    """A task that wants one copy and has not been tried."""
    values: dict[str, object] = {"index": index, "attempt": 0, "copies": 1, "ingress": 1000}
    return BookTask.model_validate(values | other)


def order(number: int = 1, *tasks: BookTask, **other: object) -> BookOrder:
    """An order with more budget than it needs."""
    values: dict[str, object] = {
        "order": hash_(number),
        "buyer": address(999),
        "limits": LIMITS,
        "maximum_prices": times(CHEAP, 10),
        "budget_left": 10**12,
        "deadline": NOW + 3600,
        "tasks": tasks or (task(),),
    }
    return BookOrder.model_validate(values | other)


def book(orders: list[BookOrder], nodes: list[BookNode]) -> Book:
    """A book of this moment."""
    return Book(now=NOW, silent_before=SILENT_BEFORE, orders=tuple(orders), nodes=tuple(nodes))


_prices = st.integers(1, 12).map(lambda factor: times(CHEAP, factor))
_parties = st.integers(1, 8)


@st.composite
def nodes(draw: st.DrawFn, number: int) -> BookNode:
    """A node in any condition."""
    ask_ = st.none() | st.builds(
        ask,
        st.just(address(number)),
        _prices,
        minimumCharge=st.integers(0, 5000),
        limits=st.sampled_from([LIMITS, ROOMY, LIMITS.model_copy(update={"fuel": 1})]),
        expiry=st.sampled_from([NOW - 1, NOW + 100]),
    )
    return node(
        number,
        owner=draw(st.integers(101, 104)),
        state=draw(st.sampled_from([NodeState.CONNECTED] * 4 + [NodeState.DRAINING, NodeState.UNBONDING])),
        draining=draw(st.sampled_from([False] * 4 + [True])),
        last_seen_at=draw(st.sampled_from([None, NOW - 100, NOW, NOW, NOW])),
        ask=draw(ask_),
        free_slots=draw(st.integers(0, 3)),
    )


@st.composite
def orders(draw: st.DrawFn, number: int) -> BookOrder:
    """An order with a few tasks."""
    tasks = [
        task(
            index,
            attempt=draw(st.integers(0, 3)),
            copies=draw(st.integers(1, 3)),
            ingress=draw(st.integers(1, 10**6)),
            tried=tuple(address(n) for n in draw(st.sets(_parties, max_size=2))),
            owners=tuple(address(n + 100) for n in draw(st.sets(st.integers(1, 4), max_size=1))),
        )
        for index in range(draw(st.integers(1, 4)))
    ]
    return order(
        number,
        *tasks,
        buyer=address(draw(st.sampled_from([999, 998, 101, 1]))),
        maximum_prices=draw(_prices),
        budget_left=draw(st.integers(0, 60) | st.integers(0, 60_000)),
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    """A whole book, in no particular order."""
    found_nodes = [draw(nodes(number)) for number in range(1, draw(st.integers(0, 8)) + 1)]
    found_orders = [draw(orders(number)) for number in range(1, draw(st.integers(0, 4)) + 1)]
    return book(found_orders, found_nodes)
