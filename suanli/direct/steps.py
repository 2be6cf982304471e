"""Where an account's money stands and the next step that brings each part home, with its time. Pure rules.

Every step may be repeated by anyone who was interrupted: what has happened is not in the next snapshot.
"""

from collections.abc import Iterator

from suanli.direct import auction_steps, court_steps
from suanli.direct.coding import raw
from suanli.direct.holdings import Holdings, OwnedNode, Reserved
from suanli.direct.moves import Choice, Place, Step
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address

__all__ = ["Place", "Step", "choices", "places", "possible"]


def places(holdings: Holdings, to: Address) -> list[Place]:
    """Every place where money of the account stands or is at risk; `to` is paid in the end."""
    elsewhere = [
        *(_delegation(holdings, one.delegate, one.remaining) for one in holdings.delegations),
        *(place for one in holdings.auctions for place in auction_steps.places(holdings, one)),
        *(place for case in holdings.cases for place in court_steps.case_places(holdings, case)),
        *(place for seat in holdings.seats for place in court_steps.seat_places(holdings, seat)),
        *(_reservation(holdings, one) for one in holdings.reservations if one.amount),
        *(_node(holdings, node) for node in holdings.nodes if node.state is not NodeState.RELEASED),
        *_bond(holdings),
    ]
    total = sum(one.amount for one in elsewhere if not one.exposed)
    return [*elsewhere, *_balance(holdings, total, to)]


def possible(found: list[Place], now: int) -> list[Step]:
    """The steps that may be sent at `now`, each once."""
    steps = [place.step for place in found if place.step is not None and place.step.ready_at <= now]
    return list({(step.function, step.subject): step for step in steps}.values())


def choices(holdings: Holdings) -> list[Choice]:
    """What only the account's holder can decide now, the most urgent first."""
    found = [
        *(one for auction in holdings.auctions for one in auction_steps.choices(holdings, auction)),
        *(one for case in holdings.cases for one in court_steps.choices(holdings, case)),
        *(one for seat in holdings.seats for one in court_steps.seat_choices(holdings, seat)),
    ]
    return sorted(found, key=lambda one: one.until)


def _delegation(holdings: Holdings, delegate: Address, remaining: int) -> Place:
    step = Step("GridRegistry", "revoke", delegate, (delegate,))
    return Place("delegation", delegate, remaining, step, holdings.now, exposed=True)


def _balance(holdings: Holdings, elsewhere: int, to: Address) -> Iterator[Place]:
    """Thaws at once what stands elsewhere too, so that it can leave as soon as it arrives."""
    total, now, wait = holdings.balance + elsewhere, holdings.now, holdings.waits.thaw
    if not total:
        return
    subject = holdings.account
    if not holdings.thawing:
        step = Step("Ledger", "thaw", subject, (total,))
        yield Place("balance", subject, holdings.balance, step, now + wait)
    elif holdings.balance:
        ready_at = max(holdings.thaw_ready_at, now)
        step = Step("Ledger", "withdraw", subject, (to,), holdings.thaw_ready_at)
        due_at = ready_at if holdings.thawing >= holdings.balance else ready_at + wait
        yield Place("balance", subject, holdings.balance, step, due_at)


def _reservation(holdings: Holdings, one: Reserved) -> Place:
    """A known order is cancelled first, since its end is what the release waits for."""
    if one.nonce is not None:
        step = Step("Bidding", "cancel", one.order, (one.nonce,))
        due_at = min(one.release_at, holdings.now + holdings.waits.claim_grace + 1)
        return Place("reservation", one.order, one.amount, step, due_at)
    step = Step("Bidding", "release", one.order, (raw(one.order),), one.release_at)
    return Place("reservation", one.order, one.amount, step, one.release_at)


def _node(holdings: Holdings, node: OwnedNode) -> Place:
    free_at = max([holdings.now, *court_steps.ends_of(holdings, node.node)]) if node.locked else holdings.now
    step: Step | None
    if node.state in (NodeState.CONNECTED, NodeState.DRAINING):
        step = Step("GridRegistry", "disconnect", node.node, (node.node,))
        due_at = max(free_at, holdings.now + holdings.waits.unbonding)
    else:
        step = Step("GridRegistry", "release", node.node, (node.node,), node.releasable_at)
        step, due_at = (None if node.locked else step), max(free_at, node.releasable_at)
    return Place("stake", node.node, node.stake, step, due_at)


def _bond(holdings: Holdings) -> Iterator[Place]:
    if not holdings.bond:
        return
    subject, releasable_at = holdings.account, holdings.bond_releasable_at
    step = Step("EpochAnchors", "unbond", subject, ())
    due_at = holdings.now + holdings.waits.operator_unbonding
    if releasable_at:
        step, due_at = Step("EpochAnchors", "withdrawBond", subject, (), releasable_at), releasable_at
    yield Place("operator bond", subject, holdings.bond, step, due_at)
