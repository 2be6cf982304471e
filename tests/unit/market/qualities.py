"""Books in which quality matters: regions, labels, ways, carbon, trust, speed, surge, and their worth."""

from hypothesis import strategies as st

from suanli.protocol.book import Book, BookNode, BookOrder, BookPath, regions_of
from suanli.protocol.offering import Offering, SurgeStep
from suanli.protocol.requirements import Requirements, Worth
from tests.unit.market.books import NOW, SILENT_BEFORE, books

REGIONS = ("ap", "eu", "us")
LABELS = ("fast", "gpu", "solar")
_regions = st.sampled_from(REGIONS)
_labels = st.sets(st.sampled_from(LABELS), max_size=2).map(lambda names: tuple(sorted(names)))
_money = st.sampled_from([0, 0, 1, 10_000, 10**7])

worths = st.builds(
    Worth,
    micro_atoms_per_latency_millisecond=_money,
    micro_atoms_per_transfer_second=_money,
    micro_atoms_per_carbon_gram=_money,
    micro_atoms_per_failure_percent=_money,
)
requirements = st.none() | st.builds(
    Requirements,
    regions=st.just(()) | st.sets(_regions, min_size=1, max_size=2).map(lambda names: tuple(sorted(names))),
    labels=st.just(()) | _labels,
    origin=st.none() | _regions,
    minimum_trust_basis_points=st.sampled_from([0, 0, 0, 5000]),
    maximum_latency_milliseconds=st.none() | st.sampled_from([20, 100]),
    maximum_carbon_grams_per_kilowatt_hour=st.none() | st.sampled_from([50, 500]),
    worth=worths,
)
offerings = st.none() | st.builds(
    Offering,
    region=st.none() | _regions,
    labels=_labels,
    carbon_grams_per_kilowatt_hour=st.none() | st.sampled_from([0, 50, 600]),
    watts_per_slot=st.none() | st.sampled_from([5, 60]),
    fuel_per_second=st.none() | st.sampled_from([10**5, 10**9]),
    surge=st.just(()) | st.just((SurgeStep(used_share_basis_points=2500, price_basis_points=15_000),)),
)
_paths = st.builds(
    BookPath,
    origin=_regions,
    region=_regions,
    round_trip_milliseconds=st.sampled_from([1, 30, 200]),
    bytes_per_second=st.sampled_from([1, 10**4, 10**8]),
)


@st.composite
def nodes_of(draw: st.DrawFn, one: BookNode) -> BookNode:
    """The node with an offering, and what the market knows of it."""
    known = {
        "offering": draw(offerings),
        "trust": draw(st.sampled_from([0, 5000, 9000])),
        "reliability": draw(st.sampled_from([10_000, 7000])),
        "speed": draw(st.sampled_from([0, 10**6])),
    }
    return one.model_copy(update=known)


@st.composite
def orders_of(draw: st.DrawFn, one: BookOrder) -> BookOrder:
    """The order with requirements for each task, and a deadline that may be near or past."""
    tasks = tuple(task.model_copy(update={"requirements": draw(requirements)}) for task in one.tasks)
    deadline = NOW + draw(st.sampled_from([0, 60, 3600, 3600]))
    return one.model_copy(update={"tasks": tasks, "deadline": deadline})


@st.composite
def quality_books(draw: st.DrawFn) -> Book:
    """A whole book, in no particular order."""
    plain = draw(books())
    nodes = tuple(draw(nodes_of(node)) for node in plain.nodes)
    orders = tuple(draw(orders_of(order)) for order in plain.orders)
    paths = {(path.origin, path.region): path for path in draw(st.lists(_paths, max_size=5))}
    home = draw(st.none() | _regions)
    found = tuple(paths.values())
    return Book(
        now=NOW,
        silent_before=SILENT_BEFORE,
        orders=orders,
        nodes=nodes,
        regions=regions_of(nodes, orders, found, home),
        paths=found,
        home=home,
    )
