"""`duties`: the panels on which this node sits, with state and deadlines, from its journal."""

import os
import time
from datetime import UTC, datetime

import typer

from provider_agent.cli.options import HomeOption, JsonOption, find_home
from provider_agent.cli.output import Output, money, reporting, rows_table, short
from provider_agent.home import Home
from provider_agent.journal import open_database
from provider_agent.judging.duties import duty_json, finding, next_deadline
from provider_agent.judging.duty import Duty
from provider_agent.judging.duty_journal import DutyJournal
from provider_agent.settings import load_settings
from suanli.protocol.wire.accounts import Deployment

_COLUMNS = ["dispute", ">round", ">seat", "state", "claim", ">amount", "verdict", "act until", "in the way"]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("duties")(show_duties)


def show_duties(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the panels that this node was drawn into: what it found, what is still to do, until when."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        deployment = load_settings(place, os.environ).deployment
        duties = read_duties(place)
        rows = [_row(duty, deployment) for duty in duties]
        output.show([duty_json(duty) for duty in duties], rows_table("Jury duties", _COLUMNS, rows))


def read_duties(home: Home) -> list[Duty]:
    """Every duty in the node's journal."""
    database = open_database(home.journal)
    try:
        return DutyJournal(database).all()
    finally:
        database.close()


def open_duties(home: Home) -> list[Duty]:
    """Those for which the node's agent must still run."""
    now = time.time()
    return [duty for duty in read_duties(home) if (next_deadline(duty) or 0) >= now]


def _row(duty: Duty, deployment: Deployment) -> list[object]:
    claim, until = duty.claim, next_deadline(duty)
    return [
        short(duty.seat.dispute),
        duty.seat.round,
        duty.seat.number,
        duty.state.value,
        "" if claim is None else short(claim.id),
        "" if claim is None else money(claim.amount, deployment),
        finding(duty) or "",
        "" if until is None else datetime.fromtimestamp(until, UTC).isoformat(),
        f"{duty.reason} {duty.detail}".strip() or duty.grounds,
    ]
