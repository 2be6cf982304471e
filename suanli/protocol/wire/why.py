"""Why no match, why no work: what a round's own numbers say to a buyer and a node, and what would change it.

Money is in atoms. Every change stands for itself: with it alone, and everybody else as they were, one more
copy would have found its place in that round.
"""

from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash, Uint64, Uint128
from suanli.protocol.wire.common import Explanation, Wire


class Count(Wire):
    """How many nodes, or copies, one rule excludes; each counts under the first rule that excludes it."""

    reason: Reason
    count: int


class Change(Wire):
    """One change that would have won: which limit, from what to what, and what it costs or earns there."""

    reason: Reason
    """The rule that it gets past."""
    what: str
    """A sentence: `raise maximum prices by 25 %`."""
    node: Address
    price: Uint128
    """What a copy costs at that node then, at its limits."""


class TaskWhy(Wire):
    """Waiting tasks of a job with one reason: `eligible` and `excluded` add up to the fleet."""

    tasks: list[int]
    copies: int
    reason: Explanation
    fleet: int
    eligible: int
    excluded: list[Count]
    changes: list[Change]
    """The cheapest change of each kind, the cheapest first."""


class PlacedWhy(Wire):
    """A copy that got a node: what it pays at its limits, how much beyond the ask, what quality cost."""

    task: int
    node: Address
    price: Uint128
    premium: Uint128
    quality: Uint128


class JobWhy(Wire):
    """`GET /jobs/{job}/why`: the last round that had the job in its book; `epoch` is None before one.

    `percentile` is the share of the round's other copies (0 to 100) that offered less for the same work.
    """

    job: Hash
    epoch: Uint64 | None
    at: int | None
    placed: list[PlacedWhy]
    waiting: list[TaskWhy]
    percentile: int | None


class NodeChange(Wire):
    """One change of a node's own that would have brought work in that round: how many copies, at what pay."""

    reason: Reason
    what: str
    copies: int
    earned: Uint128
    """What these copies pay at their limits then."""


class NodeWhy(Wire):
    """`GET /nodes/{node}/why`: what the last round had for a node; `epoch` is None before one.

    `copies` = `matched` + `elsewhere` + `waiting` + `excluded`. `percentile` is the share of the round's
    other nodes (0 to 100) that asked less for the round's work.
    """

    node: Address
    epoch: Uint64 | None
    at: int | None
    reason: Explanation | None
    """Why the node had no part in the round, or got nothing there; None when it got work."""
    copies: int
    matched: int
    elsewhere: int
    """Copies that it could have had and that went to others."""
    waiting: int
    """Copies that it could have had and that wait: it was full, or others of its owner had them."""
    excluded: list[Count]
    changes: list[NodeChange]
    percentile: int | None
