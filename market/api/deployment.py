"""`/health` and `/deployment`: that the market is there, and which contracts it works with."""

from fastapi import APIRouter

from market.api.access import Public
from market.api.context import Market
from market.services.health import health_of
from market.services.step import step
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.common import Health

router = APIRouter(tags=["market"])


@router.get("/health", dependencies=[Public], summary="Ask whether the market works")
def health(runtime: Market) -> Health:
    """Answers once the database does; says how far the chain is indexed and which loops run."""
    with step(runtime) as session:
        return health_of(session)


@router.get("/deployment", dependencies=[Public], summary="Learn which contracts the market works with")
def deployment(runtime: Market) -> Deployment:
    """The chain, the contracts' addresses and parameters, the operator's address."""
    return runtime.deployment
