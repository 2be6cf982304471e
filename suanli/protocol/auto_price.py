"""The automatic price of a node: follow what rounds have cleared at, and never work below one's electricity.

A pure function of public data and of what the node's offering says, so anyone can redo it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from suanli.protocol.messages import Prices
from suanli.protocol.offering import AutoPrice, Offering
from suanli.protocol.units import BASIS_POINTS, FUEL_PER_GIGAFUEL, MICRO_ATOMS_PER_ATOM

JOULES_PER_KILOWATT_HOUR = 3_600_000
_HIGHEST = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Explained:
    """An automatic price and how it came about, in micro-atoms per unit.

    `median` is None while no round has cleared; then `followed` is what the node starts with.
    """

    rounds: int
    median: Prices | None
    followed: Prices
    floor: Prices
    prices: Prices


def median_prices(prices: Sequence[Prices]) -> Prices | None:
    """Of each dimension the upper median; None for none. So rounds are summed up from their leases."""
    if not prices:
        return None
    columns = zip(*(one.vector() for one in prices), strict=True)
    return Prices.of(sorted(column)[len(column) // 2] for column in columns)


def electricity_floor(watts_per_slot: int, fuel_per_second: int, atoms_per_kilowatt_hour: int) -> Prices:
    """The least prices at which work pays for the electricity it takes, rounded up; only fuel has a floor.

    Per gigafuel: watts · seconds per gigafuel ÷ 3 600 000 kWh, times the price of one.
    """
    micro_atoms = atoms_per_kilowatt_hour * MICRO_ATOMS_PER_ATOM * watts_per_slot * FUEL_PER_GIGAFUEL
    per_gigafuel = -(-micro_atoms // (JOULES_PER_KILOWATT_HOUR * max(1, fuel_per_second)))
    return Prices.of([min(_HIGHEST, per_gigafuel), 0, 0, 0])


def auto_price(rounds: Sequence[Prices], floor: Prices, settings: AutoPrice) -> Explained:
    """The prices to ask for after `rounds`, the newest first: a share of their median, at least the floor.

    Only the newest `settings.rounds` count. Each price is rounded up to a whole micro-atom.
    """
    recent = rounds[: settings.rounds]
    median = median_prices(recent)
    followed = settings.start
    if median is not None:
        share = settings.share_basis_points
        followed = Prices.of(min(_HIGHEST, -(-price * share // BASIS_POINTS)) for price in median.vector())
    asked = Prices.of(map(max, followed.vector(), floor.vector()))
    return Explained(len(recent), median, followed, floor, asked)


def price_of_offering(rounds: Sequence[Prices], offering: Offering) -> Explained | None:
    """The prices that a node with this offering must ask for; None when it sets them by hand.

    `rounds` are those up to `offering.auto_price.epoch`, the newest first.
    """
    if offering.auto_price is None:
        return None
    kilowatt_hour = offering.auto_price.electricity_atoms_per_kilowatt_hour
    floor = electricity_floor(offering.watts_per_slot or 0, offering.fuel_per_second or 0, kilowatt_hour)
    return auto_price(rounds, floor, offering.auto_price)
