"""Clearings and identifiers: what anyone may look up without an account."""

from typing import Any

from suanli.protocol.identifiers import UrnKind
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Wire


class ClearingView(Wire):
    """`GET /clearings`: one epoch. `GET /clearings/{hash}` has the `document` and the `book`."""

    epoch: int
    at: int
    document: Hash
    book: Hash
    matches: int
    non_matches: int


class Identity(Wire):
    """`GET /id/{urn}`: the signed facts behind an identifier, and where its evidence lies.

    `facts` holds the signed messages and documents themselves, so that they can be checked against the urn.
    """

    urn: str
    kind: UrnKind
    facts: dict[str, Any]
    see: list[str]
