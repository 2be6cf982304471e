"""A book as numbers: the same rules as in words, and nobody's absurd numbers keep others out."""

import numpy as np
import pytest
from hypothesis import given, settings

from market.core.clearing import clear
from market.core.encoding import MEASURE, encode
from market.core.encoding.kept import COPIES_MAXIMUM
from market.core.encoding.measure import price_at
from market.core.offers import prices_now
from market.core.pairs import ELIGIBLE, NOT_WORTH_IT, OVER_BUDGET, broken_rules, first_rules
from market.core.rules import why_not, why_not_task
from market.core.rules.wants import wants_of
from market.core.why.reasons import REASON_OF
from suanli.protocol.arrays import check_round, pair
from suanli.protocol.book import Book, BookNode, BookOrder
from suanli.protocol.charging import lease_cap, usage_at_limits
from suanli.protocol.messages import Limits, Prices
from suanli.protocol.offering import Offering
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements, Worth
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM, charge
from tests.unit.market.books import CHEAP, LIMITS, NOW, address, ask, book, node, order, task, times
from tests.unit.market.qualities import quality_books

HUGE = (1 << 64) - 1


@given(quality_books())
@settings(max_examples=300)
def test_numbers_and_words_exclude_by_the_same_rule(one: Book) -> None:
    encoded = encode(one)
    check_round(encoded.measure, encoded.supply, encoded.demand)
    for item, named in enumerate(encoded.names.items):
        rules = first_rules(encoded, item).tolist()
        wants = wants_of(named.order, named.task, one.now)
        for provider, party in enumerate(encoded.names.nodes):
            miss = why_not(named.order, party, one.moment) or why_not_task(wants, party, encoded.scales.ways)
            if miss is None:
                assert rules[provider] in (ELIGIBLE, OVER_BUDGET, NOT_WORTH_IT)
            else:
                assert (rules[provider], REASON_OF[rules[provider]]) == (miss[0], miss[1].reason)


@given(quality_books())
@settings(max_examples=200)
def test_whoever_passes_every_rule_is_who_the_published_round_lets_in(one: Book) -> None:
    encoded = encode(one)
    for item in range(len(encoded.demand)):
        eligible = first_rules(encoded, item) == ELIGIBLE
        for provider in range(len(encoded.supply)):
            found = pair(encoded.measure, encoded.supply, encoded.demand, item, provider)
            assert (found is not None) == bool(eligible[provider])


@given(quality_books())
def test_a_rounds_price_is_the_cap_of_the_lease(one: Book) -> None:
    encoded = encode(one)
    for item, named in enumerate(encoded.names.items):
        for provider, party in enumerate(encoded.names.nodes):
            found = pair(encoded.measure, encoded.supply, encoded.demand, item, provider)
            if found is not None and party.ask is not None:
                limits, least = named.order.limits, party.ask.minimumCharge
                cap = lease_cap(prices_now(party), least, limits, named.task.ingress)
                assert found.price == cap * MICRO_ATOMS_PER_ATOM


@pytest.mark.parametrize("fuel", [1, 999, 1000, 10**9 - 1, 123_456_789_012, 10**15])
@pytest.mark.parametrize("price", [0, 1, 999_999_999, (1 << 36) - 1])
def test_a_split_quantity_costs_what_the_whole_does(fuel: int, price: int) -> None:
    """To a micro-atom for each line that fuel's second split adds, never less."""
    limits = Limits(fuel=fuel, memoryBytes=3 << 20, inputBytes=1, outputBytes=77, wallSeconds=1)
    prices = Prices(fuel=price, memoryFuel=price // 3, ingress=price, egress=1)
    usage = usage_at_limits(limits, 12345)
    exact = charge(prices, usage) * MICRO_ATOMS_PER_ATOM
    assert price_at(prices, usage) in (exact, exact + MEASURE.quantum)
    if fuel % 1000 == 0:
        assert price_at(prices, usage) == exact


def left_order(cleared_book: Book, number: int) -> Reason | None:
    why = encode(cleared_book).left_orders.get(order(number).order)
    return None if why is None else why.reason


@pytest.mark.parametrize(
    ("absurd", "reason"),
    [
        (order(2, limits=LIMITS.model_copy(update={"fuel": HUGE})), Reason.QUANTITY_OUT_OF_RANGE),
        (order(2, limits=LIMITS.model_copy(update={"memoryBytes": HUGE})), Reason.QUANTITY_OUT_OF_RANGE),
        (order(2, limits=LIMITS.model_copy(update={"outputBytes": 1 << 60})), Reason.QUANTITY_OUT_OF_RANGE),
        (order(2, task(ingress=1 << 50)), Reason.QUANTITY_OUT_OF_RANGE),
        (order(2, task(copies=COPIES_MAXIMUM + 1)), Reason.QUANTITY_OUT_OF_RANGE),
        (order(2, task(copies=-1)), Reason.QUANTITY_OUT_OF_RANGE),
        (order(2, task(0), task(0)), Reason.DOCUMENT_MALFORMED),
        (order(2, deadline=NOW), Reason.DEADLINE_PASSED),
    ],
)
def test_an_absurd_order_is_left_out_by_name_and_the_others_are_cleared(
    absurd: BookOrder, reason: Reason
) -> None:
    crowd = book([order(1), absurd], [node(1)])
    assert left_order(crowd, 2) is reason
    cleared = clear(crowd, 1).clearing
    assert [match.order for match in cleared.matches] == [order(1).order]
    assert [(one.order, one.reason) for one in cleared.non_matches] == [(absurd.order, reason)]


def test_prices_without_a_limit_and_endless_budgets_are_no_harm() -> None:
    endless = Prices(fuel=HUGE, memoryFuel=HUGE, ingress=HUGE, egress=HUGE)
    rich = [order(number, maximum_prices=endless, budget_left=(1 << 128) - 1) for number in range(1, 4)]
    cleared = clear(book([*rich, order(9)], [node(1)]), 1).clearing
    assert len(cleared.matches) == 4


def test_orders_too_rich_for_one_round_wait_and_the_small_ones_are_cleared() -> None:
    endless = Prices(fuel=HUGE, memoryFuel=HUGE, ingress=HUGE, egress=HUGE)
    whale = order(1, task(copies=20), maximum_prices=endless, budget_left=1 << 100)
    cleared = clear(book([whale, order(2)], [node(1)]), 1).clearing
    assert [match.order for match in cleared.matches] == [order(2).order]
    assert cleared.non_matches[0].reason is Reason.QUANTITY_OUT_OF_RANGE


@pytest.mark.parametrize(
    "absurd",
    [
        node(2, prices=times(CHEAP, 1 << 40)),
        node(2, ask=ask(address(2), minimumCharge=1 << 100)),
        node(2, free_slots=-5),
        node(2, free_slots=1 << 40),
    ],
)
def test_an_absurd_ask_keeps_nobody_from_the_round(absurd: BookNode) -> None:
    cleared = clear(book([order()], [node(1), absurd]), 1).clearing
    assert [match.node for match in cleared.matches] == [address(1)]


def test_whoever_stands_in_the_book_twice_is_left_out_wholly() -> None:
    double = [node(2), node(2, prices=times(CHEAP, 2))]
    encoded = encode(book([order(1), order(1), order(3)], [node(1), *double]))
    assert [one.node for one in encoded.names.nodes] == [address(1)]
    assert [one.order for one in encoded.names.orders] == [order(3).order]
    assert encoded.left_orders[order(1).order].reason is Reason.DOCUMENT_MALFORMED


def test_an_order_for_nobody_changes_nothing_for_others() -> None:
    """But which of two equally good nodes: the seed decides that, and follows from the whole book."""
    fleet = [node(1, free_slots=1), node(2, prices=times(CHEAP, 2), free_slots=1)]
    rivals = [order(number, maximum_prices=times(CHEAP, 10 + number)) for number in (1, 2, 3)]
    none = order(4, maximum_prices=times(CHEAP, 0))
    before, after = (clear(book(orders, fleet), 1).clearing for orders in (rivals, [*rivals, none]))
    assert {(one.order, one.cap) for one in before.matches} == {(one.order, one.cap) for one in after.matches}
    assert before.non_matches == tuple(one for one in after.non_matches if one.order != none.order)


def test_a_busy_node_asks_its_surged_price() -> None:
    steps = [{"used_share_basis_points": 5000, "price_basis_points": 20_000}]
    surging = Offering.model_validate({"surge": steps})
    (match,) = clear(book([order()], [node(1, free_slots=2, offering=surging)]), 1).clearing.matches
    assert match.prices == times(CHEAP, 2)
    (match,) = clear(book([order()], [node(1, free_slots=3, offering=surging)]), 1).clearing.matches
    assert match.prices == CHEAP


def placed(wanted: Requirements, near: str, far: str, **paths: int) -> str:
    """Where one task goes: the node in `near` asks twice as much as the one in `far`."""
    fleet = [
        node(1, prices=times(CHEAP, 2), offering=Offering(region=near)),
        node(2, offering=Offering(region=far)),
    ]
    ways = [
        {"origin": "eu", "region": region, "round_trip_milliseconds": ms, "bytes_per_second": 10**6}
        for region, ms in paths.items()
    ]
    plain = book([order(1, task(requirements=wanted))], fleet)
    one = Book.model_validate(plain.model_dump() | {"paths": ways, "home": "eu", "regions": ("eu", "us")})
    (match,) = clear(one, 1).clearing.matches
    return match.node


def test_work_follows_the_data_when_the_way_is_worth_more_than_the_price() -> None:
    caring = Requirements(worth=Worth(micro_atoms_per_latency_millisecond=1_000_000))
    assert placed(Requirements(), "eu", "us", us=100) == address(2)
    assert placed(caring, "eu", "us", us=100) == address(1)
    assert placed(caring, "eu", "us", us=0) == address(2)


def test_a_way_that_nobody_measured_is_not_taken_for_near() -> None:
    wanted = Requirements(worth=Worth(micro_atoms_per_latency_millisecond=1_000_000))
    assert placed(wanted, "eu", "us", ap=100) == address(1)


def test_the_rows_of_a_label_that_no_node_has_fit_no_node() -> None:
    wanted = [task(0, requirements=Requirements(labels=("gpu",))), task(1)]
    encoded = encode(book([order(1, *wanted)], [node(1, offering=Offering(labels=("fast",)))]))
    assert (encoded.demand.labels != 0).tolist() == [True, False]
    assert not np.any(encoded.supply.labels & encoded.demand.labels[0])
    assert REASON_OF[int(first_rules(encoded, 0)[0])] is Reason.LABEL_MISSING


def test_every_rule_has_its_reason() -> None:
    encoded = encode(book([order()], [node(1)]))
    assert len(broken_rules(encoded, 0)) == len(REASON_OF)
    assert REASON_OF[OVER_BUDGET] is Reason.BUDGET_TOO_SMALL
    assert REASON_OF[NOT_WORTH_IT] is Reason.NOT_WORTH_IT
