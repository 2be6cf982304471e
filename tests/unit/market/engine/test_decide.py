"""The engine decides what the rules say: `pair` on small books, the full scan on large ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.core.engine.fleet import Fleet, Variant
from tests.unit.market.engine.rounds import REGIONS, brute, large, small

VARIANTS: list[Variant] = ["numpy", "numba"]
SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=1000, deadline=None)
@given(seed=SEEDS)
def test_every_item_of_a_small_book_goes_where_the_rules_send_it(variant: Variant, seed: int) -> None:
    round_ = small(seed)
    fleet = Fleet(round_.measure, round_.supply, REGIONS, variant=variant)
    items = fleet.items(round_.demand)
    for item in range(len(round_.demand)):
        expected = brute(round_, item, round_.supply.capacity)
        assert fleet.best(items, item, 3) == expected[:3]
        assert fleet.decide(items, item) == (expected[0] if expected else None)


@pytest.mark.parametrize("providers", [33, 1000, 5000])
def test_both_variants_decide_a_large_book_alike(providers: int) -> None:
    round_ = large(providers, providers, 300)
    plain, indexed = (Fleet(round_.measure, round_.supply, REGIONS, variant=variant) for variant in VARIANTS)
    first, second = (fleet.take_many(fleet.items(round_.demand)) for fleet in (plain, indexed))
    assert (first.provider >= 0).any()
    for name in type(first).__slots__:
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert np.array_equal(plain.supply().capacity, indexed.supply().capacity)
