"""The outcome of one named check of evidence: a value that is stored, shown and never raised."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from suanli.protocol.reasons import Reason


@dataclass(frozen=True, slots=True)
class Check:
    """Whether `name` held, in words, and the reason code when it did not."""

    name: str
    passed: bool
    detail: str
    reason: Reason | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        reason = None if self.reason is None else self.reason.value
        return {"name": self.name, "passed": self.passed, "detail": self.detail, "reason": reason}


def check(name: str, passed: bool, detail: str, reason: Reason = Reason.EVIDENCE_CONTRADICTS) -> Check:
    """A check whose `reason` counts only when it failed."""
    return Check(name, passed, detail, None if passed else reason)


def all_passed(checks: Iterable[Check]) -> bool:
    """The verdict: nothing failed."""
    return all(one.passed for one in checks)
