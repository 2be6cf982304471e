"""What the Authority and the contracts under it say: who takes no new business, who has which role."""

from typing import Any

from suanli.audit.books.records import Membership
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event


def _paused(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.paused.add(event.contract)


def _unpaused(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.paused.discard(event.contract)


def _role_granted(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Roles of this Authority are granted at once; a shorter delay than before takes effect later."""
    delay = said["delay"] if said["since"] <= event.at else None
    books.roles[said["roleId"], said["account"]] = Membership(True, delay)


def _role_revoked(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.roles[said["roleId"], said["account"]] = Membership(False, 0)


def _function_role_updated(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.function_roles[said["target"], said["selector"]] = said["roleId"]


def _authority_updated(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.authorities[event.contract] = said["authority"]


def nothing(books: Books, event: Event, said: dict[str, Any]) -> None:
    """What moves no money and is no record: labels and delays of roles, the echo of a statement."""


PAUSING: dict[str, Recorder] = {
    "Paused": _paused,
    "Unpaused": _unpaused,
    "AuthorityUpdated": _authority_updated,
}
"""Of every contract that can be paused."""

RECORDERS: dict[str, Recorder] = {
    "RoleGranted": _role_granted,
    "RoleRevoked": _role_revoked,
    "TargetFunctionRoleUpdated": _function_role_updated,
} | dict.fromkeys(
    (
        "OperationCanceled",
        "OperationExecuted",
        "OperationScheduled",
        "RoleAdminChanged",
        "RoleGrantDelayChanged",
        "RoleGuardianChanged",
        "RoleLabel",
        "TargetAdminDelayUpdated",
        "TargetClosed",
    ),
    nothing,
)
"""The events of OpenZeppelin's AccessManager."""
