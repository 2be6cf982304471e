"""A node's jury duties as people and programs see them. Pure."""

from typing import Any

from provider_agent.judging.duty import UNFINISHED, Duty, DutyState


def duty_json(duty: Duty) -> dict[str, Any]:
    """A duty as plain JSON values; times in Unix seconds, the claim's amount in atoms."""
    claim = duty.claim
    return {
        "dispute": duty.seat.dispute,
        "round": duty.seat.round,
        "seat": duty.seat.number,
        "state": duty.state.value,
        "claim": None if claim is None else claim.id,
        "node": None if claim is None else claim.node,
        "amount": None if claim is None else str(claim.amount),
        "verdict": finding(duty),
        "drawn_at": duty.seat.drawn_at,
        "seal_until": duty.seal_until,
        "open_until": duty.open_until,
        "grounds": duty.grounds,
        "reason": duty.reason,
        "detail": duty.detail,
    }


def finding(duty: Duty) -> str | None:
    """What the juror found: TRUE, FALSE or UNAVAILABLE; None before it has judged."""
    if duty.verdict is None:
        return None
    if duty.verdict.abstains():
        return "UNAVAILABLE"
    return "TRUE" if duty.claim is not None and duty.verdict.upholds(duty.claim) else "FALSE"


def next_deadline(duty: Duty) -> int | None:
    """The last second for what the node still has to do; None when nothing is left."""
    if duty.state not in UNFINISHED:
        return None
    return duty.open_until if duty.state is DutyState.SEALED else duty.seal_until
