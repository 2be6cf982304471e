"""What a node's recent leases say of it: how far its results are trusted, how surely it delivers. Pure.

Both are shares in basis points; a prior of a few leases keeps one lucky or unlucky run from deciding.
"""

from dataclasses import dataclass

from suanli.protocol.units import BASIS_POINTS

RECENT_LEASES = 50
"""How many of a node's newest leases count."""
_PRIOR = 5
_REJECTION_WEIGHT = 20
"""One rejected result weighs as much as so many accepted ones."""


@dataclass(frozen=True, slots=True)
class Record:
    """How a node's recent leases ended."""

    accepted: int = 0
    rejected: int = 0
    receipted: int = 0
    """Handed in and not judged yet."""
    undelivered: int = 0
    """Lost or given up by the node's own fault."""

    @property
    def trust(self) -> int:
        """Accepted results as a share of all, rejected ones weighed; 0 for a node without any."""
        return self.accepted * BASIS_POINTS // (self.accepted + _REJECTION_WEIGHT * self.rejected + _PRIOR)

    @property
    def reliability(self) -> int:
        """Delivered leases as a share of all that ended; a node without any counts as reliable."""
        delivered = self.accepted + self.rejected + self.receipted + _PRIOR
        return delivered * BASIS_POINTS // (delivered + self.undelivered)
