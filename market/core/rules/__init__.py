"""Eligibility, one small function per rule; each returns why not, or None.

A node counts under the first rule that excludes it, so the tables' order is part of every quote.
"""

from collections.abc import Callable

from market.core.rules import fleet, limits, parties, price
from suanli.protocol.book import BookNode, BookTask, Moment, Wanted
from suanli.protocol.wire.common import Explanation

NodeRule = Callable[[Wanted, BookNode, Moment], Explanation | None]
TaskRule = Callable[[BookTask, BookNode], Explanation | None]

NODE_RULES: tuple[NodeRule, ...] = (
    fleet.connected,
    fleet.accepting,
    fleet.heard,
    fleet.offering,
    parties.not_the_buyers_own,
    limits.fuel_fits,
    limits.memory_fits,
    limits.inputs_fit,
    limits.outputs_fit,
    limits.wall_time_fits,
    price.within_prices,
    price.minimum_within_prices,
)
"""Between a job and a node."""

TASK_RULES: tuple[TaskRule, ...] = (parties.not_tried, parties.another_owner)
"""Between one task and a node that may run the job."""


def why_not(wanted: Wanted, node: BookNode, moment: Moment) -> tuple[int, Explanation] | None:
    """The first rule that keeps `node` from the job: its number and its reason. None: it may."""
    for number, rule in enumerate(NODE_RULES):
        if (reason := rule(wanted, node, moment)) is not None:
            return number, reason
    return None


def why_not_task(task: BookTask, node: BookNode) -> tuple[int, Explanation] | None:
    """The first rule that keeps an otherwise eligible `node` from one task. None: it may."""
    for number, rule in enumerate(TASK_RULES, start=len(NODE_RULES)):
        if (reason := rule(task, node)) is not None:
            return number, reason
    return None
