"""Eligibility, one small function per rule; each returns why not, or None.

A node counts under the first rule that excludes it, so the tables' order is part of every quote.
`market.core.encoding` states the same rules as arrays; a property test holds the two against each other.
"""

from collections.abc import Callable

from market.core.rules import fleet, limits, parties, price, requirements
from market.core.rules.wants import TaskWants
from market.core.ways import Ways
from suanli.protocol.book import BookNode, Moment, Wanted
from suanli.protocol.wire.common import Explanation

FleetRule = Callable[[BookNode, Moment], Explanation | None]
NodeRule = Callable[[Wanted, BookNode], Explanation | None]
TaskRule = Callable[[TaskWants, BookNode, Ways], Explanation | None]

FLEET_RULES: tuple[FleetRule, ...] = (
    fleet.connected,
    fleet.accepting,
    fleet.heard,
    fleet.offering,
    fleet.countable,
)
"""On a node alone: one that fails is not in the round."""

NODE_RULES: tuple[NodeRule, ...] = (
    parties.not_the_buyers_own,
    limits.fuel_fits,
    limits.memory_fits,
    limits.inputs_fit,
    limits.outputs_fit,
    limits.wall_time_fits,
    price.within_prices,
    price.minimum_within_prices,
)
"""Between a job and a node of the round."""

TASK_RULES: tuple[TaskRule, ...] = (
    requirements.in_region,
    requirements.labelled,
    requirements.trusted,
    requirements.clean,
    requirements.near,
    requirements.fast_enough,
    parties.not_tried,
    parties.another_owner,
)
"""Between one task and a node that may run the job."""


def why_not_in_fleet(node: BookNode, moment: Moment) -> tuple[int, Explanation] | None:
    """The first rule that keeps `node` from every job: its number and its reason. None: it takes part."""
    for number, rule in enumerate(FLEET_RULES):
        if (reason := rule(node, moment)) is not None:
            return number, reason
    return None


def why_not(wanted: Wanted, node: BookNode, moment: Moment) -> tuple[int, Explanation] | None:
    """The first rule that keeps `node` from the job: its number and its reason. None: it may."""
    if (miss := why_not_in_fleet(node, moment)) is not None:
        return miss
    for number, rule in enumerate(NODE_RULES, start=len(FLEET_RULES)):
        if (reason := rule(wanted, node)) is not None:
            return number, reason
    return None


def why_not_task(wants: TaskWants, node: BookNode, ways: Ways) -> tuple[int, Explanation] | None:
    """The first rule that keeps an otherwise eligible `node` from one task. None: it may."""
    for number, rule in enumerate(TASK_RULES, start=len(FLEET_RULES) + len(NODE_RULES)):
        if (reason := rule(wants, node, ways)) is not None:
            return number, reason
    return None
