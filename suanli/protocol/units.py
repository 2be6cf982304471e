"""Units of money, work and price, and the one formula that turns metered work into a charge.

Everything is a whole number of a named unit; nothing here rounds except where the name says so.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NewType, Protocol

Money = NewType("Money", int)
"""A whole number of the payment token's smallest unit (an *atom*)."""

UnitPrice = NewType("UnitPrice", int)
"""Millionths of an atom (*micro-atoms*) for one unit of a dimension."""

Fuel = NewType("Fuel", int)
"""WebAssembly fuel: one unit for about one executed instruction, equal on every machine."""

Seconds = NewType("Seconds", int)
"""Whole seconds; a point in time is seconds since the Unix epoch."""

MICRO_ATOMS_PER_ATOM = 1_000_000
BASIS_POINTS = 10_000
SHARE_PATTERN = r"^[0-9]{1,6}(\.[0-9]{1,2})? ?%$"
BYTES_PER_MEBIBYTE = 1 << 20
FUEL_PER_GIGAFUEL = 10**9
FUEL_PER_MEGAFUEL = 10**6
MEMORY_FUEL_PER_GIBIBYTE_GIGAFUEL = 1024 * 1000
"""Memory-fuel counts MiB·megafuel: 1 GiB·gigafuel = 1024 MiB · 1000 megafuel."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One priced dimension: usage is counted in `counted_in`, priced per `size` of them (`priced_per`)."""

    name: str
    counted_in: str
    priced_per: str
    size: int


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("fuel", "fuel", "gigafuel", FUEL_PER_GIGAFUEL),
    Dimension("memoryFuel", "MiB·megafuel", "GiB·gigafuel", MEMORY_FUEL_PER_GIBIBYTE_GIGAFUEL),
    Dimension("ingress", "byte", "MiB in", BYTES_PER_MEBIBYTE),
    Dimension("egress", "byte", "MiB out", BYTES_PER_MEBIBYTE),
)
"""The deterministic class of metering (算力度量), in the order every vector uses."""


class DimensionVector(Protocol):
    """Anything with one whole number per dimension (`Prices`, `Usage`)."""

    def vector(self) -> tuple[int, ...]:
        """The numbers in the order of `DIMENSIONS`."""
        ...


def memory_fuel(peak_memory_bytes: int, fuel: int) -> int:
    """Memory held over work, in MiB·megafuel, rounded up, for a task's peak memory and its fuel."""
    return _divide_up(peak_memory_bytes * fuel, BYTES_PER_MEBIBYTE * FUEL_PER_MEGAFUEL)


def line_micro_atoms(dimension: Dimension, price: int, used: int) -> int:
    """The charge of one dimension in micro-atoms, rounded up to the next whole one."""
    return _divide_up(price * used, dimension.size)


def charge_lines(prices: DimensionVector, usage: DimensionVector) -> tuple[int, ...]:
    """Micro-atoms charged by dimension, in the order of `DIMENSIONS`; they add up to the charge."""
    triples = zip(DIMENSIONS, prices.vector(), usage.vector(), strict=True)
    return tuple(line_micro_atoms(dimension, price, used) for dimension, price, used in triples)


def charge(prices: DimensionVector, usage: DimensionVector, minimum: int = 0) -> Money:
    """What `usage` costs at `prices` in atoms: the sum of the lines, rounded up once, at least `minimum`."""
    return Money(max(minimum, _divide_up(sum(charge_lines(prices, usage)), MICRO_ATOMS_PER_ATOM)))


def fee_rounded_down(amount: int, fee_basis_points: int) -> Money:
    """The operator's part of a payment in atoms; what rounding leaves over stays with the provider."""
    return Money(amount * fee_basis_points // BASIS_POINTS)


def format_money(amount: int, decimals: int) -> str:
    """`amount` atoms as a decimal string of whole tokens, without trailing zeros: 1250000, 6 -> "1.25"."""
    sign, atoms = ("-", -amount) if amount < 0 else ("", amount)
    whole, part = divmod(atoms, 10**decimals)
    fraction = f"{part:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def parse_money(text: str, decimals: int) -> Money:
    """Atoms in a decimal string of whole tokens. Raises ValueError when it is negative or too fine."""
    whole, _, fraction = text.strip().partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit() or len(fraction) > decimals:
        raise ValueError(f"{text!r} is not an amount with at most {decimals} decimals")
    return Money(int(whole or "0") * 10**decimals + int(fraction.ljust(decimals, "0") or "0"))


def parse_share(text: str) -> int:
    """Basis points in "95%" or "99.5%". Raises ValueError."""
    if not re.match(SHARE_PATTERN, text):
        raise ValueError(f"{text!r}: a share is a percentage with at most two decimals, like 95%")
    return int(Fraction(text.rstrip("% ")) * 100)


def format_share(basis_points: int) -> str:
    """The text that `parse_share` reads as exactly `basis_points`."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0") + "%" if part else f"{whole}%"


def _divide_up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
