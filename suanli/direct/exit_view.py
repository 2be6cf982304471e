"""The way out for people and for programs: places of money with their next step, choices with their end."""

from typing import Any

from rich.table import Table

from suanli.direct.chain import Chain
from suanli.direct.holdings import Holdings
from suanli.direct.moves import Choice, Place
from suanli.direct.screen import moment, money, table


def places_table(chain: Chain, holdings: Holdings, found: list[Place]) -> Table:
    """Where money stands, for people."""
    columns = ("what", "which", ">amount", "next step", "to be had")
    rows = [
        (
            one.kind + (" (at risk)" if one.exposed else ""),
            one.subject,
            money(one.amount, chain.deployment),
            _next_step(one, holdings.now),
            moment(one.due_at, holdings.now),
        )
        for one in found
    ]
    return table(f"money of {holdings.account}", columns, rows)


def choices_table(chain: Chain, holdings: Holdings, found: list[Choice]) -> Table:
    """What the holder can decide, for people."""
    columns = ("your choice", "which", "until", ">stake", "command")
    rows = [
        (
            one.what,
            one.subject,
            moment(one.until, holdings.now),
            money(one.stake, chain.deployment),
            one.command,
        )
        for one in found
    ]
    return table("what only you can decide", columns, rows)


def place_shown(chain: Chain, place: Place) -> dict[str, Any]:
    """A place for programs; `to` and `data` let a wallet without a key file send the step."""
    step: dict[str, Any] | None = None
    if (one := place.step) is not None:
        data = chain.calldata(one.contract, one.function, *one.arguments)
        to = chain.address(one.contract)
        step = {"name": one.function, "ready_at": one.ready_at, "to": to, "data": data}
    return {
        "kind": place.kind,
        "subject": place.subject,
        "amount": str(place.amount),
        "step": step,
        "due_at": place.due_at,
        "at_risk": place.exposed,
    }


def choice_shown(one: Choice) -> dict[str, Any]:
    """A choice for programs."""
    return {
        "what": one.what,
        "subject": one.subject,
        "until": one.until,
        "stake": str(one.stake),
        "command": one.command,
    }


def _next_step(one: Place, now: int) -> str:
    if one.step is None:
        return "none before its claims are over"
    return f"{one.step.function} {moment(one.step.ready_at, now)}"
