"""What is wrong with a job file, and where: findings with line, key and suggestion, and the error of them.

A finding is a value; `JobFileError` carries all findings of one file.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a job file: `key` is dotted (`limits.fuel`), `line` counts from 1."""

    reason: Reason
    key: str
    detail: str
    line: int | None = None
    suggestion: str | None = None

    def sentence(self) -> str:
        """The finding for people: `limits.fuel: … (did you mean …?)`."""
        key = f"{self.key}: " if self.key else ""
        return f"{key}{self.detail}" + (f" ({self.suggestion})" if self.suggestion else "")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "reason": self.reason.value,
            "key": self.key,
            "line": self.line,
            "detail": self.detail,
            "suggestion": self.suggestion,
        }


class JobFileError(ClientError):
    """A job file cannot be used; `findings` say where and why."""

    def __init__(self, source: str, findings: Sequence[Finding]) -> None:
        first = findings[0]
        place = source if first.line is None else f"{source}:{first.line}"
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(
            first.reason,
            f"{place}: {first.sentence()}{more}",
            file=source,
            findings=[finding.to_json() for finding in findings],
        )
        self.source = source
        self.findings = tuple(findings)


def did_you_mean(written: str, known: Iterable[str]) -> str | None:
    """A suggestion when something known resembles what was written."""
    close = difflib.get_close_matches(written, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else None
