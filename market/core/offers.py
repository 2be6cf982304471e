"""What a node offers now: its ask's prices surged by its slots in use, its speed, its region. Pure."""

from suanli.protocol.book import BookNode
from suanli.protocol.messages import Ask, Prices
from suanli.protocol.raising import surged_prices
from suanli.protocol.values import Label, Region


def ask_of(node: BookNode) -> Ask:
    """The ask of a node that is known to have one."""
    if node.ask is None:
        raise ValueError(f"{node.node} has no ask")
    return node.ask


def prices_now(node: BookNode) -> Prices:
    """The unit prices at which a node with an ask is matched now."""
    ask = ask_of(node)
    return surged_prices(ask, node.offering, max(0, ask.slots - node.free_slots))


def speed_of(node: BookNode) -> int:
    """Fuel per second of one slot: as the market knows it, else as the node says; 0 for unknown."""
    stated = None if node.offering is None else node.offering.fuel_per_second
    return node.speed or stated or 0


def region_of(node: BookNode) -> Region | None:
    """Where the node says it stands."""
    return None if node.offering is None else node.offering.region


def labels_of(node: BookNode) -> tuple[Label, ...]:
    """What the node says it is or has."""
    return () if node.offering is None else node.offering.labels


def carbon_intensity_of(node: BookNode) -> int | None:
    """Grams of CO2e per kilowatt-hour where the node says it draws its power."""
    return None if node.offering is None else node.offering.carbon_grams_per_kilowatt_hour
