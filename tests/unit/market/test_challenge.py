"""A proposed allocation is judged by the published rules alone."""

import numpy as np
import pytest
from hypothesis import given, settings

from market.core.challenge import item_numbers, welfare_of
from market.core.clearing import clear
from market.core.encoding import encode
from suanli.protocol.book import Book
from suanli.protocol.challenges import ProposedMatch
from suanli.protocol.charging import lease_cap
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from tests.unit.market.books import CHEAP, LIMITS, address, book, hash_, node, order, task
from tests.unit.market.qualities import quality_books

ASKED = lease_cap(CHEAP, 0, LIMITS, 1000)
ONE = book([order(1, task(0, copies=2), task(1))], [node(1), node(2, owner=101), node(3, free_slots=0)])


def match(task_: int, attempt: int, node_: int, order_: int = 1) -> ProposedMatch:
    return ProposedMatch(order=hash_(order_), task=task_, attempt=attempt, node=address(node_))


@given(quality_books())
@settings(max_examples=50)
def test_the_rounds_own_allocation_is_worth_its_welfare(one: Book) -> None:
    cleared = clear(one, 1)
    fields = ("order", "task", "attempt", "node")
    own = [ProposedMatch(**{f: getattr(m, f) for f in fields}) for m in cleared.clearing.matches]
    assert welfare_of(cleared.decided.encoded, own) == cleared.decided.outcome.welfare


@pytest.mark.parametrize(
    ("broken", "matches"),
    [
        ("no copy of", [match(7, 0, 1)]),
        ("no copy of", [match(0, 0, 1, order_=9)]),
        ("not in the round", [match(0, 0, 77)]),
        ("twice", [match(1, 0, 1), match(1, 0, 2)]),
        ("fewer free slots", [match(1, 0, 3)]),
        ("one owner", [match(0, 0, 1), match(0, 1, 2)]),
    ],
)
def test_an_allocation_that_breaks_a_rule_names_it(broken: str, matches: list[ProposedMatch]) -> None:
    with pytest.raises(MarketError, match=broken) as raised:
        welfare_of(encode(ONE), matches)
    assert raised.value.reason is Reason.CERTIFICATE_INVALID


def test_an_allocation_beyond_a_budget_or_a_limit_is_none() -> None:
    poor = book([order(1, task(0), task(1), budget_left=2 * ASKED - 1)], [node(1)])
    assert welfare_of(encode(poor), [match(0, 0, 1)]) > 0
    with pytest.raises(MarketError, match="budget"):
        welfare_of(encode(poor), [match(0, 0, 1), match(1, 0, 1)])
    with pytest.raises(MarketError, match="may not go"):
        welfare_of(encode(book([order(1, task(tried=(address(1),)))], [node(1)])), [match(0, 0, 1)])


def test_items_are_numbered_as_they_stand() -> None:
    numbers = item_numbers(encode(ONE))
    assert list(numbers.values()) == list(np.arange(3))
    assert list(numbers) == [(hash_(1), 0, 0), (hash_(1), 0, 1), (hash_(1), 1, 0)]
