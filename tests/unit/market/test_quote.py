from hypothesis import given
from hypothesis import strategies as st

from market.core.quote import quote
from suanli.protocol.book import Book, Moment
from suanli.protocol.messages import Limits, Prices, VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from suanli.protocol.wire.jobs import QuoteRequest
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
) -> QuoteRequest:
    return QuoteRequest(
        buyer=buyer,
        tasks=tasks,
        policy=VerificationPolicy.REPLICAS,
        replicas=replicas,
        limits=limits,
        maximum_prices=prices,
        budget=budget,
        deadline=NOW + 600,
    )


@given(books(), st.integers(1, 9), st.integers(1, 3), st.integers(0, 1000))
def test_a_quote_adds_up(book: Book, tasks: int, replicas: int, fee: int) -> None:
    found = quote(request(tasks=tasks, replicas=replicas), book.nodes, MOMENT, fee, 60)
    assert found.eligible + sum(exclusion.nodes for exclusion in found.exclusions) == found.fleet
    micro_atoms = sum(line.micro_atoms for line in found.lines)
    assert found.task_cap == -(-micro_atoms // MICRO_ATOMS_PER_ATOM)
    assert found.cap >= found.task_cap * tasks * replicas
    assert 0 <= found.fee <= found.cap
    assert bool(found.lines) == bool(found.eligible)


def test_lines_are_those_of_the_cheapest_node_and_the_cap_that_of_the_dearest() -> None:
    fleet = [node(1), node(2, prices=times(CHEAP, 4))]
    found = quote(request(tasks=2, replicas=2), fleet, MOMENT, 500, 60)
    fuel = found.lines[0]
    assert (fuel.dimension, fuel.price, fuel.highest_price) == ("fuel", CHEAP.fuel, 4 * CHEAP.fuel)
    dearest = quote(request(), fleet[1:], MOMENT, 500, 60).task_cap
    assert found.cap == dearest * 4
    assert found.fee == dearest * 500 // 10_000 * 4


def test_a_minimum_charge_has_a_line_of_its_own() -> None:
    found = quote(request(), [node(1, ask=ask(address(1), minimumCharge=8))], MOMENT, 0, 60)
    assert found.lines[-1].dimension == "minimum"
    assert found.task_cap == 8


def test_exclusions_name_rule_and_count() -> None:
    fleet = [
        node(1),
        node(2, prices=times(CHEAP, 20)),
        node(3, prices=times(CHEAP, 30)),
        node(4, draining=True),
    ]
    found = quote(request(), fleet, MOMENT, 0, 60)
    assert [(one.reason, one.nodes) for one in found.exclusions] == [
        (Reason.NODE_DRAINING, 1),
        (Reason.PRICE_ABOVE_LIMIT, 2),
    ]


def test_a_buyers_own_node_is_excluded() -> None:
    found = quote(request(buyer=address(101)), [node(1, owner=101)], MOMENT, 0, 60)
    assert [one.reason for one in found.exclusions] == [Reason.SELF_DEALING]


def test_a_budget_is_compared_with_the_cap() -> None:
    cap = quote(request(), [node(1)], MOMENT, 0, 60).cap
    assert quote(request(budget=cap), [node(1)], MOMENT, 0, 60).fits_budget
    assert not quote(request(budget=cap - 1), [node(1)], MOMENT, 0, 60).fits_budget


def test_nothing_fits_a_market_without_nodes() -> None:
    found = quote(request(budget=10**9), [], MOMENT, 0, 60)
    assert (found.fleet, found.cap, found.fits_budget) == (0, 0, False)


def test_a_quote_ends_with_the_first_ask() -> None:
    found = quote(request(), [node(1, ask=ask(address(1), expiry=NOW + 5))], MOMENT, 0, 60)
    assert found.valid_until == NOW + 5


def test_free_work_is_quoted_with_the_least_budget_that_an_order_must_have() -> None:
    found = quote(request(tasks=2, replicas=2), [node(1, prices=times(CHEAP, 0))], MOMENT, 500, 60)
    assert (found.task_cap, found.cap, found.fits_budget) == (0, 4, True)
