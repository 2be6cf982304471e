"""Items taken on the spot have the very numbers that the same copies would have in a round."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from market.core.encoding.demand import encode_demand
from market.core.encoding.kept import kept_orders
from market.core.spot.floor import plan
from market.core.spot.items import Wanted, as_order, columns_of, demand_of
from suanli.protocol.book import Book
from suanli.protocol.wire.quotes import TakeItem
from tests.unit.market.books import NOW, SILENT_BEFORE, address, node

PLAN = plan(Book(now=NOW, silent_before=SILENT_BEFORE, orders=(), nodes=(node(1), node(2))), {})
AMOUNTS = st.integers(0, 1 << 20) | st.integers(0, 1 << 45) | st.integers((1 << 61) - 9, (1 << 62) - 1)
LIMITS = st.fixed_dictionaries(
    dict.fromkeys(("fuel", "memoryBytes", "inputBytes", "outputBytes"), AMOUNTS)
    | {"wallSeconds": st.integers(0, 1 << 31)}
)
PRICES = st.fixed_dictionaries(dict.fromkeys(("fuel", "memoryFuel", "ingress", "egress"), AMOUNTS))
WORTH = {"micro_atoms_per_carbon_gram": 7, "micro_atoms_per_failure_percent": 9}
REQUIREMENTS = st.sampled_from([None, {"labels": ["gpu"]}, {"regions": ["eu"], "worth": WORTH}])
ITEMS = st.builds(
    lambda limits, prices, ingress, wanted: TakeItem.model_validate(
        {"limits": limits, "maximum_prices": prices, "ingress": ingress, "requirements": wanted}
    ),
    LIMITS,
    PRICES,
    st.none() | AMOUNTS,
    REQUIREMENTS,
)


@given(
    st.lists(st.builds(Wanted, ITEMS, st.just(address(999)), st.integers(NOW - 5, NOW + 10**6)), min_size=1)
)
def test_an_item_is_counted_as_in_a_round(wanted: list[Wanted]) -> None:
    columns = columns_of(wanted)
    found = demand_of(wanted, columns, PLAN.scales, NOW)
    for place, one in enumerate(wanted):
        order = as_order(one)
        alone = PLAN.book.model_copy(update={"orders": (order.model_copy(update={"deadline": NOW + 9}),)})
        assert columns.fits[place] == (not kept_orders(alone)[1])
        if not columns.fits[place]:
            continue
        expected, _ = encode_demand([order], (), {}, PLAN.scales, NOW)
        for name in ("value", "usage", "weights", "needs", "labels", "region_cost", "load"):
            assert np.array_equal(getattr(found, name)[place], getattr(expected, name)[0]), name
