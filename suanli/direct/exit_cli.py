"""`suanli exit`: takes everything that an account has out of the contracts, step by step, needing nobody."""

import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from suanli.direct.chain import Chain
from suanli.direct.claiming import own_papers
from suanli.direct.console import FAILED, Common, address_given, command, report
from suanli.direct.discovery import discover
from suanli.direct.durable import write_document
from suanli.direct.exit_view import choice_shown, choices_table, place_shown, places_table
from suanli.direct.holdings import Holdings
from suanli.direct.leaving import Leaving
from suanli.direct.papers import AnyPapers, read_journal
from suanli.direct.quantities import whole
from suanli.direct.receipts_due import claim_choices, claimable
from suanli.direct.screen import moment
from suanli.direct.steps import choices, places
from suanli.direct.survey import survey
from suanli.protocol.deployment import to_text
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

exit_app = typer.Typer(no_args_is_help=True, help="Take out everything, with no market.")
Journal = Annotated[
    Path | None,
    typer.Option("--journal", help="Your agent's journal: what is unpaid in it is claimed first."),
]
To = Annotated[str | None, typer.Option("--to", help="Who is paid in the end; else your own account.")]


@command(exit_app, "status")
def status(common: Common, journal: Journal = None) -> None:
    """Every place where money of the account stands, when it can be had, the next step, and your choices."""
    chain, account = common.chain(), common.whom()
    holdings = survey(chain, account, common.home())
    unpaid = claimable(chain, _papers(chain, account, journal), holdings.now)
    _show(common, chain, holdings, [], unpaid)


@command(exit_app, "step")
def step(common: Common, to: To = None, journal: Journal = None) -> None:
    """Send every step that is possible now, once."""
    leaving = _leaving(common, to, journal)
    leaving.step()
    _finish(common, leaving)


@command(exit_app, "all")
def all_(
    common: Common,
    to: To = None,
    journal: Journal = None,
    wait: Annotated[bool, typer.Option("--wait", help="Go on until everything is withdrawn.")] = False,
    poll: Annotated[float, typer.Option("--poll", min=0.1, help="Seconds between looks.")] = 15.0,
) -> None:
    """Send steps until none is possible; with --wait until nothing is left. May be interrupted.

    Give the agent's journal, or open your claims before: a node whose stake is out can back none.
    """
    leaving, told = _leaving(common, to, journal), set[tuple[str, str]]()
    while True:
        leaving.run()
        _warn(common, leaving, told)
        if not wait or leaving.has_failed or leaving.is_out():
            break
        time.sleep(poll)
    _finish(common, leaving)


@command(exit_app, "cancel")
def cancel(
    common: Common,
    nonce: Annotated[str, typer.Argument(help="The order's or ask's nonce.")],
    node: Annotated[str | None, typer.Option("--node", help="Cancel the ask of this node of yours.")] = None,
) -> None:
    """Cancel one's order or ask: nothing may be leased under it, and a reservation ends sooner."""
    number = whole("NONCE", nonce, 256)
    chain, key = common.acting()
    account = str(key.address) if node is None else address_given("--node", node)
    named = ("cancel", number) if node is None else ("cancelForNode", account, number)
    before = chain.read("Bidding", "cancelledAt", account, number)
    hash_ = None if before else chain.send(key, "Bidding", *named)
    at = chain.read("Bidding", "cancelledAt", account, number)
    value = {"nonce": nonce, "cancelled_at": at, "transaction": hash_}
    common.show(value, [f"{nonce} is cancelled since {at}"])


@command(exit_app, "void")
def void(common: Common) -> None:
    """Kill every batch that was signed for the account and has not landed (`advanceEpoch` to now)."""
    chain, key = common.acting()
    epoch, last = chain.now(), chain.read("Ledger", "accountOf", key.address)[1]
    hash_ = chain.send(key, "Settlement", "advanceEpoch", epoch) if last < epoch else None
    epoch = chain.read("Ledger", "accountOf", key.address)[1]
    common.show({"epoch": str(epoch), "transaction": hash_}, [f"no batch up to epoch {epoch} can land"])


@command(exit_app, "find")
def find(
    common: Common,
    ledger: Annotated[str, typer.Argument(help="The Ledger's address, as in your deposit.")],
    out: Annotated[Path, typer.Option("--out", help="Where the deployment file goes.")],
    operator: Annotated[
        str | None, typer.Option("--operator", help="Its operator; else the fee's recipient stands for it.")
    ] = None,
) -> None:
    """Write the deployment file anew, from the chain alone: the contracts name each other."""
    if common.rpc is None:
        raise ClientError(Reason.SETTINGS_INVALID, "name a node of the chain with --rpc")
    named = None if operator is None else address_given("--operator", operator)
    found = discover(common.rpc, address_given("LEDGER", ledger), named)
    write_document(out, to_text(found))
    common.show(found.model_dump(mode="json"), [f"{out}: the deployment around {found.ledger}"])


def _leaving(common: Common, to: str | None, journal: Path | None) -> Leaving:
    chain, key = common.chain(), common.key()
    receiver = str(key.address) if to is None else address_given("--to", to)
    papers = _papers(chain, str(key.address), journal)
    warn = partial(report, as_json=common.as_json)
    return Leaving(chain, key, receiver, common.home(), warn, papers)


def _papers(chain: Chain, account: Address, journal: Path | None) -> list[AnyPapers]:
    """The receipts of the account's nodes in a journal; none without one."""
    return [] if journal is None else own_papers(chain, account, read_journal(journal))


def _warn(common: Common, leaving: Leaving, told: set[tuple[str, str]]) -> None:
    """Say on stderr, once each, what only the account's holder can decide while the command waits."""
    holdings = survey(leaving.chain, leaving.key.address, common.home())
    for one in choices(holdings):
        if (one.what, one.subject) not in told:
            told.add((one.what, one.subject))
            until = moment(one.until, holdings.now)
            typer.echo(f"→ {one.what}, {one.subject}, until {until}: {one.command}", err=True)


def _finish(common: Common, leaving: Leaving) -> None:
    holdings = survey(leaving.chain, leaving.key.address, common.home())
    _show(common, leaving.chain, holdings, leaving.sent, leaving.unpaid(holdings.now))
    if leaving.has_failed:
        raise typer.Exit(FAILED)


def _show(
    common: Common, chain: Chain, holdings: Holdings, sent: list[dict[str, Any]], unpaid: list[AnyPapers]
) -> None:
    account: Address = holdings.account
    found, open_choices = places(holdings, account), [*claim_choices(chain, unpaid), *choices(holdings)]
    lines: list[Table | str] = [
        f"{one['step']} {one['subject']}: {one.get('transaction') or one['failure']}" for one in sent
    ]
    lines.append(places_table(chain, holdings, found) if found else "nothing is left in the contracts")
    if open_choices:
        lines.append(choices_table(chain, holdings, open_choices))
    value = {
        "account": account,
        "now": holdings.now,
        "out": not found and not unpaid,
        "sent": sent,
        "places": [place_shown(chain, one) for one in found],
        "choices": [choice_shown(one) for one in open_choices],
    }
    common.show(value, lines)
