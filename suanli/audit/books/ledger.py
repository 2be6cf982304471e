"""What the Ledger's events say: money in, money out, what modules move, and which modules there are."""

from typing import Any

from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import check


def _deposited(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.give(said["account"], said["amount"])
    books.deposited += said["amount"]


def _withdrawn(books: Books, event: Event, said: dict[str, Any]) -> None:
    """What was thawing, as far as the account holds it, when its time had come."""
    account = books.accounts[said["account"]]
    right = said["amount"] == min(account.thawing, account.balance) and event.at >= account.thaw_ready_at
    books.checks.append(check("withdrawal", right, f"{said['amount']} of {account.thawing} thawing atoms"))
    account.balance -= said["amount"]
    account.thawing = account.thaw_ready_at = 0
    books.withdrawn += said["amount"]


def _thaw_started(books: Books, event: Event, said: dict[str, Any]) -> None:
    account = books.accounts[said["account"]]
    account.thawing, account.thaw_ready_at = said["amount"], said["readyAt"]


def _moved(books: Books, event: Event, said: dict[str, Any]) -> None:
    from_, to, amount = said["from"], said["to"], said["amount"]
    books.accounts[from_].balance -= amount
    books.accounts[to].balance += amount
    books.moved[from_] -= amount
    books.moved[to] += amount


def _epoch_advanced(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.accounts[said["account"]].epoch = said["epoch"]


def _module_scheduled(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.module_active_at[said["module"]] = said["activeAt"]


RECORDERS: dict[str, Recorder] = {
    "Deposited": _deposited,
    "Withdrawn": _withdrawn,
    "ThawStarted": _thaw_started,
    "Moved": _moved,
    "EpochAdvanced": _epoch_advanced,
    "ModuleScheduled": _module_scheduled,
}
