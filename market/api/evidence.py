"""`/evidence`: everything that stands behind a receipt, for auditors without an account."""

from typing import Annotated

from fastapi import APIRouter, Query

from market.api.access import Public
from market.api.context import HashPath, Market, Wanted
from market.db.queries import evidence
from market.services import anchor
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Page

router = APIRouter(prefix="/evidence", tags=["evidence"])


@router.get("/{receipt}", dependencies=[Public], summary="Get the evidence of a receipt")
def get_evidence(receipt: HashPath, runtime: Market) -> EvidenceBundle:
    """Every signed message and document from the node's terms and the order to the result."""
    with step(runtime) as session:
        bundle = evidence.bundle(session, runtime.domain, receipt)
        shown = anchor.behind(session, runtime, bundle.lease.message)
        return bundle.model_copy(update={"anchor": shown})


@router.get("", dependencies=[Public], summary="Find receipts")
def find_receipts(
    runtime: Market,
    part: Wanted,
    order: Annotated[Hash | None, Query(description="the receipts of a job")] = None,
    statement: Annotated[
        Hash | None, Query(description="those under the root of a statement or batch, in its order")
    ] = None,
    reference: Annotated[
        str | None,
        Query(description="those whose id begins so, as a batch names them", pattern=r"^0x[0-9a-f]{32}$"),
    ] = None,
) -> Page[Hash]:
    """The ids of a job's accepted receipts, of those under a root, or of those behind a batch's reference."""
    if [order, statement, reference].count(None) != 2:
        raise MarketError(Reason.MESSAGE_MALFORMED, "name an order, a root or a reference: one of them")
    after = part.after_number()
    with step(runtime) as session:
        if order is not None:
            numbered = evidence.of_order(session, order, after, part.limit)
        elif statement is not None:
            numbered = evidence.under_root(session, statement, after, part.limit)
        else:
            numbered = evidence.of_reference(session, reference or "", after, part.limit)
        return part.page(numbered, lambda pair: pair[1], lambda pair: pair[0])
