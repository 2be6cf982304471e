"""Lease prices stay between ask and order, never cost above the target, and come as near as numbers allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.charging import usage_at_limits
from suanli.protocol.messages import Ask, Limits, Prices, Usage
from suanli.protocol.offering import Offering, SurgeStep
from suanli.protocol.raising import raised_prices, surged_prices
from suanli.protocol.units import DIMENSIONS, charge, charge_lines
from tests.unit.protocol.strategies import structs

_NAMES = [dimension.name for dimension in DIMENSIONS]
_LIMITS = Limits(
    fuel=20 * 10**9, memoryBytes=256 << 20, inputBytes=4 << 20, outputBytes=1 << 20, wallSeconds=60
)
_ASK = Prices(fuel=500_000_000, memoryFuel=100_000_000, ingress=10_000_000, egress=20_000_000)


@st.composite
def _bounds(draw: st.DrawFn, highest: int = 2**40) -> tuple[Prices, Prices]:
    lower = [draw(st.integers(0, highest)) for _ in _NAMES]
    upper = [price + draw(st.sampled_from([0, 1, 5, price, highest])) for price in lower]
    return Prices(**dict(zip(_NAMES, lower, strict=True))), Prices(**dict(zip(_NAMES, upper, strict=True)))


_usages = st.builds(
    Usage,
    fuel=st.integers(0, 10**13),
    memoryFuel=st.integers(0, 10**9),
    ingress=st.integers(0, 2**30),
    egress=st.integers(0, 2**30),
)


@given(_bounds(), _usages, st.integers(0, 10**6), st.integers(0, 10**12) | st.integers(0, 1000))
def test_nobody_earns_below_the_ask_or_pays_above_the_order_or_the_target(
    bounds: tuple[Prices, Prices], usage: Usage, minimum: int, target: int
) -> None:
    asked, most = bounds
    raised = raised_prices(asked, minimum, most, usage, target)
    triples = zip(asked.vector(), raised.vector(), most.vector(), strict=True)
    assert all(low <= price <= high for low, price, high in triples)
    own = charge(asked, usage, minimum)
    assert own <= charge(raised, usage, minimum) <= max(own, target)


@given(_bounds(), _usages, st.integers(0, 10**12) | st.integers(0, 1000))
def test_no_price_can_rise_any_further(bounds: tuple[Prices, Prices], usage: Usage, target: int) -> None:
    asked, most = bounds
    raised = raised_prices(asked, 0, most, usage, target)
    if charge(asked, usage) >= target:
        assert raised == asked
        return
    for name, used in zip(_NAMES, usage.vector(), strict=True):
        price = getattr(raised, name)
        if used and price < getattr(most, name):
            higher = raised.model_copy(update={name: price + 1})
            assert sum(charge_lines(higher, usage)) > target * 10**6


@given(st.integers(0, 4000))
def test_an_ordinary_task_costs_the_target_to_the_atom(more: int) -> None:
    usage = usage_at_limits(_LIMITS, 3 << 20)
    most = Prices(**{name: getattr(_ASK, name) * 10 for name in _NAMES})
    target = charge(_ASK, usage) + more
    assert charge(raised_prices(_ASK, 0, most, usage, target), usage) == target


def test_all_prices_rise_by_one_factor() -> None:
    usage = usage_at_limits(_LIMITS, 3 << 20)
    most = Prices(**{name: getattr(_ASK, name) * 10 for name in _NAMES})
    raised = raised_prices(_ASK, 0, most, usage, charge(_ASK, usage) * 3 // 2)
    factors = [price / asked for price, asked in zip(raised.vector(), _ASK.vector(), strict=True)]
    assert max(factors) - min(factors) < 1e-6


def test_free_work_is_raised_where_it_may_be() -> None:
    free, usage = Prices(fuel=0, memoryFuel=0, ingress=0, egress=0), usage_at_limits(_LIMITS, 1)
    most = Prices(fuel=10**9, memoryFuel=0, ingress=0, egress=0)
    assert charge(raised_prices(free, 0, most, usage, 77), usage) == 77


@given(structs(Ask), st.integers(0, 2**32))
def test_a_node_without_surge_charges_its_ask_however_busy(ask: Ask, used: int) -> None:
    assert surged_prices(ask, None, used) == ask.prices
    assert surged_prices(ask, Offering(), used) == ask.prices


@pytest.mark.parametrize(("used", "fuel"), [(0, 7), (1, 7), (2, 9), (3, 14), (4, 14), (9, 14)])
def test_a_busier_node_charges_by_its_steps_rounded_up(used: int, fuel: int) -> None:
    steps = (
        SurgeStep(used_share_basis_points=5000, price_basis_points=12_500),
        SurgeStep(used_share_basis_points=7500, price_basis_points=20_000),
    )
    prices = Prices(fuel=7, memoryFuel=0, ingress=0, egress=0)
    ask = Ask(
        node="0x" + "00" * 20, prices=prices, minimumCharge=0, slots=4, limits=_LIMITS, expiry=1, nonce=1
    )
    assert surged_prices(ask, Offering(surge=steps), used).fuel == fuel
