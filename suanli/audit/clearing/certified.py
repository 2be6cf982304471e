"""Holds a certificate against the round that it is about, and against the epoch that was anchored. Pure."""

from dataclasses import dataclass
from enum import Enum

from suanli.audit.clearing.bound import check_full
from suanli.audit.clearing.critical import check_critical
from suanli.audit.clearing.feasibility import check_feasibility
from suanli.audit.clearing.round import Round
from suanli.audit.clearing.sample import check_sample
from suanli.protocol.arrays import Outcome
from suanli.protocol.certificate import Certificate, Mechanism, decision_digest, outcome_of, seed_of
from suanli.protocol.checks import Check, all_passed, check
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


class Depth(Enum):
    """How the bound is checked."""

    NONE = "not at all"
    SAMPLE = "a sample of the items"
    FULL = "all pairs"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the anchor of the epoch says: a certificate must be for this, and have this content hash."""

    epoch: int
    book: Hash
    book_root: Hash
    certificate: Hash | None = None


@dataclass(frozen=True, slots=True)
class Scrutiny:
    """How closely to look: the bound's depth, and the auditor's own seed of every sample."""

    depth: Depth = Depth.FULL
    seed: int = 0


def check_certificate(
    audited: Round, certificate: Certificate, expected: Expected, scrutiny: Scrutiny | None = None
) -> tuple[Check, ...]:
    """Everything that a certificate says, held against the round. All pass, or the certificate is invalid.

    The iterations, the version of the engine and the certificate that it started from can only be checked by
    deciding again; the anchored content hash binds them.
    """
    scrutiny = scrutiny or Scrutiny()
    identity = _identity(certificate, expected)
    try:
        outcome = outcome_of(of_this_size(audited, certificate))
    except ProtocolError as error:
        return (*identity, check("readable", False, error.detail, error.reason))
    digest = decision_digest(outcome)
    same = _same("decision", certificate.decision, digest)
    feasible = check_feasibility(audited, outcome, certificate.mechanism)
    if not all_passed(feasible):
        return (*identity, same, *feasible)
    return (*identity, same, *feasible, *_closely(audited, outcome, certificate.mechanism, scrutiny))


def _identity(certificate: Certificate, expected: Expected) -> tuple[Check, ...]:
    hash_ = certificate.content_hash()
    return (
        _same("certificate_hash", hash_, expected.certificate or hash_),
        _same("certificate_epoch", certificate.epoch, expected.epoch),
        _same("certificate_book", certificate.book, expected.book),
        _same("certificate_root", certificate.book_root, expected.book_root),
        _same("certificate_seed", certificate.seed, "0x" + seed_of(expected.epoch, expected.book).hex()),
    )


def of_this_size(audited: Round, certificate: Certificate) -> Certificate:
    """The certificate, if its tables are as large as the round's: nothing larger is unpacked."""
    said = (certificate.items, certificate.providers, certificate.resources)
    if said != (len(audited.demand), *audited.supply.capacity.shape):
        detail = f"it is for {said[0]} items, {said[1]} providers, {said[2]} kinds of capacity; the book has "
        detail += f"{len(audited.demand)}, {len(audited.supply)}, {audited.supply.capacity.shape[1]}"
        raise ProtocolError(Reason.CERTIFICATE_INVALID, detail)
    return certificate


def _closely(audited: Round, outcome: Outcome, mechanism: Mechanism, scrutiny: Scrutiny) -> tuple[Check, ...]:
    checks = check_critical(audited, outcome, scrutiny.seed) if mechanism is Mechanism.CRITICAL else ()
    match scrutiny.depth:
        case Depth.FULL:
            return (*checks, *check_full(audited, outcome))
        case Depth.SAMPLE:
            return (*checks, check_sample(audited, outcome, scrutiny.seed).check)
    return checks


def _same(name: str, said: object, true: object) -> Check:
    return check(
        name, said == true, f"it says {said}, anchored or recomputed is {true}", Reason.CERTIFICATE_INVALID
    )
