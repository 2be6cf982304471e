"""Auctions for programs and for people: phases in words, scores and amounts. Sends nothing."""

from typing import Any

from rich.table import Table

from suanli.direct.auction_book import Auction, paid_tasks
from suanli.direct.chain import Chain
from suanli.direct.coding import raw
from suanli.direct.holdings import AuctionState
from suanli.direct.quantities import label_text
from suanli.direct.screen import moment, money, table


def phase_of(one: Auction, now: int) -> tuple[str, int]:
    """What may be done with an auction now, and until when; the deadline once it is over."""
    terms = one.terms
    if one.state is not AuctionState.OPEN:
        return one.state.name, terms.deadline
    if now <= terms.commit_until:
        return "BIDDING", terms.commit_until
    if one.sealed and now <= terms.reveal_until:
        return "OPENING", terms.reveal_until
    return "AWARDABLE", terms.deadline


def shown(chain: Chain, one: Auction) -> dict[str, Any]:
    """An auction for programs; amounts in atoms, times in seconds since the epoch."""
    phase, until = phase_of(one, chain.now())
    terms = one.terms
    return {
        "auction": one.id,
        "phase": phase,
        "until": until,
        "buyer": terms.buyer,
        "spec_root": terms.spec_root,
        "tasks": terms.tasks,
        "budget": str(terms.budget),
        "deposit": str(terms.deposit),
        "commit_until": terms.commit_until,
        "reveal_until": terms.reveal_until,
        "deadline": terms.deadline,
        "nonce": str(terms.nonce),
        "qualities": [
            {"label": label_text(rule.label), "maximum": rule.maximum, "weight": str(rule.weight)}
            for rule in terms.qualities
        ],
        "sealed_bids": one.sealed,
        "best": one.best,
        "score": None if one.score is None else str(one.score),
        "second_score": None if one.second_score is None else str(one.second_score),
        "award": _award(chain, one),
    }


def details(chain: Chain, one: Auction) -> list[Table | str]:
    """An auction for people."""
    value, deployment, now = shown(chain, one), chain.deployment, chain.now()
    rows: list[tuple[object, ...]] = [
        ("phase", f"{value['phase']} until {moment(value['until'], now)}"),
        ("buyer", one.terms.buyer),
        ("tasks", f"{one.terms.tasks} under {one.terms.spec_root}"),
        ("budget", money(one.terms.budget, deployment)),
        ("deposit", money(one.terms.deposit, deployment)),
        ("bids until", moment(one.terms.commit_until, now)),
        ("opened until", moment(one.terms.reveal_until, now)),
        ("work due", moment(one.terms.deadline, now)),
        ("sealed bids", one.sealed),
        ("best", f"{one.best}, score {one.score} atoms" if one.best else "none opened"),
    ]
    rows += [
        (f"quality {label_text(rule.label)}", f"≤ {rule.maximum}, {money(rule.weight, deployment)} a unit")
        for rule in one.terms.qualities
    ]
    if (award := value["award"]) is not None:
        payment = money(int(award["payment"]), deployment)
        rows.append(("award", f"{award['node']} for {payment}, {award['paid_tasks']} tasks paid or claimed"))
    return [table(f"auction {one.id}", ("what", "value"), rows)]


def auctions_table(chain: Chain, found: list[Auction]) -> Table:
    """Several auctions for people."""
    now, columns = chain.now(), ("auction", "phase", "until", ">tasks", ">budget", ">deposit", ">sealed bids")
    rows = []
    for one in found:
        phase, until = phase_of(one, now)
        amounts = (money(amount, chain.deployment) for amount in (one.terms.budget, one.terms.deposit))
        rows.append((one.id, phase, moment(until, now), one.terms.tasks, *amounts, one.sealed))
    return table("auctions", columns, rows)


def _award(chain: Chain, one: Auction) -> dict[str, Any] | None:
    if one.state is not AuctionState.AWARDED:
        return None
    node, payment, tasks, _, deadline = chain.read("Bidding", "awardOf", raw(one.id))
    return {
        "node": node,
        "payment": str(payment),
        "deadline": deadline,
        "paid_tasks": paid_tasks(chain, one.id, tasks),
        "release_at": chain.read("Bidding", "reservationOf", raw(one.id))[2],
        "bond_settled": bool(chain.said("Bidding", "BondSettled", auction=raw(one.id))),
    }
