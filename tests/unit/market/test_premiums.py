"""What a match pays beyond its ask, and which of several like tasks get the places."""

import numpy as np
from hypothesis import given, settings

from market.core.clearing import Terms, clear, terms_of
from market.core.outcomes import Decided
from market.core.premiums import LosingBids
from suanli.protocol.arrays import NOBODY
from suanli.protocol.book import Book
from suanli.protocol.certificate import Mechanism
from suanli.protocol.charging import lease_cap
from suanli.protocol.reasons import Reason
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from tests.unit.market.books import CHEAP, LIMITS, address, book, node, order, task, times
from tests.unit.market.qualities import quality_books

ASKED = lease_cap(CHEAP, 0, LIMITS, 1000)


def worth(factor: int) -> int:
    """What one copy is worth to an order whose highest prices are `factor` times the cheap ones."""
    return lease_cap(times(CHEAP, factor), 0, LIMITS, 1000)


def caps(one: Book) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for match in clear(one, 1).clearing.matches:
        found.setdefault(match.order, []).append(match.cap)
    return found


def test_a_lone_order_pays_the_ask_however_many_of_its_tasks_wait() -> None:
    many = [task(index) for index in range(9)]
    assert caps(book([order(1, *many)], [node(1, free_slots=2)])) == {order(1).order: [ASKED, ASKED]}


def test_the_winner_pays_what_the_loser_would_have_and_no_more() -> None:
    rich, poor = order(1, maximum_prices=times(CHEAP, 20)), order(2, maximum_prices=times(CHEAP, 7))
    assert caps(book([rich, poor], [node(1, free_slots=1)])) == {rich.order: [worth(7)]}


def test_ones_own_waiting_tasks_do_not_raise_the_price_over_another_orders_bid() -> None:
    rich = order(1, *[task(index) for index in range(5)], maximum_prices=times(CHEAP, 20))
    poor = order(2, maximum_prices=times(CHEAP, 3))
    assert caps(book([rich, poor], [node(1, free_slots=2)])) == {rich.order: [worth(3)] * 2}


def test_a_bid_that_its_budget_cannot_pay_raises_nobodys_price() -> None:
    rich = order(1, maximum_prices=times(CHEAP, 20))
    spent = order(2, *[task(n) for n in range(3)], maximum_prices=times(CHEAP, 30), budget_left=2 * ASKED - 1)
    found = caps(book([rich, spent], [node(1, free_slots=1), node(2, free_slots=1)]))
    assert found[rich.order] == [ASKED]


@given(quality_books())
@settings(max_examples=60)
def test_no_payment_is_below_the_ask_or_above_the_rounds_or_the_budget(one: Book) -> None:
    cleared = clear(one, 1)
    decided: Decided = cleared.decided
    ceilings = decided.outcome.payment[decided.outcome.provider != NOBODY].tolist()
    placed = np.flatnonzero(decided.outcome.provider != NOBODY).tolist()
    for match, most, item in zip(cleared.clearing.matches, ceilings, placed, strict=True):
        assert decided.price[item] <= match.payment <= most
        assert decided.price[item] <= match.cap * MICRO_ATOMS_PER_ATOM <= match.payment
    for wanted in decided.encoded.names.orders:
        spent = sum(match.cap for match in cleared.clearing.matches if match.order == wanted.order)
        assert spent <= wanted.budget_left


def test_losing_bids_remember_the_largest_of_any_other_group() -> None:
    bids = LosingBids(3)
    for group, surplus in ((1, [5, 0, -1]), (2, [3, 7, -1]), (1, [4, 9, -1]), (3, [1, 8, -1])):
        bids.add(group, np.array(surplus))
    found = [[bids.against(group, provider) for provider in range(3)] for group in (1, 2, 3, 4)]
    assert found == [[3, 8, 0], [5, 9, 0], [5, 9, 0], [5, 9, 0]]


@given(quality_books())
@settings(max_examples=40)
def test_the_first_of_like_tasks_get_the_places_without_gaps(one: Book) -> None:
    decided = clear(one, 1).decided
    outcome, names = decided.outcome, decided.encoded.names
    for item in range(1, len(names.items)):
        here, before = names.items[item], names.items[item - 1]
        if here.family == before.family and outcome.provider[item] != NOBODY:
            assert outcome.provider[item - 1] != NOBODY


def test_earlier_tasks_of_a_job_come_first() -> None:
    many = [task(index) for index in range(6)]
    cleared = clear(book([order(1, *many)], [node(1, free_slots=2), node(2, free_slots=1)]), 1)
    assert [match.task for match in cleared.clearing.matches] == [0, 1, 2]
    assert {match.node for match in cleared.clearing.matches} == {address(1), address(2)}


def test_terms_name_the_support_rule_unless_told_otherwise() -> None:
    assert Terms().mechanism is Mechanism.SUPPORT


def test_the_truthful_mode_charges_the_least_value_that_would_still_have_won() -> None:
    poor = order(2, maximum_prices=times(CHEAP, 7))
    for factor in (8, 20, 90):
        rich = order(1, maximum_prices=times(CHEAP, factor))
        one = book([rich, poor], [node(1, free_slots=1)])
        (match,) = clear(one, 1, terms_of(Mechanism.CRITICAL, {})).clearing.matches
        assert (match.order, match.cap) == (rich.order, worth(7))


def test_the_truthful_mode_says_that_it_serves_orders_of_one_copy() -> None:
    many = order(1, task(0), task(1))
    cleared = clear(book([many], [node(1)]), 1, terms_of(Mechanism.CRITICAL, {})).clearing
    assert not cleared.matches
    assert [one.reason for one in cleared.non_matches] == [Reason.POLICY_UNSUPPORTED]
