"""`suanli claim`: a provider is paid by its own receipts, without its buyer's signature or a market."""

from pathlib import Path
from typing import Annotated, Any

import typer

from suanli.direct.award_papers import price_of, signed_award
from suanli.direct.chain import Chain
from suanli.direct.claiming import Claiming
from suanli.direct.coding import claim_values, raw
from suanli.direct.console import FAILED, Common, command
from suanli.direct.docket import live_cases, rules_of
from suanli.direct.durable import write_document
from suanli.direct.papers import read_job, read_papers
from suanli.direct.phases import Case, Phase, phase_of
from suanli.direct.quantities import hash_given
from suanli.direct.screen import moment, money, table
from suanli.direct.verdicts import read_verdict
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

claim_app = typer.Typer(no_args_is_help=True, help="Be paid by your receipts alone.")
_PATHS = typer.Argument(help="Bundle files, papers of awards, or folders of them.")
_JOURNAL = typer.Option("--journal", help="The agent's journal: every receipt in it.")


@command(claim_app, "open")
def open_(
    common: Common,
    paths: Annotated[list[Path] | None, _PATHS] = None,
    journal: Annotated[Path | None, _JOURNAL] = None,
) -> None:
    """Claim receipts that nobody paid: those of one order in one transaction. Repeats are harmless.

    Each open claim locks a part of its node's stake: where that backs no more, close some and repeat.
    """
    papers = read_papers(paths or [], journal)
    claiming = Claiming(*common.acting())
    claiming.open(papers)
    lines = [f"opened {len(one['claims'])} claims on order {one['order']}" for one in claiming.opened]
    lines += [f"skipped {one['claim']}: {one['why']}" for one in claiming.skipped]
    lines += [f"refused {one['claim']}: {one['why']}" for one in claiming.refused]
    value = {"opened": claiming.opened, "skipped": claiming.skipped, "refused": claiming.refused}
    common.show(value, lines)
    if claiming.refused:
        raise typer.Exit(FAILED)


@command(claim_app, "sign")
def sign(
    common: Common,
    auction: Annotated[str, typer.Argument(help="The auction that the node has won.")],
    task: Annotated[int, typer.Option("--task", min=0, help="Number of the finished task.")],
    job: Annotated[Path, typer.Option("--job", help="The job's specification document.")],
    work: Annotated[Path, typer.Option("--work", help="JSON of the run: outcome, result, usage.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where the paper goes; else stdout.")] = None,
) -> None:
    """With the node's key: sign the receipt of a finished task of its award, to be claimed by `open`."""
    spec, found, id_ = read_job(job), read_verdict(work), hash_given("AUCTION", auction)
    chain, key = common.chain(), common.key()
    node, payment, tasks, _, _ = chain.read("Bidding", "awardOf", raw(id_))
    if node != key.address:
        raise ClientError(Reason.NOT_AUTHORISED, f"the award of {id_} is not of the node {key.address}")
    if task >= min(tasks, len(spec.tasks)):
        raise ClientError(Reason.NOT_FOUND, f"the award has {tasks} tasks, the job {len(spec.tasks)}")
    paper = signed_award(key, chain.domain, id_, task, spec, found, price_of(payment, tasks, task))
    if out is None:
        typer.echo(paper.model_dump_json(indent=2))
        return
    write_document(out, paper.model_dump_json(indent=2))
    value = {"claim": paper.claim_id(), "amount": str(paper.receipt.message.amount), "paper": str(out)}
    common.show(value, [f"{out}: task {task} for {money(int(value['amount']), chain.deployment)}"])


@command(claim_app, "close")
def close(
    common: Common, claims: Annotated[list[str] | None, typer.Argument(help="Ids; else yours.")] = None
) -> None:
    """Pay out unchallenged claims whose window is over. Repeats are harmless."""
    chain, key = common.acting()
    rules, now = rules_of(chain), chain.now()
    named = {one.lower() for one in claims or []}
    cases = [
        one
        for one in live_cases(chain)
        if one.claim.id in named or (not named and is_of(chain, one, key.address))
    ]
    if missing := named - {one.claim.id for one in cases}:
        raise ClientError(Reason.NOT_FOUND, f"no open claim has the id {min(missing)}")
    closed, waiting = [], []
    for case in cases:
        if phase_of(case, rules, now)[0] is not Phase.CLOSABLE:
            waiting.append(shown(case, rules, now))
            continue
        hash_ = chain.send(key, "ClaimCourt", "closeClaim", claim_values(case.claim))
        closed.append({"claim": case.claim.id, "amount": str(case.claim.amount), "transaction": hash_})
    lines = [f"closed {one['claim']}: {one['amount']} atoms" for one in closed]
    lines += [f"{one['claim']} is in {one['phase']} until {one['until']}" for one in waiting]
    common.show({"closed": closed, "waiting": waiting}, lines)


@command(claim_app, "list")
def list_(
    common: Common, everyone: Annotated[bool, typer.Option("--everyone", help="Not only yours.")] = False
) -> None:
    """Open claims of one's nodes with their phase and its end."""
    chain = common.chain()
    whom = None if everyone else common.whom()
    rules, now = rules_of(chain), chain.now()
    cases = [one for one in live_cases(chain) if whom is None or is_of(chain, one, whom)]
    rows = [shown(one, rules, now) for one in cases]
    columns = ("claim", ">amount", "phase", "until")
    lines = [
        (one["claim"], money(int(one["amount"]), chain.deployment), one["phase"], moment(one["until"], now))
        for one in rows
    ]
    common.show(rows, [table("open claims", columns, lines)])


def shown(case: Case, rules: CourtRules, now: int) -> dict[str, Any]:
    """A case for programs; `until` is the phase's last second, or the first of one without end."""
    phase, until = phase_of(case, rules, now)
    claim = case.claim
    return {
        "claim": claim.id,
        "dispute": case.dispute,
        "order": claim.order,
        "task": claim.task,
        "node": claim.node,
        "buyer": claim.buyer,
        "challenger": None if case.challenge is None else case.challenge.challenger,
        "amount": str(claim.amount),
        "phase": phase.value,
        "until": until,
    }


def is_of(chain: Chain, case: Case, account: Address) -> bool:
    """Whether a claim is the account's, as node or as its owner."""
    node = case.claim.node
    return account in (node, str(chain.read("GridRegistry", "ownerOf", node)))
