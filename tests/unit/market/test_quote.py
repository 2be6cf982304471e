from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from market.core.quote import as_order, quote
from market.core.rules import why_not, why_not_task
from market.core.rules.wants import wants_of
from market.core.spot.floor import Floor, plan
from market.core.ways import Ways
from suanli.protocol.book import Book, BookNode, BookPath, Moment
from suanli.protocol.messages import Limits, Prices, VerificationPolicy
from suanli.protocol.offering import Offering
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements, Worth
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.wire.jobs import Quote, QuoteRequest
from tests.unit.market.books import (
    CHEAP,
    LIMITS,
    NOW,
    SILENT_BEFORE,
    address,
    ask,
    books,
    node,
    times,
)

MOMENT = Moment(NOW, SILENT_BEFORE)
AFFORDABLE = times(CHEAP, 10)


def request(
    *,
    tasks: int = 3,
    replicas: int = 1,
    budget: int | None = None,
    limits: Limits = LIMITS,
    prices: Prices = AFFORDABLE,
    buyer: str | None = None,
    requirements: Requirements | None = None,
    deadline: int = NOW + 600,
) -> QuoteRequest:
    return QuoteRequest(
        buyer=buyer,
        tasks=tasks,
        policy=VerificationPolicy.REPLICAS,
        replicas=replicas,
        limits=limits,
        maximum_prices=prices,
        budget=budget,
        deadline=deadline,
        requirements=requirements,
    )


def quoted(request: QuoteRequest, nodes: Sequence[BookNode], fee: int, valid: int) -> Quote:
    """The quote from these nodes."""
    floor = Floor(plan(Book(now=NOW, silent_before=SILENT_BEFORE, orders=(), nodes=tuple(nodes)), {}), {})
    return quote(request, floor, fee, valid)


@given(books(), st.integers(1, 9), st.integers(1, 3), st.integers(0, 1000))
def test_a_quote_adds_up(book: Book, tasks: int, replicas: int, fee: int) -> None:
    found = quoted(request(tasks=tasks, replicas=replicas), book.nodes, fee, 60)
    assert found.eligible + sum(exclusion.nodes for exclusion in found.exclusions) == found.fleet
    micro_atoms = sum(line.micro_atoms for line in found.lines)
    assert found.task_cap == -(-micro_atoms // MICRO_ATOMS_PER_ATOM)
    assert found.cap >= found.task_cap * tasks * replicas
    assert 0 <= found.fee <= found.cap
    assert bool(found.lines) == bool(found.eligible)


def test_lines_are_those_of_the_cheapest_node_and_the_cap_that_of_the_dearest() -> None:
    fleet = [node(1), node(2, prices=times(CHEAP, 4))]
    found = quoted(request(tasks=2, replicas=2), fleet, 500, 60)
    fuel = found.lines[0]
    assert (fuel.dimension, fuel.price, fuel.highest_price) == ("fuel", CHEAP.fuel, 4 * CHEAP.fuel)
    dearest = quoted(request(), fleet[1:], 500, 60).task_cap
    assert found.cap == dearest * 4
    assert found.fee == dearest * 500 // 10_000 * 4


def test_a_minimum_charge_has_a_line_of_its_own() -> None:
    found = quoted(request(), [node(1, ask=ask(address(1), minimumCharge=8))], 0, 60)
    assert found.lines[-1].dimension == "minimum"
    assert found.task_cap == 8


def test_exclusions_name_rule_and_count() -> None:
    fleet = [
        node(1),
        node(2, prices=times(CHEAP, 20)),
        node(3, prices=times(CHEAP, 30)),
        node(4, draining=True),
    ]
    found = quoted(request(), fleet, 0, 60)
    assert [(one.reason, one.nodes) for one in found.exclusions] == [
        (Reason.NODE_DRAINING, 1),
        (Reason.PRICE_ABOVE_LIMIT, 2),
    ]


def test_a_buyers_own_node_is_excluded() -> None:
    found = quoted(request(buyer=address(101)), [node(1, owner=101)], 0, 60)
    assert [one.reason for one in found.exclusions] == [Reason.SELF_DEALING]


def test_a_budget_is_compared_with_the_cap() -> None:
    cap = quoted(request(), [node(1)], 0, 60).cap
    assert quoted(request(budget=cap), [node(1)], 0, 60).fits_budget
    assert not quoted(request(budget=cap - 1), [node(1)], 0, 60).fits_budget


def test_nothing_fits_a_market_without_nodes() -> None:
    found = quoted(request(budget=10**9), [], 0, 60)
    assert (found.fleet, found.cap, found.fits_budget) == (0, 0, False)


def test_a_quote_ends_with_the_first_ask() -> None:
    found = quoted(request(), [node(1, ask=ask(address(1), expiry=NOW + 5))], 0, 60)
    assert found.valid_until == NOW + 5


def test_free_work_is_quoted_with_the_least_budget_that_an_order_must_have() -> None:
    found = quoted(request(tasks=2, replicas=2), [node(1, prices=times(CHEAP, 0))], 500, 60)
    assert (found.task_cap, found.cap, found.fits_budget) == (0, 4, True)


def offering(region: str, **other: object) -> Offering:
    """What a node says of itself."""
    return Offering.model_validate({"region": region, **other})


@given(books(), st.booleans())
def test_exclusions_are_those_of_the_rules_one_node_after_the_other(book: Book, is_picky: bool) -> None:
    wanted = Requirements(regions=("eu",), labels=("gpu",)) if is_picky else None
    asked = request(buyer=address(101), requirements=wanted)
    order, expected = as_order(asked), Counter[str]()
    for one in book.nodes:
        miss = why_not(order, one, MOMENT) or why_not_task(
            wants_of(order, order.tasks[0], NOW), one, Ways((), None)
        )
        expected[miss[1].reason if miss else "eligible"] += 1
    found = quoted(asked, book.nodes, 0, 60)
    told = Counter({exclusion.reason: 0 for exclusion in found.exclusions})
    for exclusion in found.exclusions:
        told[exclusion.reason] += exclusion.nodes
    assert told | Counter({"eligible": found.eligible}) == expected


@given(books())
def test_the_best_node_is_free_and_none_that_is_free_is_cheaper(book: Book) -> None:
    found = quoted(request(), book.nodes, 0, 60)
    free = [one for one in book.nodes if one.free_slots > 0]
    alone = [quoted(request(), [one], 0, 60) for one in free]
    caps = sorted(one.task_cap for one in alone if one.eligible)
    assert found.free == len(caps)
    if caps:
        assert found.task_cap == caps[0]
        assert found.best in {one.node for one in free}
    if len(caps) > 1:
        assert found.runner_up is not None
        assert found.runner_up.task_cap == caps[1]
        assert found.runner_up.lost_by_micro_atoms == (caps[1] - caps[0]) * MICRO_ATOMS_PER_ATOM


def test_who_is_second_is_named_with_what_it_lost_by() -> None:
    found = quoted(
        request(), [node(2, prices=times(CHEAP, 3)), node(1), node(3, prices=times(CHEAP, 2))], 0, 60
    )
    assert found.best == address(1)
    assert found.runner_up is not None
    assert found.runner_up.node == address(3)
    lost = found.runner_up.lost_by_micro_atoms
    assert lost == (found.runner_up.task_cap - found.task_cap) * MICRO_ATOMS_PER_ATOM > 0


def test_quality_stands_as_lines_of_its_own_and_may_outweigh_the_price() -> None:
    cheap, near = (
        node(1, offering=offering("far")),
        node(2, prices=times(CHEAP, 2), offering=offering("home")),
    )
    worth = Worth(micro_atoms_per_latency_millisecond=10**6)
    paths = tuple(
        BookPath(origin="home", region=name, round_trip_milliseconds=time, bytes_per_second=10**9)
        for name, time in (("far", 50), ("home", 1))
    )
    book = Book(
        now=NOW, silent_before=SILENT_BEFORE, orders=(), nodes=(cheap, near), paths=paths, home="home"
    )
    asked = request(requirements=Requirements(worth=worth), prices=times(CHEAP, 100))
    found = quote(asked, Floor(plan(book, {}), {}), 0, 60)
    assert found.best == address(2)
    assert [(line.quality, line.amount, line.micro_atoms) for line in found.quality] == [("way", 1, 10**6)]
    assert found.runner_up is not None
    assert found.runner_up.quality_micro_atoms == 50 * 10**6


def test_a_region_that_would_be_cheaper_is_suggested() -> None:
    fleet = [node(1, offering=offering("a"), prices=times(CHEAP, 4)), node(2, offering=offering("b"))]
    found = quoted(request(requirements=Requirements(regions=("a",))), fleet, 0, 60)
    assert found.best == address(1)
    (relaxation,) = [one for one in found.relaxations if one.reason is Reason.REGION_NOT_ALLOWED]
    assert (relaxation.change, relaxation.node) == ("allow region b", address(2))
    saved = (found.task_cap - relaxation.task_cap) * MICRO_ATOMS_PER_ATOM
    assert relaxation.saving_micro_atoms == saved > 0
    assert relaxation.saving_basis_points == saved * 10_000 // (found.task_cap * MICRO_ATOMS_PER_ATOM)


def test_a_first_node_is_suggested_where_there_is_none() -> None:
    found = quoted(request(prices=CHEAP), [node(1, prices=times(CHEAP, 2))], 0, 60)
    assert (found.eligible, found.best) == (0, None)
    assert [one.saving_micro_atoms for one in found.relaxations] in ([], [None])


def test_a_busy_market_is_quoted_all_the_same() -> None:
    found = quoted(request(), [node(1, free_slots=0), node(2, free_slots=0, prices=times(CHEAP, 2))], 0, 60)
    assert (found.eligible, found.free, found.best) == (2, 0, address(1))
    assert found.task_cap > 0


def test_the_odds_of_the_deadline_follow_from_speed_and_reliability() -> None:
    fast = node(1, reliability=9_700, speed=LIMITS.fuel // 10)
    found = quoted(request(), [fast], 0, 60).odds
    assert found is not None
    assert (found.basis_points, found.needed_seconds, found.left_seconds) == (9_700, 10, 600)
    unknown = quoted(request(), [node(1, reliability=9_000)], 0, 60).odds
    assert unknown is not None
    assert (unknown.basis_points, unknown.needed_seconds) == (9_000, None)


def test_a_node_too_slow_for_the_deadline_is_excluded() -> None:
    found = quoted(request(deadline=NOW + 5), [node(1, speed=LIMITS.fuel // 10)], 0, 60)
    assert [one.reason for one in found.exclusions] == [Reason.TOO_SLOW_FOR_DEADLINE]
    assert [one.reason for one in found.relaxations] == [Reason.TOO_SLOW_FOR_DEADLINE]
