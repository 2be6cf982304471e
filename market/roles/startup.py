"""Opens what the market runs on: database (embedded or by URL), schema, keys, deployment, chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, OperationalError

from market.chain.authority import ChainAuthority
from market.chain.client import Chain
from market.db.blobs import LocalBlobs
from market.db.embedded import embedded_postgres
from market.db.migrate import upgrade
from market.db.session import create_engine
from market.operator_key import load_operator
from market.runtime import Runtime, load_deployment
from market.settings import Settings
from suanli.protocol.errors import ChainError, MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment

_log = structlog.get_logger("startup")


@dataclass(frozen=True)
class Parts:
    """A market that may be run: its runtime and its way to the chain."""

    runtime: Runtime
    chain: Chain


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the settings' database; the embedded one runs while the block does, unless others use it."""
    if settings.database_url:
        yield settings.database_url
        return
    with embedded_postgres(settings.postgres_path) as url:
        yield url


def connected(url: str) -> Engine:
    """A pool of connections to a database that answers.

    Raises MarketError(SETTINGS_INVALID | DATABASE_UNREACHABLE).
    """
    try:
        engine = create_engine(url)
        engine.connect().close()
    except ArgumentError as error:
        raise MarketError(Reason.SETTINGS_INVALID, "SUANLI_DATABASE_URL is no database's URL") from error
    except OperationalError as error:
        detail = f"the market's database does not answer: {str(error.orig).strip()}"
        raise MarketError(Reason.DATABASE_UNREACHABLE, detail) from error
    return engine


@contextmanager
def opened(settings: Settings) -> Iterator[Parts]:
    """Everything, with the schema up to date where the database is our own or the market a development one.

    Raises MarketError(SETTINGS_INVALID | KEYSTORE_INVALID | DATABASE_UNREACHABLE).
    """
    chain = Chain(settings.rpc_url, settings.rpc_timeout_seconds)
    operator = load_operator(settings.operator_keystore_path, settings.operator_password_path)
    deployment = load_deployment(settings)
    _check_chain(deployment, chain)
    with database(settings) as url:
        runtime = Runtime(
            settings=settings,
            engine=connected(url),
            deployment=deployment,
            operator=operator,
            blobs=LocalBlobs(settings.blob_path, settings.blob_maximum_bytes),
            authority=ChainAuthority(settings.rpc_url),
        )
        try:
            if settings.development or not settings.database_url:
                upgrade(runtime.engine)
            yield Parts(runtime, chain)
        finally:
            runtime.engine.dispose()


def _check_chain(deployment: Deployment, chain: Chain) -> None:
    try:
        found = chain.chain_id()
    except ChainError as error:
        _log.warning("chain_unreachable", **error.to_json())
        return
    if found != deployment.chain_id:
        detail = f"{chain.rpc_url} is chain {found}, the deployment is on chain {deployment.chain_id}"
        raise MarketError(Reason.SETTINGS_INVALID, detail)
