"""How fast each account may take: a bucket of copies that fills by the writer's time. Pure."""

from dataclasses import dataclass, field

from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

BURST_SECONDS = 10
_FORGET_AT = 10_000


@dataclass(slots=True)
class Pace:
    """By account: what is left of its bucket, and since when (milliseconds)."""

    _left: dict[Address, tuple[float, int]] = field(default_factory=dict)

    def spend(self, account: Address, copies: int, per_second: int, at: int) -> None:
        """Takes `copies` out of the account's bucket. Raises MarketError(RATE_LIMITED)."""
        most = float(per_second * BURST_SECONDS)
        left, since = self._left.get(account, (most, at))
        left = min(most, left + per_second * max(0, at - since) / 1000)
        if copies > left:
            wait = -(-int(copies - left) // per_second)
            detail = f"you take {per_second} copies a second at most; try again in {wait} s"
            raise MarketError(Reason.RATE_LIMITED, detail, maximum=per_second, seconds=wait)
        self._left[account] = left - copies, at
        if len(self._left) > _FORGET_AT:
            self._forget(per_second, at)

    def _forget(self, per_second: int, at: int) -> None:
        """Drops those whose buckets are full again."""
        full = BURST_SECONDS * 1000
        self._left = {name: one for name, one in self._left.items() if at - one[1] < full}
