"""Signed messages out of files as the market, its evidence service and the client's record have them.

A file may hold the message alone, with its signature, or under its name inside a bundle or an answer.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from suanli.direct.own_orders import own_orders
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import InclusionPromise, JobOrder
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.common import Signed

T = TypeVar("T", bound=BaseModel)


def paper(path: Path, name: str, kind: type[T]) -> T:
    """The `name` in a file, as a `kind`. Raises ClientError(EVIDENCE_MISSING | DOCUMENT_MALFORMED)."""
    problem = "it holds none"
    for candidate in _candidates(_content(path), name):
        try:
            return kind.model_validate_json(json.dumps(candidate))
        except ValidationError as error:
            problem = str(error)
    raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} has no {name} that can be read: {problem}")


def order_given(text: str, home: Path, deployment: Deployment) -> JobOrder:
    """The order in the file of that name, or the one of that id in one's own record. Raises ClientError."""
    if (own := own_orders(home, deployment).get(text.lower())) is not None:
        return own.order
    return paper(Path(text), "order", JobOrder)


def promise_given(text: str, home: Path, deployment: Deployment) -> Signed[InclusionPromise]:
    """The promise in a file, or for the order of that id in one's own record. Raises ClientError."""
    own = own_orders(home, deployment).get(text.lower())
    if own is None:
        return paper(Path(text), "promise", Signed[InclusionPromise])
    if own.promise is None:
        raise ClientError(Reason.EVIDENCE_MISSING, f"the record has no promise for order {text}")
    return own.promise


def ids_given(path: Path) -> list[Hash]:
    """The orders of a book in the evidence of an epoch, whatever their order: that may be the fault."""
    content = _content(path)
    listed = content.get("orders") if isinstance(content, dict) else content
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} has no list of orders")
    return [one.lower() for one in listed]


def _candidates(content: Any, name: str) -> Iterator[Any]:
    """Where the message may be: everywhere under its name, outermost first, then the whole."""
    levels = [content]
    for _ in range(3):
        inner = levels[-1].get(name) if isinstance(levels[-1], dict) else None
        if inner is None:
            break
        levels.append(inner)
    for level in reversed(levels):
        yield level
        if isinstance(level, dict) and "message" in level:
            yield level["message"]


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ClientError(Reason.EVIDENCE_MISSING, f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is no JSON: {error}") from error
