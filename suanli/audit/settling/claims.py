"""Opened claims held against the calldata that opened them: order, lease, receipt, charge, consent. Pure."""

from collections.abc import Iterator

from suanli.audit.books.records import Claim
from suanli.audit.books.state import Books
from suanli.audit.claim_calls import AwardCall, ClaimCall
from suanli.audit.settled import OpenedClaim, Signer
from suanli.protocol.charging import receipt_charge
from suanli.protocol.checks import Check, check
from suanli.protocol.court import work_hash
from suanli.protocol.merkle import verify_spec
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address


def claim_checks(books: Books, opened: OpenedClaim) -> Iterator[Check]:
    """What the contract had to see before it took the claim; draws on the delegate's cap that it drew on."""
    claim = books.claims[opened.event.arguments["claim"]["id"]]
    call, receipt = opened.call, opened.call.receipt
    work = work_hash(receipt.outcome, receipt.result, receipt.usage)
    yield check("claim_work", claim.work == work, f"claim {claim.id}", Reason.HASH_MISMATCH)
    yield check("claim_receipt", call.receipt.lease == claim.id, f"the receipt is for {call.receipt.lease}")
    signed = opened.node == claim.node
    yield check("node_consent", signed, f"node {claim.node} by its key", Reason.SIGNATURE_INVALID)
    if isinstance(call, ClaimCall):
        yield from _of_order(books, claim, call, opened)
    else:
        yield from _of_award(books, claim, call)


def _of_order(books: Books, claim: Claim, call: ClaimCall, opened: OpenedClaim) -> Iterator[Check]:
    order, lease = call.order, call.lease
    due = receipt_charge(lease, call.receipt.usage)
    named = (order.id(), order.buyer, lease.order) == (claim.order, claim.buyer, claim.order)
    leased = (lease.id(), lease.task, lease.node, lease.serial) == (
        claim.id,
        claim.task,
        claim.node,
        claim.serial,
    )
    prices = zip(lease.prices.vector(), order.maximumPrices.vector(), strict=True)
    spec = verify_spec(order.specRoot, lease.task, lease.spec, call.proof)
    end = min(order.deadline, books.cancelled.get((order.buyer, order.nonce), order.deadline))
    yield check("claim_order", named, f"claim {claim.id} is for order {claim.order} of {claim.buyer}")
    yield check("claim_lease", leased, f"the lease is {lease.id()}, serial {lease.serial}")
    yield check(
        "claim_charge", claim.amount == due <= lease.cap, f"{claim.amount}, {due} due", Reason.CHARGE_WRONG
    )
    yield check("claim_prices", all(a <= b for a, b in prices), "within the order", Reason.PRICE_ABOVE_LIMIT)
    yield check("claim_spec", spec, f"task {lease.task} under {order.specRoot}", Reason.HASH_MISMATCH)
    yield _in_time(books, claim, end)
    yield check("operator_consent", _is(opened.operator, order.operator), order.operator)
    if claim.order not in books.reservations:
        yield _buyer_consent(books, claim, opened.buyer)


def _of_award(books: Books, claim: Claim, call: AwardCall) -> Iterator[Check]:
    auction = books.auctions[claim.order]
    share, rest = divmod(auction.payment, auction.tasks)
    due = share + (rest if claim.task == auction.tasks - 1 else 0)
    won = (claim.node, claim.serial) == (auction.winner, claim.task)
    yield check("claim_award", won, f"{auction.winner} won {claim.order}")
    yield check("claim_charge", claim.amount == due, f"{claim.amount}, {due} due", Reason.CHARGE_WRONG)
    yield check("claim_spec", verify_spec(auction.spec_root, call.task, call.spec, call.proof), call.spec)
    yield _in_time(books, claim, auction.deadline)


def _in_time(books: Books, claim: Claim, end: int) -> Check:
    """Cancelled or expired never settles: claims are opened until the order's end and the grace."""
    last = end + books.claim_grace_seconds
    detail = f"opened at {claim.opened_at}, until {last}"
    return check("claim_in_time", claim.opened_at <= last, detail, Reason.DEADLINE_PASSED)


def _buyer_consent(books: Books, claim: Claim, signer: Signer) -> Check:
    """Who ordered must pay: by the buyer's key or contract, or by a delegate, also one that just ended."""
    if signer.approved or signer.key in (None, claim.buyer):
        agreed = signer.approved or signer.key is not None
        return check("buyer_consent", agreed, f"order of {claim.buyer}", Reason.SIGNATURE_INVALID)
    pair, since = (claim.buyer, str(signer.key)), claim.opened_at - books.claim_grace_seconds
    grant, former = books.grants[pair], books.former[pair].since(since)
    old = min(claim.amount, former.remaining)
    books.former[pair] = former.drawn(old)
    grant.remaining -= claim.amount - old
    allowed = grant.expiry >= since and grant.remaining >= 0
    return check("buyer_consent", allowed, f"by delegate {signer.key}", Reason.DELEGATION_EXCEEDED)


def _is(signer: Signer, account: Address) -> bool:
    return signer.approved or signer.key == account
