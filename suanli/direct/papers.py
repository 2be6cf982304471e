"""One's own papers: what claims need, from files or the agent's journal."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from suanli.direct.award_papers import AwardPapers
from suanli.direct.coding import raw, values_of
from suanli.protocol.documents import JobSpec
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import JobOrder, Lease, Receipt
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Signed


class Papers(BaseModel):
    """What a claim on one receipt needs. Evidence bundles say more; the rest is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    order: Signed[JobOrder]
    lease: Signed[Lease]
    receipt: Signed[Receipt]
    proof: list[Hash]

    def claim_id(self) -> Hash:
        """The id of the claim that it makes."""
        return self.lease.message.id()

    def item(self) -> tuple[Any, ...]:
        """The `ClaimItem` that the court takes."""
        lease, receipt = self.lease, self.receipt
        signatures = raw(lease.signature), raw(receipt.signature)
        proof = [raw(one) for one in self.proof]
        return values_of(lease.message), signatures[0], values_of(receipt.message), signatures[1], proof


AnyPapers = Papers | AwardPapers


def read_papers(paths: Iterable[Path], journal: Path | None) -> list[AnyPapers]:
    """The papers in files, in folders of `*.json` files and in an agent's journal, each claim once.

    Raises ClientError(EVIDENCE_MISSING | DOCUMENT_MALFORMED).
    """
    found: list[AnyPapers] = [_parse(_content(path), path.name) for path in _files(paths)]
    found += [] if journal is None else read_journal(journal)
    if not found:
        raise ClientError(Reason.EVIDENCE_MISSING, "no bundle of order, lease and receipt was found")
    return list({one.claim_id(): one for one in found}.values())


def read_journal(path: Path) -> list[AnyPapers]:
    """The leases with a receipt in an agent's journal, as they were assigned and signed; it is only read.

    Raises ClientError(DOCUMENT_MALFORMED).
    """
    query = "SELECT assignment, receipt FROM leases WHERE receipt IS NOT NULL ORDER BY created_at, lease"
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        rows = database.execute(query).fetchall()
        database.close()
    except sqlite3.Error as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is no agent's journal: {error}") from error
    both = (f'{assignment.rstrip()[:-1]},"receipt":{receipt}}}' for assignment, receipt in rows)
    return [_parse(one.encode(), path.name) for one in both]


def by_order(papers: Iterable[Papers]) -> dict[Hash, list[Papers]]:
    """The papers by their order's id, each list by task."""
    orders: dict[Hash, list[Papers]] = {}
    for one in sorted(papers, key=lambda one: (one.lease.message.task, one.lease.message.serial)):
        orders.setdefault(one.order.message.id(), []).append(one)
    return orders


def by_auction(papers: Iterable[AwardPapers]) -> dict[Hash, list[AwardPapers]]:
    """The papers by their auction's id, each list by task."""
    auctions: dict[Hash, list[AwardPapers]] = {}
    for one in sorted(papers, key=lambda one: one.task):
        auctions.setdefault(one.auction, []).append(one)
    return auctions


def read_job(path: Path) -> JobSpec:
    """The job's specification in a file. Raises ClientError(EVIDENCE_MISSING | DOCUMENT_MALFORMED)."""
    try:
        return JobSpec.parse(_content(path))
    except ValidationError as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is no job: {error}") from error


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.json")) if path.is_dir() else [path]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ClientError(Reason.EVIDENCE_MISSING, f"{path} cannot be read: {error.strerror}") from error


def _parse(content: bytes, name: str) -> AnyPapers:
    try:
        awarded = "auction" in json.loads(content)
        return (AwardPapers if awarded else Papers).model_validate_json(content)
    except (ValueError, TypeError) as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{name} is no bundle: {error}") from error
