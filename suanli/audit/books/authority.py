"""What the Authority and the contracts under it say: who takes no new business. Roles move no money."""

from typing import Any

from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event


def _paused(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.paused.add(event.contract)


def _unpaused(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.paused.discard(event.contract)


def nothing(books: Books, event: Event, said: dict[str, Any]) -> None:
    """What moves no money and is no record: roles, their delays, the echo of a statement."""


PAUSING: dict[str, Recorder] = {"Paused": _paused, "Unpaused": _unpaused, "AuthorityUpdated": nothing}
"""Of every contract that can be paused."""

RECORDERS: dict[str, Recorder] = dict.fromkeys(
    (
        "OperationCanceled",
        "OperationExecuted",
        "OperationScheduled",
        "RoleAdminChanged",
        "RoleGrantDelayChanged",
        "RoleGranted",
        "RoleGuardianChanged",
        "RoleLabel",
        "RoleRevoked",
        "TargetAdminDelayUpdated",
        "TargetClosed",
        "TargetFunctionRoleUpdated",
    ),
    nothing,
)
"""The events of OpenZeppelin's AccessManager."""
