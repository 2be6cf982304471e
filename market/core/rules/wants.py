"""What one task wants of a node beside what its order wants: a plain value for the rules. Pure."""

from dataclasses import dataclass

from suanli.protocol.book import BookOrder, BookTask
from suanli.protocol.requirements import Requirements
from suanli.protocol.values import Address

ANYTHING = Requirements()
"""What a task wants that states no requirements."""


@dataclass(frozen=True, slots=True)
class TaskWants:
    """A task's requirements, the fuel per second that its deadline needs, and who has had it."""

    requirements: Requirements
    speed: int
    tried: tuple[Address, ...] = ()
    owners: tuple[Address, ...] = ()


def speed_needed(fuel: int, seconds: int) -> int:
    """Fuel per second to be through with `fuel` in `seconds`, rounded up."""
    return -(-fuel // max(1, seconds))


def wants_of(order: BookOrder, task: BookTask, now: int) -> TaskWants:
    """What a task of the book wants."""
    speed = speed_needed(order.limits.fuel, order.deadline - now)
    return TaskWants(task.requirements or ANYTHING, speed, task.tried, task.owners)
