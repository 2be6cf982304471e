"""The ClaimCourt's views: the record of every claim, and what each order was claimed for."""

from collections import Counter
from collections.abc import Iterator

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.audit.books.records import Claim, ClaimState
from suanli.audit.views.compare import Compared, Views
from suanli.protocol.values import Hash

NONE = "0x" + f"{0:064x}"
FALLEN = "0x" + f"{1:064x}"
_CLAIM = "(bytes32,bytes32,uint32,address,address,address,bool,uint64,uint128,uint64,bytes32)"


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "claim", _claims(views)
    yield "claimed", _claimed(views)
    yield "claimed_copies", _copies(views)


def claim_hash(claim: Claim) -> Hash:
    """The hash that the court keeps of an open claim."""
    ids = [bytes.fromhex(one[2:]) for one in (claim.id, claim.order, claim.work)]
    parties = (claim.node, claim.buyer, claim.payer, claim.awarded)
    numbers = (claim.serial, claim.amount, claim.opened_at)
    return "0x" + keccak(encode([_CLAIM], [(*ids[:2], claim.task, *parties, *numbers, ids[2])])).hex()


def _claims(views: Views) -> Compared:
    for id_, claim in views.books.claims.items():
        ours = {ClaimState.OPEN: claim_hash(claim), ClaimState.FALLEN: FALLEN}.get(claim.state, NONE)
        if claim.state is ClaimState.DISPUTED and claim.dispute is not None:
            ours = claim.dispute.id
        yield id_, ours, "0x" + views("ClaimCourt", "recordOf", id_).hex()


def _claimed(views: Views) -> Compared:
    sums = Counter[Hash]()
    for claim in views.books.claims.values():
        if not claim.awarded:
            sums[claim.order] += claim.amount if _counts(claim) else 0
    for order, ours in sums.items():
        yield order, ours, views("ClaimCourt", "claimedOf", order)


def _copies(views: Views) -> Compared:
    counts = Counter[tuple[Hash, int]]()
    for claim in views.books.claims.values():
        if not claim.awarded:
            counts[claim.order, claim.task] += _counts(claim)
    for (order, task), ours in counts.items():
        yield f"task {task} of {order}", ours, views("ClaimCourt", "copiesOf", order, task)


def _counts(claim: Claim) -> bool:
    return claim.is_open or claim.state is ClaimState.PAID
