"""Sealed verdicts on disk: a juror's finding and its salt, kept for its owner only before the seal is sent.

Without the salt a sealed verdict cannot be opened, and the juror loses stake: so it is on disk first.
"""

import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from suanli.direct.durable import write_private
from suanli.protocol.court import UNAVAILABLE, verdict_seal, work_hash
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import Usage
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash, Uint8

_SALT_BYTES = 32
_SEALED = 1
_KEPT = (1 << 128) - 1


class Verdict(BaseModel):
    """What a juror's replay found: the fields that a receipt has, too. Outcome 2: no inputs to be had."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    outcome: Uint8
    result: Hash
    usage: Usage

    def work(self) -> Hash:
        """The work, as seals and claims name it."""
        return work_hash(self.outcome, self.result, self.usage)


ABSTENTION = Verdict(
    outcome=UNAVAILABLE,
    result="0x" + "00" * 32,
    usage=Usage(fuel=0, memoryFuel=0, ingress=0, egress=0),
)
"""Of a juror who could not get the inputs."""


class SealedVerdict(BaseModel):
    """A verdict for one seat with the salt that hides it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    dispute: Hash
    round: int
    seat: int
    verdict: Verdict
    salt: Hash

    def seal(self) -> Hash:
        """What is committed on chain."""
        return verdict_seal(self.dispute, self.round, self.seat, self.verdict.work(), self.salt)

    def closed(self) -> int:
        """The seal as the court keeps it: the lower half, its lowest bit set."""
        return int(self.seal(), 16) & _KEPT | _SEALED


def read_verdict(path: Path) -> Verdict:
    """The verdict in a file. Raises ClientError(DOCUMENT_MALFORMED)."""
    try:
        verdict = Verdict.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is no verdict: {error}") from error
    if verdict.outcome > UNAVAILABLE:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path}: there is no outcome {verdict.outcome}")
    return verdict


def load(folder: Path, dispute: Hash, round_: int, seat: int) -> SealedVerdict | None:
    """The verdict that was kept for a seat. Raises ClientError(DOCUMENT_MALFORMED)."""
    path = _path(folder, dispute, round_, seat)
    try:
        return SealedVerdict.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is damaged: {error}") from error


def keep(folder: Path, dispute: Hash, round_: int, seat: int, verdict: Verdict) -> SealedVerdict:
    """A verdict with a new salt, durable on disk when this returns; the same verdict keeps its salt."""
    known = load(folder, dispute, round_, seat)
    if known is not None and known.verdict == verdict:
        return known
    salt = "0x" + secrets.token_bytes(_SALT_BYTES).hex()
    made = SealedVerdict(dispute=dispute, round=round_, seat=seat, verdict=verdict, salt=salt)
    write_private(_path(folder, dispute, round_, seat), made.model_dump_json().encode())
    return made


def _path(folder: Path, dispute: Hash, round_: int, seat: int) -> Path:
    return folder / f"{dispute}-{round_}-{seat}.json"
