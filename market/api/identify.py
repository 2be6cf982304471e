"""`/id/{urn}` (算力标识): the signed facts behind an identifier."""

from typing import Annotated

from fastapi import APIRouter, Path

from market.api.access import Public
from market.api.context import Market
from market.db.queries import identify
from market.services.step import step
from suanli.protocol.errors import MarketError
from suanli.protocol.identifiers import parse_urn
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.clearings import Identity

router = APIRouter(tags=["identifiers"])


@router.get("/id/{urn}", dependencies=[Public], summary="Resolve an identifier")
def resolve(
    urn: Annotated[
        str, Path(max_length=200, examples=["urn:suanli:31337:node:0x" + "5a" * 20], description="an urn")
    ],
    runtime: Market,
) -> Identity:
    """What a node, account, function, data, job, task, lease, receipt, batch or clearing is."""
    parsed = parse_urn(urn)
    if parsed.chain_id != runtime.deployment.chain_id:
        detail = f"the urn is of chain {parsed.chain_id}, this market is on {runtime.deployment.chain_id}"
        raise MarketError(Reason.WRONG_CHAIN, detail, chain_id=runtime.deployment.chain_id)
    with step(runtime) as session:
        found = identify.resolve(session, runtime.blobs, parsed)
    if found is None:
        raise MarketError(Reason.NOT_FOUND, f"this market knows nothing of {parsed}")
    return Identity(urn=str(parsed), kind=parsed.kind, facts=found.facts, see=found.see)
