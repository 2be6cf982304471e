"""What the ClaimCourt's events say: claims, the money that the court holds for them, and how they end."""

from typing import Any

from suanli.audit.books import disputes
from suanli.audit.books.records import Claim, ClaimState
from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.checks import check
from suanli.protocol.court import Ruling
from suanli.protocol.reasons import Reason


def held(books: Books) -> int:
    """What the court's account must hold: open claims and the bonds of open disputes, in atoms."""
    claims = [claim for claim in books.claims.values() if claim.is_open]
    return sum(claim.amount + disputes.bonds(books, claim) for claim in claims)


def _claim_opened(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Takes the serial, and the money from the buyer's balance or from the order's reservation."""
    told = said["claim"]
    claim = Claim(
        **{name: told[name] for name in ("id", "order", "task", "node", "buyer", "payer", "awarded")},
        **{name: told[name] for name in ("serial", "amount", "work")},
        opened_at=told["openedAt"],
        transaction=event.transaction,
    )
    reservation = books.reservations.get(claim.order)
    payer = claim.buyer if reservation is None else reservation.account
    repeated = books.serials.take(claim.space, [claim.serial], f"claim {claim.id}")
    named = tuple(said[name] for name in ("id", "order", "node")) == (claim.id, claim.order, claim.node)
    books.checks += [
        check("claim_named", named, f"claim {claim.id} is named as what it is"),
        check("claim_payer", claim.payer == payer, f"{claim.payer} pays claim {claim.id}, {payer} is due"),
        check("claim_opened_at", claim.opened_at == event.at, f"{claim.opened_at} in claim {claim.id}"),
        check("claim_once", not _is_known(books, claim), f"claim {claim.id}", Reason.MESSAGE_REPLAYED),
        check(
            "serials_once", not repeated, "; ".join(repeated) or f"claim {claim.id}", Reason.MESSAGE_REPLAYED
        ),
    ]
    books.claims[claim.id] = claim
    books.explain(claim.payer, books.modules.court, claim.amount)


def _claim_closed(books: Books, event: Event, said: dict[str, Any]) -> None:
    """Unchallenged for the whole window: pays the node's owner."""
    claim = books.claims[said["id"]]
    waited = event.at > claim.opened_at + books.rules.claim_window_seconds
    open_ = claim.state is ClaimState.OPEN
    books.checks.append(check("claim_window", waited and open_, f"claim {claim.id} was open for its window"))
    claim.state, claim.payee = ClaimState.PAID, books.nodes[claim.node].owner
    claim.ended_in, claim.ended_at = event.transaction, event.at
    books.explain(books.modules.court, claim.payee, claim.amount)
    right = (said["node"], said["payee"], said["amount"]) == (claim.node, claim.payee, claim.amount)
    books.checks.append(check("payee", right, f"{claim.payee} is paid {claim.amount} for node {claim.node}"))


def _dispute_resolved(books: Books, event: Event, said: dict[str, Any]) -> None:
    claim, ruling = books.claims[said["id"]], Ruling(said["ruling"])
    named = claim.dispute is not None and claim.dispute.id == said["dispute"]
    books.checks.append(check("claim_named", named, f"dispute {said['dispute']} is of claim {claim.id}"))
    disputes.end(books, claim, ruling, event.at)
    if ruling is Ruling.STANDS:
        claim.state, claim.payee = ClaimState.PAID, books.nodes[claim.node].owner
    else:
        books.serials.give_back(claim.space, claim.serial)
        claim.state = ClaimState.FALLEN if ruling is Ruling.FALLS else ClaimState.RETURNED
    claim.ended_in, claim.ended_at = event.transaction, event.at


def _is_known(books: Books, claim: Claim) -> bool:
    """A claim that no panel decided may come again; every other one comes once."""
    known = books.claims.get(claim.id)
    return known is not None and known.state is not ClaimState.RETURNED


RECORDERS: dict[str, Recorder] = {
    "ClaimOpened": _claim_opened,
    "ClaimClosed": _claim_closed,
    "DisputeResolved": _dispute_resolved,
}
