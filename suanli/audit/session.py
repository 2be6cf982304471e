"""Opens an audit from what a person gave: a deployment file, an RPC, a place with evidence.

The deployment may be asked of a market for convenience; then the contracts are only as genuine as its word.
"""

from dataclasses import dataclass
from pathlib import Path

import httpx

from suanli.audit.case import Case
from suanli.audit.chain import Chain, Progress
from suanli.audit.http_store import open_store
from suanli.audit.replay import replay
from suanli.audit.stores import EvidenceStore
from suanli.protocol.deployment import from_text
from suanli.protocol.errors import AuditError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.common import API_PREFIX

_REQUEST_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Sources:
    """Where an audit reads. Without `evidence` the market is the store; without both there is none."""

    deployment: Path | None = None
    rpc: str | None = None
    evidence: str | None = None
    market: str | None = None

    def read_deployment(self) -> Deployment:
        """The deployment in the file, else the market's word. Raises AuditError."""
        if self.deployment is not None:
            return from_text(_file_text(self.deployment))
        if self.market:
            return from_text(_http_text(f"{self.market.rstrip('/')}{API_PREFIX}/deployment"))
        raise AuditError(Reason.SETTINGS_INVALID, "name the contracts by --deployment FILE (or --market URL)")

    def open_chain(self) -> Chain:
        """The chain of the deployment."""
        deployment = self.read_deployment()
        rpc = self.rpc or deployment.rpc_url
        if not rpc:
            raise AuditError(Reason.SETTINGS_INVALID, "name a node of the chain by --rpc URL")
        return Chain(rpc, deployment)

    def open_store(self) -> EvidenceStore:
        """The evidence."""
        return open_store(self.evidence or self.market)

    def open_case(self, progress: Progress) -> Case:
        """The replayed chain with the evidence."""
        chain = self.open_chain()
        return Case(chain, replay(chain, progress), self.open_store())


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AuditError(Reason.SETTINGS_INVALID, f"cannot read the deployment file: {error}") from error


def _http_text(url: str) -> str:
    try:
        return httpx.get(url, timeout=_REQUEST_SECONDS).raise_for_status().text
    except httpx.HTTPError as error:
        raise AuditError(
            Reason.MARKET_UNREACHABLE, f"the market does not tell its deployment: {error}"
        ) from error
