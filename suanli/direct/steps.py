"""Where an account's money stands and the next step that brings each part home, with its time. Pure rules.

Every step may be repeated by anyone who was interrupted: what has happened is not in the next snapshot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from suanli.direct.coding import challenge_values, claim_values, raw
from suanli.direct.holdings import AuctionHolding, AuctionState, Holdings, OwnedNode
from suanli.direct.phases import Case, ends_at
from suanli.protocol.abi import ContractName
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address


@dataclass(frozen=True, slots=True)
class Step:
    """A transaction that the account may send from `ready_at` on (seconds since the epoch; 0: now)."""

    contract: ContractName
    function: str
    subject: str
    arguments: tuple[Any, ...]
    ready_at: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the money: of what kind, whose or which, how many atoms, and the step that moves it on.

    `step` is None where only somebody else, or another step first, can move it.
    """

    kind: str
    subject: str
    amount: int
    step: Step | None


def places(holdings: Holdings, to: Address) -> list[Place]:
    """Every place where money of the account stands; `to` is paid in the end."""
    elsewhere = [
        *(_node(node) for node in holdings.nodes if node.state is not NodeState.RELEASED),
        *(
            Place("reservation", one.order, one.amount, _release(one.order, one.release_at))
            for one in holdings.reservations
            if one.amount
        ),
        *(place for auction in holdings.auctions for place in _auction(auction, holdings.now)),
        *(_case(holdings, case) for case in holdings.cases),
        *_bond(holdings),
    ]
    return [*elsewhere, *_balance(holdings, sum(one.amount for one in elsewhere), to)]


def possible(found: list[Place], now: int) -> list[Step]:
    """The steps that may be sent at `now`, each once."""
    steps = [place.step for place in found if place.step is not None and place.step.ready_at <= now]
    return list({(step.function, step.subject): step for step in steps}.values())


def _balance(holdings: Holdings, elsewhere: int, to: Address) -> Iterator[Place]:
    """Thaws at once what stands elsewhere too, so that it can leave as soon as it arrives."""
    total = holdings.balance + elsewhere
    if not total:
        return
    subject = holdings.account
    if not holdings.thawing:
        yield Place("balance", subject, holdings.balance, Step("Ledger", "thaw", subject, (total,)))
    elif holdings.balance:
        step = Step("Ledger", "withdraw", subject, (to,), holdings.thaw_ready_at)
        yield Place("balance", subject, holdings.balance, step)


def _node(node: OwnedNode) -> Place:
    if node.state in (NodeState.CONNECTED, NodeState.DRAINING):
        return Place(
            "stake", node.node, node.stake, Step("GridRegistry", "disconnect", node.node, (node.node,))
        )
    step = Step("GridRegistry", "release", node.node, (node.node,), node.releasable_at)
    return Place("stake", node.node, node.stake, None if node.locked else step)


def _release(order: str, release_at: int) -> Step:
    return Step("Bidding", "release", order, (raw(order),), release_at)


def _auction(one: AuctionHolding, now: int) -> Iterator[Place]:
    for kind, amount in (("auction budget", one.budget), ("auction deposit", one.deposits)):
        if amount:
            yield Place(kind, one.auction, amount, _auction_step(one, now))


def _auction_step(one: AuctionHolding, now: int) -> Step:
    if one.state is AuctionState.AWARDED:
        ready_at = 0 if one.finished else one.release_at
        return Step("Bidding", "settleBond", one.auction, (one.terms,), ready_at)
    if one.budget and not one.bids and now < one.commit_until:
        return Step("Bidding", "cancelAuction", one.auction, (one.terms,))
    over = one.reveal_until if one.sealed else one.commit_until
    return Step("Bidding", "award", one.auction, (one.terms,), over + 1)


def _case(holdings: Holdings, case: Case) -> Place:
    claim, ready_at = case.claim, ends_at(case, holdings.rules)
    if case.challenge is None:
        step = Step("ClaimCourt", "closeClaim", claim.id, (claim_values(claim),), ready_at)
        return Place("claim", claim.id, claim.amount, step)
    handed_in = claim_values(claim), challenge_values(case.challenge)
    step = Step("ClaimCourt", "resolve", claim.id, handed_in, ready_at)
    own = case.challenge.challenger == holdings.account
    bond = holdings.rules.challenge_bond if own else 0
    party = claim.buyer == holdings.account or any(node.node == claim.node for node in holdings.nodes)
    return Place("dispute", claim.id, (claim.amount if party else 0) + bond, step)


def _bond(holdings: Holdings) -> Iterator[Place]:
    if not holdings.bond:
        return
    subject, releasable_at = holdings.account, holdings.bond_releasable_at
    step = Step("EpochAnchors", "unbond", subject, ())
    if releasable_at:
        step = Step("EpochAnchors", "withdrawBond", subject, (), releasable_at)
    yield Place("operator bond", subject, holdings.bond, step)
