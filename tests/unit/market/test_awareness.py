"""What a round knows of machines and ways beside their own words: medians, records, tiers."""

from market.core.capacity import capacity_of, tier_of
from market.core.clearing import clear
from market.core.measured import Measured, paths_of
from market.core.reputation import Record
from market.core.ways import Ways
from suanli.protocol.book import BookPath
from suanli.protocol.messages import Prices
from suanli.protocol.offering import Offering
from suanli.protocol.requirements import Worth
from suanli.protocol.wire.network import NetworkReport, Way
from tests.unit.market.books import CHEAP, LIMITS, ROOMY, address, ask, book, node, order, task, times


def report(owner: int, milliseconds: int, rate: int = 1000, region: str = "us") -> Measured:
    way = Way(origin="eu", round_trip_milliseconds=milliseconds, bytes_per_second=rate, samples=3)
    return Measured(address(owner), NetworkReport(region=region, ways=[way]))


def test_one_owner_with_many_nodes_moves_a_way_as_little_as_one_node() -> None:
    reports = [report(1, 10), report(2, 12), *[report(3, 900)] * 50]
    (path,) = paths_of(reports)
    assert (path.origin, path.region, path.round_trip_milliseconds) == ("eu", "us", 12)


def test_of_two_owners_the_worse_figure_counts() -> None:
    (path,) = paths_of([report(1, 10, 9000), report(2, 30, 500)])
    assert (path.round_trip_milliseconds, path.bytes_per_second) == (30, 500)


def test_ways_to_each_region_stand_apart() -> None:
    found = paths_of([report(1, 10), report(1, 70, region="ap")])
    assert [(path.region, path.round_trip_milliseconds) for path in found] == [("ap", 70), ("us", 10)]


def test_moving_data_costs_latency_and_time() -> None:
    ways = Ways([BookPath(origin="eu", region="us", round_trip_milliseconds=80, bytes_per_second=1000)], "eu")
    worth = Worth(micro_atoms_per_latency_millisecond=5, micro_atoms_per_transfer_second=7)
    assert ways.to(None, "us").cost(worth, 2500) == 80 * 5 + 18
    assert ways.to(None, "eu").cost(worth, 2500) == 0
    unmeasured = ways.to("eu", "ap")
    assert (unmeasured.milliseconds, unmeasured.is_measured) == (80, False)
    assert ways.to("ap", "us").cost(worth, 2500) == 0


def test_a_rejected_result_costs_more_trust_than_many_good_ones_bring() -> None:
    assert Record().trust == 0
    assert Record(accepted=45).trust == 9000
    assert Record(accepted=45, rejected=1).trust < 6500


def test_a_new_node_counts_as_reliable_and_a_lost_lease_does_not_ruin_it() -> None:
    assert Record().reliability == 10_000
    assert Record(undelivered=1).reliability == 8333
    assert Record(accepted=45, undelivered=50).reliability == 5000


def test_tiers_are_powers_of_two() -> None:
    assert tier_of(LIMITS) == (64, 1)
    assert tier_of(ROOMY) == (1024, 64)
    assert tier_of(LIMITS.model_copy(update={"fuel": 5, "memoryBytes": 5})) == (0, 0)


def test_capacity_is_seen_by_region_and_tier_with_its_price_span() -> None:
    fleet = [
        node(1, offering=Offering(region="eu"), free_slots=3),
        node(2, offering=Offering(region="eu"), prices=times(CHEAP, 3)),
        node(3, ask=ask(address(3), limits=LIMITS)),
        node(4, draining=True),
    ]
    decided = clear(book([order(1, task(0), task(1, copies=9))], fleet), 7).decided
    view = capacity_of(decided, 7, 99)
    plain, eu = view.cells
    assert (plain.region, plain.memory_mebibytes, plain.nodes) == (None, 64, 1)
    assert (eu.region, eu.memory_mebibytes, eu.nodes, eu.slots, eu.free_slots) == ("eu", 1024, 2, 8, 7)
    assert (eu.lowest, eu.median) == (CHEAP, times(CHEAP, 3))
    assert sum(cell.matched for cell in view.cells) == view.matched
    assert view.matched + view.waiting == 10
    assert isinstance(eu.lowest, Prices)
