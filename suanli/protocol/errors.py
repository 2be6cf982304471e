"""The one tree of Suanli's errors: each carries a reason code and a sentence.

Foreign errors are translated into these once, at the border where they arise.
"""

from typing import Any

from suanli.protocol.reasons import Reason


class SuanliError(Exception):
    """Anything that went wrong for a reason: `reason` for programs, `detail` for people."""

    def __init__(self, reason: Reason, detail: str, **context: Any) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
        self.context = context

    def to_json(self) -> dict[str, Any]:
        """The error as it stands in an HTTP body, a log line and `--json` output."""
        return {"reason": self.reason.value, "detail": self.detail, "context": self.context}


class ProtocolError(SuanliError):
    """A message, signature, id or document that does not follow the published language."""


class MarketError(SuanliError):
    """The market declined a request; nothing changed."""


class NodeError(SuanliError):
    """A provider agent could not do something."""


class ClientError(SuanliError):
    """A buyer's command could not be done."""


class AuditError(SuanliError):
    """A check of the auditor failed or could not be made."""


class ChainError(SuanliError):
    """The chain could not be reached, or a contract refused."""
