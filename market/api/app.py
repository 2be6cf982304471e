"""The HTTP application, put together from its parts for one runtime."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from market.api import (
    accounts,
    auth,
    blobs,
    capacity,
    clearings,
    deployment,
    evidence,
    identify,
    jobs,
    leases,
    network,
    nodes,
    quotes,
    relay,
    settlement,
)
from market.api.errors import PROBLEMS, handle_errors
from market.api.limits import BodyLimit, RateLimit
from market.api.writing import writing
from market.runtime import Runtime
from suanli.protocol.wire.common import API_PREFIX

_DESCRIPTION = """
The market of Suanli (算力): it proposes matches and carries signed messages, and can touch nobody's money.

Whole numbers over 32 bits are decimal strings. Money is in atoms, the payment token's smallest unit. Every
answer that is not a success has a `Problem` as its body: a reason code and a sentence. Sign in with
`POST /v1/auth/challenge` and `POST /v1/auth/session` (EIP-4361), then send `Authorization: Bearer <token>`.
"""
_PARTS = (
    deployment,
    auth,
    accounts,
    quotes,
    blobs,
    jobs,
    nodes,
    leases,
    relay,
    settlement,
    clearings,
    capacity,
    network,
    evidence,
    identify,
)


def create_app(runtime: Runtime, *, writes: bool = True) -> FastAPI:
    """The application for a runtime; nothing is opened before this is called.

    writes: whether this process may become the single writer while it serves.
    """
    app = _assembled(writing if writes else None)
    app.state.runtime = runtime
    app.state.lately = {}
    settings = runtime.settings
    app.add_middleware(
        BodyLimit,
        maximum_bytes=settings.body_maximum_bytes,
        prefix=API_PREFIX + blobs.PREFIX,
        prefix_maximum_bytes=settings.blob_maximum_bytes,
    )
    app.add_middleware(RateLimit, requests_per_minute=settings.requests_per_minute)
    return app


def openapi_document() -> dict[str, Any]:
    """The API's description (OpenAPI 3.1), which is the same for every runtime."""
    return _assembled().openapi()


def _assembled(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    app = FastAPI(
        lifespan=lifespan,
        title="Suanli market",
        version=version("suanli"),
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=f"{API_PREFIX}/openapi.json",
        docs_url=f"{API_PREFIX}/docs",
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for part in _PARTS:
        app.include_router(part.router, prefix=API_PREFIX, responses=PROBLEMS)
    handle_errors(app)
    return app
