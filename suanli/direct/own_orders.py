"""The orders that the buyer's client keeps on this machine: read only, and none where there is no record."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from suanli.protocol.errors import ClientError
from suanli.protocol.messages import InclusionPromise, JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.common import Signed


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order that the buyer signed, and the operator's promise where it gave one."""

    order: JobOrder
    promise: Signed[InclusionPromise] | None


def own_orders(home: Path, deployment: Deployment) -> dict[Hash, OwnOrder]:
    """The orders of the record in the buyer's folder, by id. Raises ClientError(DOCUMENT_MALFORMED)."""
    path = home / "records" / f"{deployment.chain_id}-{deployment.ledger.lower()}.sqlite3"
    if not path.exists():
        return {}
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        rows = database.execute("SELECT message, promise FROM orders").fetchall()
        database.close()
        found = [_own_order(message, promise) for message, promise in rows]
    except (sqlite3.Error, ValidationError) as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is no buyer's record: {error}") from error
    return {one.order.id(): one for one in found}


def _own_order(message: str, promise: str | None) -> OwnOrder:
    promised = None if promise is None else Signed[InclusionPromise].model_validate_json(promise)
    return OwnOrder(JobOrder.model_validate_json(message), promised)
