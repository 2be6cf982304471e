"""`suanli auction`: sealed-bid auctions for large jobs, from the opening to the winner's deposit."""

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from suanli.direct.auction_book import Auction, auction_now, auction_terms, find_auction, is_sealed
from suanli.direct.auction_view import auctions_table, details, shown
from suanli.direct.bids import keep_bid, kept_bids
from suanli.direct.chain import Chain
from suanli.direct.coding import raw
from suanli.direct.console import Common, address_given, command
from suanli.direct.holdings import AuctionState
from suanli.direct.papers import read_job
from suanli.direct.quantities import (
    MONEY_BITS,
    QUALITY_BITS,
    TASK_BITS,
    atoms,
    fitting,
    hash_given,
    quality_rule,
    seconds,
)
from suanli.protocol.auctions import AuctionTerms, auction_id, bid_values, terms_values
from suanli.protocol.errors import ClientError
from suanli.protocol.merkle import spec_root
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment

auction_app = typer.Typer(no_args_is_help=True, help="Sealed-bid auctions for large jobs.")
Name = Annotated[str, typer.Argument(metavar="AUCTION", help="The auction's id.")]
_NONCE_BITS = 64


@command(auction_app, "open")
def open_(
    common: Common,
    budget: Annotated[str, typer.Option("--budget", help="Tokens for all tasks; the most you pay.")],
    deposit: Annotated[str, typer.Option("--deposit", help="Tokens that each bid risks.")],
    job: Annotated[Path | None, typer.Option("--job", help="The job's specification document.")] = None,
    root: Annotated[str | None, typer.Option("--spec-root", help="Its root, with --tasks, instead.")] = None,
    tasks: Annotated[int | None, typer.Option("--tasks", min=1, help="How many tasks it has.")] = None,
    bids_for: Annotated[str, typer.Option("--bids-for", help="How long bids are taken.")] = "1d",
    opening_for: Annotated[str, typer.Option("--opening-for", help="How long they are opened.")] = "12h",
    due_in: Annotated[str, typer.Option("--due-in", help="When the work is due, from now.")] = "7d",
    quality: Annotated[
        list[str] | None, typer.Option("--quality", help="LABEL:MOST:WEIGHT in tokens a unit; repeatable.")
    ] = None,
) -> None:
    """Ask for sealed bids on a job; the budget is set aside until the auction is over."""
    spec_root_, count = _work(job, root, tasks)
    chain, key = common.acting()
    now, deployment = chain.now(), chain.deployment
    commit_until = now + seconds("--bids-for", bids_for)
    terms = AuctionTerms(
        buyer=str(key.address),
        spec_root=spec_root_,
        tasks=count,
        budget=_money("--budget", budget, deployment),
        deposit=_money("--deposit", deposit, deployment),
        commit_until=commit_until,
        reveal_until=commit_until + seconds("--opening-for", opening_for),
        deadline=now + seconds("--due-in", due_in),
        nonce=secrets.randbits(_NONCE_BITS),
        qualities=tuple(quality_rule(one, deployment) for one in quality or []),
    )
    id_ = auction_id(terms, deployment.chain_id, chain.address("Bidding"))
    hash_ = chain.send(key, "Bidding", "openAuction", terms_values(terms))
    common.show({"auction": id_, "transaction": hash_}, [f"auction {id_}"])


@command(auction_app, "bid")
def bid(
    common: Common,
    auction: Name,
    node: Annotated[str, typer.Option("--node", help="Your connected node that would work.")],
    price: Annotated[str, typer.Option("--price", help="Tokens for all tasks.")],
    quality: Annotated[
        list[int] | None, typer.Option("--quality", min=0, help="One number for each quality, in order.")
    ] = None,
) -> None:
    """Seal a bid; its salt is kept in the state folder before anything is sent. Repeats are harmless."""
    chain, key = common.acting()
    found, bidder = find_auction(chain, auction), address_given("--node", node)
    qualities = tuple(fitting("--quality", one, QUALITY_BITS) for one in quality or [])
    if len(qualities) != len(found.terms.qualities):
        detail = f"the auction has {len(found.terms.qualities)} qualities, {len(qualities)} are given"
        raise ClientError(Reason.SETTINGS_INVALID, detail)
    if is_sealed(chain, found.id, bidder):
        common.show({"auction": found.id, "node": bidder, "transaction": None}, [f"{bidder} has bid before"])
        return
    if found.state is not AuctionState.OPEN or chain.now() > found.terms.commit_until:
        raise ClientError(Reason.STATE_CONFLICT, f"auction {found.id} takes no bids any more")
    kept = keep_bid(common.bids(), found.id, bidder, _money("--price", price, chain.deployment), qualities)
    arguments = terms_values(found.terms), bidder, raw(kept.seal())
    hash_ = chain.send(key, "Bidding", "commitBid", *arguments)
    common.show(
        {"auction": found.id, "node": bidder, "transaction": hash_},
        [
            f"bid of {bidder} is sealed: {hash_}",
            f"open it after {found.terms.commit_until}: the salt is here",
        ],
    )


@command(auction_app, "reveal")
def reveal(
    common: Common, auction: Annotated[str | None, typer.Argument(help="One auction; else all.")] = None
) -> None:
    """Open the bids that are kept in the state folder. Repeats are harmless."""
    named = None if auction is None else hash_given("AUCTION", auction)
    chain, key = common.acting()
    kept = [one for one in kept_bids(common.bids()) if named in (None, one.auction)]
    if not kept:
        raise ClientError(Reason.EVIDENCE_MISSING, f"no sealed bid is kept in {common.bids()}")
    rows: list[dict[str, Any]] = []
    for one in kept:
        found = find_auction(chain, one.auction)
        row = {"auction": one.auction, "node": one.node, "transaction": None, "why": None}
        why = _not_now(chain, found, one.node)
        if why is None:
            values = terms_values(found.terms), bid_values(one.bid())
            row["transaction"] = chain.send(key, "Bidding", "revealBid", *values)
        rows.append(row | {"why": why})
    common.show(rows, [f"{one['auction']} {one['node']}: {one['transaction'] or one['why']}" for one in rows])


@command(auction_app, "award")
def award(common: Common, auction: Name) -> None:
    """End the auction when its bids are open or their time is over: the best wins, or all money returns."""
    chain, key = common.acting()
    found = find_auction(chain, auction)
    hash_ = None
    if found.state is AuctionState.OPEN:
        hash_ = chain.send(key, "Bidding", "award", terms_values(found.terms))
        found = auction_now(chain, found.id, found.terms)
    common.show({**shown(chain, found), "transaction": hash_}, details(chain, found))


@command(auction_app, "close")
def close(common: Common, auction: Name) -> None:
    """Take an auction back that nobody bid in, or settle the winner's deposit of one that is awarded."""
    chain, key = common.acting()
    found = find_auction(chain, auction)
    call = {AuctionState.OPEN: "cancelAuction", AuctionState.AWARDED: "settleBond"}.get(found.state)
    is_over = call is None or bool(chain.said("Bidding", "BondSettled", auction=raw(found.id)))
    hash_ = None if is_over else chain.send(key, "Bidding", str(call), terms_values(found.terms))
    found = auction_now(chain, found.id, found.terms)
    common.show({**shown(chain, found), "transaction": hash_}, details(chain, found))


@command(auction_app, "list")
def list_(
    common: Common,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that the account opened.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
) -> None:
    """The auctions that run, or all, with their phase and its end."""
    chain = common.chain()
    named = {"buyer": common.whom()} if mine else {}
    found = [auction_now(chain, id_, terms) for id_, terms in auction_terms(chain, **named).items()]
    found = [one for one in found if every or one.state is AuctionState.OPEN]
    common.show([shown(chain, one) for one in found], [auctions_table(chain, found)])


@command(auction_app, "show")
def show(common: Common, auction: Name) -> None:
    """One auction: terms, phase, the best bid so far, the award."""
    chain = common.chain()
    found = find_auction(chain, auction)
    common.show(shown(chain, found), details(chain, found))


def _work(job: Path | None, root: str | None, tasks: int | None) -> tuple[Hash, int]:
    """The root over the tasks and their number."""
    if job is not None and root is None and tasks is None:
        spec = read_job(job)
        return spec_root(spec), len(spec.tasks)
    if job is None and root is not None and tasks is not None:
        return hash_given("--spec-root", root), fitting("--tasks", tasks, TASK_BITS)
    raise ClientError(Reason.SETTINGS_INVALID, "name the work by --job, or by --spec-root and --tasks")


def _money(name: str, text: str, deployment: Deployment) -> int:
    """An amount of an auction, in atoms."""
    return fitting(name, atoms(name, text, deployment), MONEY_BITS)


def _not_now(chain: Chain, found: Auction, node: Address) -> str | None:
    """Why a kept bid is not to be opened; None when it is."""
    now, terms = chain.now(), found.terms
    if found.state is not AuctionState.OPEN or not is_sealed(chain, found.id, node):
        return "nothing to open"
    if now <= terms.commit_until:
        return f"bids are opened after {terms.commit_until}, in {terms.commit_until + 1 - now} s"
    return f"bids were opened until {terms.reveal_until}" if now > terms.reveal_until else None
