"""`suanli claim`: a provider is paid by its own receipts, without its buyer's signature or a market."""

from pathlib import Path
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount

from suanli.direct.chain import Chain
from suanli.direct.coding import claim_values, hex_of, raw, values_of
from suanli.direct.console import FAILED, Common, command
from suanli.direct.docket import live_cases, rules_of
from suanli.direct.papers import Papers, by_order, of_node, read_papers
from suanli.direct.phases import Case, Phase, phase_of
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.errors import ChainError, ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

claim_app = typer.Typer(no_args_is_help=True, help="Be paid by your receipts alone.")
_EMPTY = "0x" + "00" * 32
_CLAIMS_PER_TRANSACTION = 50
"""Keeps a transaction well below a block's gas."""
_PATHS = typer.Argument(help="Bundle files, or folders of them.")
_JOURNAL = typer.Option("--journal", help="The agent's journal: every receipt in it.")


@command(claim_app, "open")
def open_(
    common: Common,
    paths: Annotated[list[Path] | None, _PATHS] = None,
    journal: Annotated[Path | None, _JOURNAL] = None,
) -> None:
    """Claim receipts that nobody paid: those of one order in one transaction. Repeats are harmless."""
    papers = read_papers(paths or [], journal)
    chain, key = common.chain(), common.key()
    chain.await_pending(key.address)
    own = of_node(papers, owned_nodes(chain, papers, key.address))
    if not own:
        raise ClientError(Reason.NOT_AUTHORISED, f"none of the receipts is of a node of {key.address}")
    opened: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    refused: list[dict[str, str]] = []
    for order, group in by_order(own).items():
        try:
            _open_order(chain, key, order, group, opened, skipped)
        except ChainError as error:
            if error.reason is not Reason.CONTRACT_REVERTED:
                raise
            refused.append({"order": order, "why": error.detail})  # the other orders' money is not lost
    lines = [f"opened {len(one['claims'])} claims on order {one['order']}" for one in opened]
    lines += [f"skipped {one['claim']}: {one['why']}" for one in skipped]
    lines += [f"refused order {one['order']}: {one['why']}" for one in refused]
    common.show({"opened": opened, "skipped": skipped, "refused": refused}, lines)
    if refused:
        raise typer.Exit(FAILED)


@command(claim_app, "close")
def close(
    common: Common, claims: Annotated[list[str] | None, typer.Argument(help="Ids; else yours.")] = None
) -> None:
    """Pay out unchallenged claims whose window is over."""
    chain, key = common.chain(), common.key()
    chain.await_pending(key.address)
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
    common.show(
        rows, [f"{one['claim']} {one['amount']} atoms: {one['phase']}, {one['until']}" for one in rows]
    )


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


def owned_nodes(chain: Chain, papers: list[Papers], account: Address) -> set[Address]:
    """Of the papers' nodes those that the account is, or owns."""
    nodes = {one.lease.message.node for one in papers}
    owners = {node: str(chain.read("GridRegistry", "nodeOf", node)[0]) for node in nodes}
    return {node for node in nodes if account in (node, owners[node])}


def _open_order(
    chain: Chain,
    key: LocalAccount,
    order: Hash,
    group: list[Papers],
    opened: list[dict[str, Any]],
    skipped: list[dict[str, str]],
) -> None:
    reasons = {one.lease.message.id(): _settled(chain, one) for one in group}
    skipped += [{"claim": claim, "why": why} for claim, why in reasons.items() if why]
    due = [one for one in group if not reasons[one.lease.message.id()]]
    if not due:
        return
    signed = due[0].order
    for first in range(0, len(due), _CLAIMS_PER_TRANSACTION):
        part = due[first : first + _CLAIMS_PER_TRANSACTION]
        arguments = values_of(signed.message), raw(signed.signature), [one.item() for one in part]
        hash_ = chain.send(key, "ClaimCourt", "openClaims", *arguments)
        ids = [one.lease.message.id() for one in part]
        opened.append({"order": order, "claims": ids, "transaction": hash_})


def _settled(chain: Chain, papers: Papers) -> str | None:
    """Why a receipt cannot be claimed any more; None when it can."""
    lease = papers.lease.message
    record = hex_of(chain.read("ClaimCourt", "recordOf", raw(lease.id())))
    if record != _EMPTY:
        return "a panel let it fall" if int(record, 16) == 1 else "it is claimed"
    paid = chain.read("Settlement", "isPaid", papers.order.message.buyer, lease.serial)
    return "it is paid" if paid else None
