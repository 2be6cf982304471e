"""`suanli audit clearing`: reads an epoch's papers from the sources at hand and judges them.

With an RPC the anchor is held against the chain; without one, the operator's signature has to do.
"""

import secrets
from pathlib import Path

from suanli.audit.clearing.certified import Depth, Scrutiny
from suanli.audit.clearing.challenge import judge_challenge
from suanli.audit.clearing.encode import encode
from suanli.audit.clearing.epoch import Committed, audit_epoch, read_papers
from suanli.audit.finding import Finding
from suanli.audit.session import Sources
from suanli.protocol.challenges import Challenge, read_challenge
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import AuditError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.accounts import Deployment

_SEED_BITS = 64


def scrutiny_of(full: bool, seed: int | None) -> Scrutiny:
    """All pairs, or a sample; drawn by `seed`, else by chance."""
    drawn = secrets.randbits(_SEED_BITS) if seed is None else seed
    return Scrutiny(Depth.FULL if full else Depth.SAMPLE, drawn)


def clearing_finding(sources: Sources, epoch: int, scrutiny: Scrutiny, better: Path | None) -> Finding:
    """The finding of an epoch, or of the allocation in file `better`. Raises AuditError and ChainError."""
    papers = read_papers(sources.open_store(), epoch)
    if better is not None:
        proposed = _read(better)
        return judge_challenge(
            encode(papers.book), papers.evidence.book, papers.certificate.welfare, proposed
        )
    deployment = sources.read_deployment()
    stored = _stored(sources, deployment, epoch)
    domain = Domain(chain_id=deployment.chain_id, ledger=deployment.ledger)
    return audit_epoch(papers, Committed(deployment.operator, domain, stored), epoch, scrutiny)


def _stored(sources: Sources, deployment: Deployment, epoch: int) -> Hash | None:
    if not (sources.rpc or deployment.rpc_url):
        return None
    chain = sources.open_chain()
    chain.check_chain()
    return "0x" + bytes(chain.view("EpochAnchors", "anchorOf", deployment.operator, epoch)).hex()


def _read(path: Path) -> Challenge:
    try:
        return read_challenge(path.read_bytes())
    except OSError as error:
        raise AuditError(Reason.SETTINGS_INVALID, f"cannot read the allocation: {error}") from error
