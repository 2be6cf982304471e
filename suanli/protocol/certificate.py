"""The certificate of one clearing: what it decided, and the prices that prove how near the optimum that is.

Content-addressed; an epoch's evidence names it (`anchoring.py`). `suanli.audit.clearing` holds it against the
book; nothing here knows the rules of a round. Pure.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suanli.protocol.arrays import NOBODY, Integers, Numbers, Outcome
from suanli.protocol.columns import Column, pack, unpack
from suanli.protocol.documents import Document
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash, Uint64, Uint128

MAXIMUM_ROWS = 1 << 22
"""Providers, and items, of one round."""
MAXIMUM_RESOURCES = 16
MAXIMUM_STEPS = 1 << 31
Count = Annotated[int, Field(strict=True, ge=0, le=MAXIMUM_ROWS)]
Steps = Annotated[int, Field(strict=True, ge=0, lt=MAXIMUM_STEPS)]
_SEED = b"suanli clearing seed\0"


class Mechanism(StrEnum):
    """How payments were found."""

    SUPPORT = "SUPPORT"
    """Ask plus the support price of what the item takes, at most what it is worth."""
    CRITICAL = "CRITICAL"
    """The least value with which the item would still have got its place; strictly truthful for buyers."""


class Scarcity(BaseModel):
    """The non-zero entries of an (N, R) table by rows: `gaps` between their places, and what stands there."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    gaps: Column
    amounts: Column


class Certificate(Document):
    """What anyone needs beside the book to check an epoch's clearing.

    `book` is the content hash of the book, `book_root` the anchor's; `seed`, `iterations` and `code` (the
    version of the engine) let it be repeated, `started_from` names the certificate whose duals it began with.
    `places` has, by item, the provider's number plus one, or 0; `payments` the matched items' micro-atoms.
    `decision` is `decision_digest` of all that.
    """

    epoch: Uint64
    book: Hash
    book_root: Hash
    mechanism: Mechanism
    seed: Hash
    iterations: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], Steps]
    code: Annotated[str, Field(min_length=1, max_length=100)]
    started_from: Hash | None = None
    providers: Count
    items: Count
    resources: Annotated[int, Field(strict=True, ge=0, le=MAXIMUM_RESOURCES)]
    places: Column
    payments: Column
    duals: Scarcity
    supports: Scarcity
    welfare: Uint128
    bound: Uint128
    decision: Hash

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.welfare > self.bound:
            raise ValueError("the welfare is above its bound")
        return self

    @property
    def gap(self) -> float:
        """The most that the welfare may fall short of the optimum, as a fraction of the bound."""
        return (self.bound - self.welfare) / self.bound if self.bound else 0.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a decision comes from: everything of a certificate that the outcome itself does not tell."""

    epoch: int
    book: Hash
    book_root: Hash
    mechanism: Mechanism
    iterations: Mapping[str, int]
    code: str
    started_from: Hash | None = None


def certificate_of(outcome: Outcome, provenance: Provenance) -> Certificate:
    """The certificate of a decision that was made with `seed_of(epoch, book)`."""
    matched = outcome.provider != NOBODY
    rows, resources = outcome.duals.shape
    return Certificate(
        epoch=provenance.epoch,
        book=provenance.book,
        book_root=provenance.book_root,
        mechanism=provenance.mechanism,
        seed="0x" + seed_of(provenance.epoch, provenance.book).hex(),
        iterations=dict(provenance.iterations),
        code=provenance.code,
        started_from=provenance.started_from,
        providers=rows,
        items=len(outcome.provider),
        resources=resources,
        places=pack(outcome.provider.astype(np.int64) + 1),
        payments=pack(outcome.payment[matched]),
        duals=_sparse(outcome.duals),
        supports=_sparse(outcome.supports),
        welfare=int(outcome.welfare),
        bound=int(outcome.bound),
        decision=decision_digest(outcome),
    )


def outcome_of(certificate: Certificate) -> Outcome:
    """The decision as arrays; its digest is not looked at. Raises ProtocolError(CERTIFICATE_INVALID)."""
    try:
        provider = _places(certificate)
        payment = np.zeros(certificate.items, np.int64)
        paid = unpack(certificate.payments)
        if len(paid) != int((provider != NOBODY).sum()):
            raise _invalid(f"payments: {len(paid)} for {int((provider != NOBODY).sum())} matches")
        payment[provider != NOBODY] = paid
        shape = (certificate.providers, certificate.resources)
        duals, supports = _dense(certificate.duals, shape), _dense(certificate.supports, shape)
    except ProtocolError as error:
        raise _invalid(error.detail) from error
    return Outcome(provider, payment, duals, supports, certificate.welfare, certificate.bound)


def read_certificate(data: bytes | str) -> Certificate:
    """The certificate in JSON text. Raises ProtocolError(CERTIFICATE_INVALID) and names the field."""
    try:
        return Certificate.parse(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "certificate"
        raise _invalid(f"{field}: {first['msg']}") from error


def seed_of(epoch: int, book: Hash) -> bytes:
    """The 32 bytes of a round's random choices: once the book is closed, nobody chooses them."""
    return hashlib.sha256(_SEED + epoch.to_bytes(8, "big") + bytes.fromhex(book[2:])).digest()


def decision_digest(outcome: Outcome) -> Hash:
    """SHA-256 over providers (int32), payments, duals, supports (int64), little-endian, by rows; then welfare
    and bound, 16 bytes each, big-endian. Equal across runs, processes and kernels."""
    digest = hashlib.sha256(np.ascontiguousarray(outcome.provider, "<i4").tobytes())
    for column in (outcome.payment, outcome.duals, outcome.supports):
        digest.update(np.ascontiguousarray(column, "<i8").tobytes())
    for total in (outcome.welfare, outcome.bound):
        digest.update(int(total).to_bytes(16, "big"))
    return "0x" + digest.hexdigest()


def _places(certificate: Certificate) -> Numbers:
    places = unpack(certificate.places)
    if len(places) != certificate.items:
        raise _invalid(f"places: {len(places)} for {certificate.items} items")
    if len(places) and int(places.max()) > certificate.providers:
        raise _invalid(f"places: number {int(places.max()) - 1} of {certificate.providers} providers")
    return (places - 1).astype(np.int32)


def _sparse(table: Integers) -> Scarcity:
    flat = np.ascontiguousarray(table).ravel()
    there = np.flatnonzero(flat)
    return Scarcity(gaps=pack(np.diff(there, prepend=-1) - 1), amounts=pack(flat[there]))


def _dense(scarcity: Scarcity, shape: tuple[int, int]) -> Integers:
    gaps, amounts = unpack(scarcity.gaps), unpack(scarcity.amounts)
    if len(gaps) != len(amounts) or (amounts == 0).any():
        raise _invalid(f"prices of capacity: {len(gaps)} places for {len(amounts)} amounts above 0")
    size = shape[0] * shape[1]
    if len(gaps) > size or (gaps >= size).any() or int(gaps.sum()) + len(gaps) > size:
        raise _invalid("prices of capacity: a place beyond the last provider")
    table = np.zeros(size, np.int64)
    table[np.cumsum(gaps + 1) - 1] = amounts
    return table.reshape(shape)


def _invalid(detail: str) -> ProtocolError:
    return ProtocolError(Reason.CERTIFICATE_INVALID, detail)
