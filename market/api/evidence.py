"""`/evidence`: everything that stands behind a receipt, for auditors without an account."""

from typing import Annotated

from fastapi import APIRouter, Query

from market.api.access import Public
from market.api.context import HashPath, Market, Wanted
from market.db.queries import evidence
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
        return evidence.bundle(session, runtime.domain, receipt)


@router.get("", dependencies=[Public], summary="Find receipts")
def find_receipts(
    runtime: Market,
    part: Wanted,
    order: Annotated[Hash | None, Query(description="the receipts of a job")] = None,
    statement: Annotated[
        Hash | None, Query(description="those under a statement's root, in its order")
    ] = None,
) -> Page[Hash]:
    """The ids of a job's accepted receipts, or of those that a statement adds up."""
    if (order is None) == (statement is None):
        raise MarketError(Reason.MESSAGE_MALFORMED, "name either an order or a statement's root")
    after = part.after_number()
    with step(runtime) as session:
        if order is not None:
            numbered = evidence.of_order(session, order, after, part.limit)
        else:
            numbered = evidence.under_root(session, statement or "", after, part.limit)
        return part.page(numbered, lambda pair: pair[1], lambda pair: pair[0])
