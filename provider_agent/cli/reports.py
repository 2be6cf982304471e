"""`status` and `earnings`: what the node does and what it earned, from its journal and the chain."""

import csv
import os
import sys
import time
from typing import Annotated, Any

import typer

from provider_agent.agent import Connections
from provider_agent.cli.duties import open_duties
from provider_agent.cli.options import HomeOption, JsonOption, find_home
from provider_agent.cli.output import Output, facts_table, money, reporting, rows_table, short, wait_for
from provider_agent.daemon import DRAINING_FACT
from provider_agent.earnings import Earning, by_job, earnings
from provider_agent.home import Home
from provider_agent.journal import Journal, open_database
from provider_agent.judging.duties import duty_json
from provider_agent.judging.purse import open_purse
from provider_agent.keys import open_key
from provider_agent.settings import Settings, load_settings
from suanli.protocol.errors import ChainError
from suanli.protocol.states import RUN, is_final
from suanli.protocol.units import DIMENSIONS
from suanli.protocol.wire.accounts import Deployment


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("status")(status)
    app.command("earnings")(show_earnings)


def status(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what this node is doing."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        value = _status(place, settings)
        leases = [
            [short(one["lease"]), one["state"], one["starts"], one["reason"] or ""] for one in value["leases"]
        ]
        facts = {k: len(v) if k == "duties" else v for k, v in value.items() if k != "leases"}
        table = rows_table("Leases", ["lease", "state", ">starts", "reason"], leases)
        output.show(value, facts_table("Node", facts), table)


def show_earnings(
    context: typer.Context,
    home: HomeOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="One line for each receipt.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what this node earned, by job and dimension."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        settings = load_settings(place, os.environ)
        receipts = earnings(open_database(place.journal))
        if as_csv:
            _write_csv(receipts)
            return
        jobs = by_job(receipts)
        value = {"jobs": [one.to_json() for one in jobs], "receipts": [one.to_json() for one in receipts]}
        output.show(value, _jobs_table(jobs, settings.deployment))


def _status(home: Home, settings: Settings) -> dict[str, Any]:
    node = open_key(home.node_keystore, home.node_password).address
    journal = Journal(open_database(home.journal))
    receipts = earnings(journal.database)
    live = [held for held in journal.relevant(int(time.time())) if not is_final(RUN, held.state)]
    return {
        "node": node,
        "owner": settings.owner,
        "market": settings.market,
        "running": home.is_locked(),
        "draining": journal.fact(DRAINING_FACT) == "1",
        **wait_for(_on_chain(home, settings)),
        "duties": [duty_json(duty) for duty in open_duties(home)],
        "receipts": len(receipts),
        "receipts_paid": sum(one.way is not None for one in receipts),
        "earned": money(sum(one.net for one in receipts if one.way), settings.deployment),
        "outstanding": money(sum(one.amount for one in receipts if not one.way), settings.deployment),
        "under_claim": money(sum(one.amount for one in receipts if one.claimed), settings.deployment),
        "leases": [
            {
                "lease": held.lease,
                "state": held.state.value,
                "starts": held.starts,
                "reason": held.reason and held.reason.value,
                "detail": held.detail,
            }
            for held in live
        ],
    }


async def _on_chain(home: Home, settings: Settings) -> dict[str, str | None]:
    """State and stake of the node, and whether it could judge; what went wrong stands for the state."""
    key, deployment = open_key(home.node_keystore, home.node_password), settings.deployment
    connections = Connections.open(settings, key)
    try:
        state = (await connections.chain.node(key.address)).state.name
        total, locked = await connections.chain.stake(key.address)
        shortage = await open_purse(connections.chain, key, home).shortage()
    except ChainError as error:
        return {"on_chain": error.reason.value, "stake": None, "stake_locked": None, "gas_for_judging": None}
    finally:
        await connections.close()
    amounts = {"stake": money(total, deployment), "stake_locked": money(locked, deployment)}
    return {"on_chain": state, **amounts, "gas_for_judging": shortage or "enough"}


def _jobs_table(jobs: list[Any], deployment: Deployment) -> Any:
    names = [dimension.name for dimension in DIMENSIONS]
    columns = ["job", "buyer", ">receipts", *(f">{name}" for name in names), ">charged", ">fee", ">paid out"]
    rows = [
        [
            short(one.job),
            short(one.buyer),
            one.receipts,
            *(money(one.by_dimension[name], deployment) for name in names),
            money(one.amount, deployment),
            money(one.fee, deployment),
            money(one.paid, deployment),
        ]
        for one in jobs
    ]
    return rows_table("Earnings", columns, rows)


def _write_csv(receipts: list[Earning]) -> None:
    """Amounts in atoms, lines in micro-atoms."""
    names = [dimension.name for dimension in DIMENSIONS]
    writer = csv.writer(sys.stdout)
    writer.writerow(
        [
            "finished_at",
            "job",
            "task",
            "lease",
            "receipt",
            "buyer",
            "amount",
            "fee",
            "net",
            "way",
            "transaction",
        ]
        + [f"{name}_used" for name in names]
        + [f"{name}_micro_atoms" for name in names]
    )
    for one in receipts:
        facts = [
            one.finished_at,
            one.job,
            one.task,
            one.lease,
            one.receipt,
            one.buyer,
            one.amount,
            one.fee,
            one.net,
        ]
        writer.writerow(
            [*facts, one.way or "", one.transaction or ""]
            + [one.usage[name] for name in names]
            + [one.lines[name] for name in names]
        )
