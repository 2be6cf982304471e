"""Charge lines add up to the charge, rounding never favours the wrong side, money prints without loss."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.messages import Prices, Usage
from suanli.protocol.units import (
    BASIS_POINTS,
    DIMENSIONS,
    MICRO_ATOMS_PER_ATOM,
    charge,
    charge_lines,
    fee_rounded_down,
    format_money,
    format_share,
    memory_fuel,
    parse_money,
    parse_share,
)
from tests.unit.protocol.strategies import structs

prices, usages, amounts = structs(Prices), structs(Usage), st.integers(0, 2**128 - 1)
GIGAFUEL, GIBIBYTE, MEBIBYTE = 10**9, 1 << 30, 1 << 20


def test_one_unit_of_each_dimension_costs_its_price() -> None:
    price = Prices(fuel=2_000_000, memoryFuel=3_000_000, ingress=5_000_000, egress=7_000_000)
    usage = Usage(
        fuel=GIGAFUEL, memoryFuel=memory_fuel(GIBIBYTE, GIGAFUEL), ingress=MEBIBYTE, egress=MEBIBYTE
    )
    assert charge_lines(price, usage) == (2_000_000, 3_000_000, 5_000_000, 7_000_000)
    assert charge(price, usage) == 17


@given(prices, usages)
def test_lines_add_up_to_the_charge(price: Prices, usage: Usage) -> None:
    total = sum(charge_lines(price, usage))
    assert (
        (charge(price, usage) - 1) * MICRO_ATOMS_PER_ATOM
        < total
        <= charge(price, usage) * MICRO_ATOMS_PER_ATOM
    )


@given(prices, usages)
def test_a_line_is_the_exact_price_rounded_up(price: Prices, usage: Usage) -> None:
    lines = zip(DIMENSIONS, price.vector(), usage.vector(), charge_lines(price, usage), strict=True)
    for dimension, unit_price, used, line in lines:
        assert 0 <= line - Fraction(unit_price * used, dimension.size) < 1


@given(prices, usages, usages)
def test_splitting_work_never_makes_it_cheaper(price: Prices, one: Usage, other: Usage) -> None:
    both = Usage.model_construct(
        **{name: getattr(one, name) + getattr(other, name) for name in Usage.model_fields}
    )
    assert charge(price, both) <= charge(price, one) + charge(price, other)


@given(prices, usages, amounts)
def test_the_minimum_is_a_floor(price: Prices, usage: Usage, minimum: int) -> None:
    assert charge(price, usage, minimum) == max(minimum, charge(price, usage))


@given(amounts, st.integers(0, BASIS_POINTS))
def test_fee_never_exceeds_its_share(amount: int, fee: int) -> None:
    assert 0 <= Fraction(amount * fee, BASIS_POINTS) - fee_rounded_down(amount, fee) < 1


@given(amounts, st.integers(0, 18))
def test_money_prints_and_parses_without_loss(amount: int, decimals: int) -> None:
    assert parse_money(format_money(amount, decimals), decimals) == amount


@pytest.mark.parametrize("text", ["-1", "1.2345678", "1e3", "1,5", "", ".", "٣", "0x1", "1.2.3"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        parse_money(text, 6)


@given(st.integers(0, 99_999_999))
def test_a_share_is_written_as_it_is_read(basis_points: int) -> None:
    assert parse_share(format_share(basis_points)) == basis_points


@pytest.mark.parametrize("text", ["95", "-1%", "1e2%", "95.123%", "%", "9 5%", "٣%"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="percentage"):
        parse_share(text)
