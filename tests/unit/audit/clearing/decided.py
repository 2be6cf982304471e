"""Rounds that the market's auction decided, with their certificates."""

from dataclasses import asdict, replace
from functools import cache

import numpy as np

from market.core.auction import Budget, clear_round
from suanli.audit.clearing.certified import Expected
from suanli.protocol.arrays import Integers, Outcome
from suanli.protocol.certificate import Certificate, Mechanism, Provenance, certificate_of, seed_of
from suanli.protocol.documents import content_hash
from tests.unit.audit.clearing.rounds import Arrays, random_round

BOOK, BOOK_ROOT = content_hash(b"a book"), content_hash(b"its root")
EPOCH = 7
EFFORT = Budget(refreshes=2, steps=8, candidates=4, ruins=20)


@cache
def decide(seed: int, providers: int = 6, items: int = 8) -> tuple[Arrays, Outcome]:
    """A random round and what the auction makes of it."""
    arrays = random_round(seed, providers, items)
    return arrays, clear_round(*arrays, seed_of(EPOCH, BOOK), EFFORT, compiled=False)


def certify(outcome: Outcome, mechanism: Mechanism = Mechanism.SUPPORT) -> Certificate:
    """The certificate of an outcome for `BOOK` in `EPOCH`."""
    provenance = Provenance(EPOCH, BOOK, BOOK_ROOT, mechanism, asdict(EFFORT), "engine 1", BOOK)
    return certificate_of(outcome, provenance)


def expected(certificate: Certificate | None = None) -> Expected:
    """What was anchored of it."""
    return Expected(EPOCH, BOOK, BOOK_ROOT, certificate.content_hash() if certificate else None)


def altered(outcome: Outcome, name: str, index: tuple[int, ...], by: int) -> Outcome:
    """The outcome with one number changed."""
    column: Integers = getattr(outcome, name).copy()
    column[index] += np.asarray(by, column.dtype)
    return replace(outcome, **{name: column})
