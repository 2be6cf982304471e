"""A row's reason and detail as the one value that people see."""

from suanli.protocol.reasons import Reason
from suanli.protocol.wire.common import Explanation


def explained(reason: Reason | None, detail: str | None) -> Explanation | None:
    """None when there is nothing to explain."""
    return None if reason is None else Explanation(reason=reason, detail=detail or "")
