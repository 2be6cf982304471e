"""Rules on quality: where the node stands, what it has, how trusted, clean, near and fast it is.

A limit on what a node has not stated, or nobody has measured, excludes the node; unknown speed does not.
"""

from market.core.offers import carbon_intensity_of, labels_of, region_of, speed_of
from market.core.rules.wants import TaskWants
from market.core.ways import Ways
from suanli.protocol.book import BookNode
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.common import Explanation


def in_region(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """The node stands in one of the regions that the task may run in."""
    allowed, region = wants.requirements.regions, region_of(node)
    if not allowed or region in allowed:
        return None
    detail = f"the node is in {region or 'no stated region'}, the task may run in {', '.join(allowed)}"
    return Explanation(reason=Reason.REGION_NOT_ALLOWED, detail=detail)


def labelled(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """The node has every label that the task needs."""
    missing = sorted(set(wants.requirements.labels) - set(labels_of(node)))
    if not missing:
        return None
    return Explanation(reason=Reason.LABEL_MISSING, detail=f"the node lacks {', '.join(missing)}")


def trusted(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """The node's results are trusted enough."""
    least = wants.requirements.minimum_trust_basis_points
    if node.trust >= least:
        return None
    detail = f"the node's results are trusted {node.trust / 100:g} %, at least {least / 100:g} % is wanted"
    return Explanation(reason=Reason.TRUST_TOO_LOW, detail=detail)


def clean(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """The node's power is clean enough."""
    most, grams = wants.requirements.maximum_carbon_grams_per_kilowatt_hour, carbon_intensity_of(node)
    if most is None or (grams is not None and grams <= most):
        return None
    stated = "does not state its carbon" if grams is None else f"draws power of {grams} g CO2e/kWh"
    return Explanation(reason=Reason.CARBON_TOO_HIGH, detail=f"the node {stated}, at most {most} is wanted")


def near(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """The node's region is near enough to the task's data."""
    most = wants.requirements.maximum_latency_milliseconds
    way = ways.to(wants.requirements.origin, region_of(node))
    if most is None or (way.is_measured and way.milliseconds <= most):
        return None
    found = f"is {way.milliseconds} ms away" if way.is_measured else "is at an unmeasured distance"
    return Explanation(
        reason=Reason.LATENCY_TOO_HIGH, detail=f"the node {found}, at most {most} ms is wanted"
    )


def fast_enough(wants: TaskWants, node: BookNode, ways: Ways) -> Explanation | None:
    """The node gets through the task's fuel before the deadline, as far as its speed is known."""
    speed = speed_of(node)
    if not speed or speed >= wants.speed:
        return None
    detail = f"the node does {speed} fuel/s, the deadline needs {wants.speed}"
    return Explanation(reason=Reason.TOO_SLOW_FOR_DEADLINE, detail=detail)
