"""Why no match, why no work: whoever makes the change that is named would have won that round."""

import re
from typing import Any

import pytest
from hypothesis import assume, given, settings

from market.core.clearing import Cleared, clear
from market.core.why.job import why_job
from market.core.why.node import why_node
from suanli.protocol.book import Book, BookNode, BookOrder, BookTask
from suanli.protocol.certificate import Mechanism
from suanli.protocol.charging import lease_cap
from suanli.protocol.messages import Prices
from suanli.protocol.offering import Offering
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements
from suanli.protocol.wire.why import Change, JobWhy, NodeWhy
from tests.unit.market.books import CHEAP, LIMITS, NOW, address, ask, book, node, order, task, times
from tests.unit.market.qualities import quality_books

ASKED = lease_cap(CHEAP, 0, LIMITS, 1000)


def raised(prices: Prices, percent: int) -> Prices:
    return Prices.of(price * (100 + percent) // 100 for price in prices.vector())


def of_order(cleared: Cleared, number: int = 1) -> JobWhy:
    return why_job(cleared.decided, order(number).order, 1, NOW, Mechanism.SUPPORT)


def of_node(cleared: Cleared, number: int) -> NodeWhy:
    return why_node(cleared.decided, address(number), 1, NOW)


def only_change(one: Book, number: int = 1) -> Change:
    (group,) = of_order(clear(one, 1), number).waiting
    (change,) = group.changes
    return change


def requiring(**wanted: Any) -> BookTask:
    return task(requirements=Requirements(**wanted))


def changed(one: BookOrder, **limits: int) -> BookOrder:
    return one.model_copy(update={"limits": one.limits.model_copy(update=limits)})


SMALL = ask(address(1), limits=LIMITS.model_copy(update={"memoryBytes": LIMITS.memoryBytes // 2}))
SLOW = node(1, offering=Offering(fuel_per_second=LIMITS.fuel // 100))
IN_US = node(1, offering=Offering(region="us", labels=("fast",), carbon_grams_per_kilowatt_hour=300))


@pytest.mark.parametrize(
    ("before", "party", "after", "reason", "what"),
    [
        (
            order(),
            node(1, ask=SMALL),
            changed(order(), memoryBytes=SMALL.limits.memoryBytes),
            Reason.MEMORY_TOO_SMALL,
            "need at most 32 MiB of memory instead of 64",
        ),
        (
            order(1, requiring(regions=("eu",))),
            IN_US,
            order(1, requiring(regions=("eu", "us"))),
            Reason.REGION_NOT_ALLOWED,
            "allow region us",
        ),
        (
            order(1, requiring(labels=("fast", "gpu"))),
            IN_US,
            order(1, requiring(labels=("fast",))),
            Reason.LABEL_MISSING,
            "do without gpu",
        ),
        (
            order(1, requiring(maximum_carbon_grams_per_kilowatt_hour=100)),
            IN_US,
            order(1, requiring(maximum_carbon_grams_per_kilowatt_hour=300)),
            Reason.CARBON_TOO_HIGH,
            "accept 300 g CO2e/kWh",
        ),
        (
            order(1, requiring(minimum_trust_basis_points=9000)),
            node(1, trust=8000),
            order(1, requiring(minimum_trust_basis_points=8000)),
            Reason.TRUST_TOO_LOW,
            "accept a trust of 80 %",
        ),
        (
            order(deadline=NOW + 60),
            SLOW,
            order(deadline=NOW + 100),
            Reason.TOO_SLOW_FOR_DEADLINE,
            "allow 40 seconds more",
        ),
        (
            order(maximum_prices=CHEAP),
            node(1, prices=times(CHEAP, 3)),
            order(maximum_prices=times(CHEAP, 3)),
            Reason.PRICE_ABOVE_LIMIT,
            "raise the maximum prices by 200 %",
        ),
        (
            order(budget_left=ASKED - 1),
            node(1),
            order(budget_left=ASKED),
            Reason.BUDGET_TOO_SMALL,
            "add 1 atoms to the budget",
        ),
    ],
)
def test_the_change_that_is_named_would_have_won(
    before: BookOrder, party: BookNode, after: BookOrder, reason: Reason, what: str
) -> None:
    change = only_change(book([before], [party]))
    assert (change.reason, change.what, change.node) == (reason, what, party.node)
    assert clear(book([after], [party]), 1).clearing.matches


def test_what_cannot_be_changed_is_not_proposed() -> None:
    tried = order(1, task(tried=(address(1),)))
    (group,) = of_order(clear(book([tried], [node(1)]), 1)).waiting
    assert (group.reason.reason, group.changes) == (Reason.ALREADY_TRIED, [])


def test_two_things_in_the_way_are_no_single_change() -> None:
    picky = order(1, requiring(regions=("eu",), labels=("gpu",)))
    (group,) = of_order(clear(book([picky], [IN_US]), 1)).waiting
    assert group.changes == []


def test_the_cheapest_node_of_a_kind_is_the_one_that_is_named() -> None:
    fleet = [
        node(number, offering=Offering(region="us"), prices=times(CHEAP, number)) for number in (3, 2, 4)
    ]
    change = only_change(book([order(1, requiring(regions=("eu",)))], fleet))
    assert (change.node, change.price) == (address(2), lease_cap(times(CHEAP, 2), 0, LIMITS, 1000))


def test_an_outbid_order_wins_with_the_prices_that_it_is_told() -> None:
    rich = order(2, maximum_prices=times(CHEAP, 20))
    change = only_change(book([order(1), rich], [node(1, free_slots=1)]))
    assert change.reason is Reason.OUTBID
    found = re.fullmatch(r"raise the maximum prices by (\d+) %", change.what)
    assert found is not None
    stronger = order(1, maximum_prices=raised(times(CHEAP, 10), int(found[1])))
    (match,) = clear(book([stronger, rich], [node(1, free_slots=1)]), 1).clearing.matches
    assert match.order == stronger.order


@given(quality_books())
@settings(max_examples=50)
def test_nodes_and_copies_are_all_accounted_for(one: Book) -> None:
    cleared = clear(one, 1)
    for wanted in one.orders:
        found = why_job(cleared.decided, wanted.order, 1, NOW, Mechanism.SUPPORT)
        placed = sum(match.order == wanted.order for match in cleared.clearing.matches)
        assert len(found.placed) == placed
        assert placed + sum(group.copies for group in found.waiting) == sum(t.copies for t in wanted.tasks)
        for group in found.waiting:
            assert group.eligible + sum(count.count for count in group.excluded) == group.fleet
    for party in one.nodes:
        seen = why_node(cleared.decided, party.node, 1, NOW)
        kinds = (seen.matched, seen.elsewhere, seen.waiting, *(count.count for count in seen.excluded))
        assert seen.copies == sum(kinds)
        assert (seen.reason is None) == (seen.matched > 0)


@given(quality_books())
@settings(max_examples=50)
def test_a_change_of_price_that_is_named_brings_the_copy(one: Book) -> None:
    """Where it is the only copy: nothing else moves then."""
    assume(one.orders)
    single = one.orders[0].tasks[0].model_copy(update={"copies": 1})
    wanted = one.orders[0].model_copy(update={"tasks": (single,)})
    cleared = clear(one.model_copy(update={"orders": (wanted,)}), 1)
    found = why_job(cleared.decided, wanted.order, 1, NOW, Mechanism.SUPPORT)
    for change in (change for group in found.waiting for change in group.changes):
        match = re.fullmatch(r"raise the maximum prices by (\d+) %", change.what)
        if match is not None:
            after = wanted.model_copy(update={"maximum_prices": raised(wanted.maximum_prices, int(match[1]))})
            again = clear(one.model_copy(update={"orders": (after,)}), 1)
            assert again.clearing.matches


def test_a_dear_node_gets_the_work_at_the_price_that_it_is_told() -> None:
    fleet = [node(1, free_slots=1), node(2, prices=times(CHEAP, 8))]
    cleared = clear(book([order()], fleet), 1)
    found = of_node(cleared, 2)
    assert (found.percentile, of_node(cleared, 1).percentile) == (100, 0)
    asked = re.fullmatch(r"ask (\d+) % less", found.changes[0].what)
    assert asked is not None
    lower = Prices.of(price * (100 - int(asked[1])) // 100 for price in times(CHEAP, 8).vector())
    (match,) = clear(book([order()], [fleet[0], node(2, prices=lower)]), 1).clearing.matches
    assert match.node == address(2)


def test_a_node_above_every_limit_is_told_the_highest_price_that_is_paid() -> None:
    found = of_node(clear(book([order()], [node(1, prices=times(CHEAP, 40))]), 1), 1)
    assert found.reason is not None
    assert found.reason.reason is Reason.PRICE_ABOVE_LIMIT
    assert [(change.what, change.copies) for change in found.changes] == [("ask 75 % less", 1)]


def test_a_small_node_is_told_what_room_would_bring() -> None:
    many = [task(index) for index in range(3)]
    found = of_node(clear(book([order(1, *many)], [node(1, ask=SMALL)]), 1), 1)
    (change,) = found.changes
    assert (change.reason, change.copies) == (Reason.MEMORY_TOO_SMALL, 3)
    assert change.earned == 3 * (ASKED - 1) or change.earned >= 3


@pytest.mark.parametrize(
    ("party", "reason"),
    [
        (node(1, draining=True), Reason.NODE_DRAINING),
        (node(1, free_slots=0), Reason.NO_FREE_SLOT),
        (node(1, last_seen_at=None), Reason.NODE_SILENT),
    ],
)
def test_a_node_that_had_no_part_is_told_why(party: BookNode, reason: Reason) -> None:
    found = of_node(clear(book([order()], [party]), 1), 1)
    assert found.reason is not None
    assert (found.reason.reason, found.changes) == (reason, [])
