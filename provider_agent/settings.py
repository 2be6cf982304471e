"""What a node's `node.toml` says, with what the command line or the environment puts in its place.

One frozen value, read once and passed in.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provider_agent.home import Home
from suanli.protocol.deployment import from_text
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import NodeError, ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment

MARKET_VARIABLE = "SUANLI_MARKET"
RPC_VARIABLE = "SUANLI_RPC"
STORES_VARIABLE = "SUANLI_STORES"
_FOR_EVER = 1 << 40

_TEMPLATE = """\
# Where this node works. SUANLI_MARKET, SUANLI_RPC and SUANLI_STORES in the environment go first.
market = "{market}"
rpc = "{rpc}"

# The account that stakes for this node and is paid.
owner = "{owner}"
owner_keystore = "{owner_keystore}"

# Where a juror looks for inputs besides the market: URLs (URL/HASH is a blob) or folders of such files.
stores = []
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds."""

    heartbeat: float = 3.0
    poll_wait: int = 20
    settlement_poll: float = 1.0
    idle_settlement_poll: float = 10.0
    stop_grace: float = 2.0
    chain_trust: float = 600.0
    """How long what the chain said last counts while it cannot be reached."""
    ask_lifetime: int = 24 * 3600
    confirmations: int = 3
    """Blocks on top of a payment before it counts."""
    judging_poll: float = 12.0
    price_poll: float = 60.0
    """Between two looks at the prices of past rounds."""
    network_poll: float = 300.0
    """Between two measurements of the ways to other regions."""
    settlement_margin: int = 3600
    """What a finished lease may need until it is settled."""

    @classmethod
    def for_deployment(cls, deployment: Deployment) -> "Timing":
        """A development market wants livelier nodes than a public one."""
        if deployment.development:
            return cls(
                heartbeat=1.0,
                idle_settlement_poll=1.0,
                confirmations=0,
                judging_poll=1.0,
                price_poll=2.0,
                network_poll=5.0,
            )
        return cls()


@dataclass(frozen=True, slots=True)
class Settings:
    """Market and chain of this node, its owner, its deployment."""

    market: str
    rpc: str
    owner: Address
    owner_keystore: Path | None
    deployment: Deployment
    timing: Timing
    stores: tuple[str, ...] = ()
    """Where blobs are to be had besides the market."""

    @property
    def covered_seconds(self) -> int:
        """For how long from now an escrow is sure to pay, even if its thaw begins now.

        Development chains have waits so short that a person sees them end, and money that is worth nothing.
        """
        if self.deployment.development:
            return _FOR_EVER
        return self.deployment.thaw_seconds - self.timing.settlement_margin

    @property
    def domain(self) -> Domain:
        """What the node's signatures are good for, and nothing else."""
        return Domain(chain_id=self.deployment.chain_id, ledger=self.deployment.ledger)


def write_settings(home: Home, market: str, rpc: str, owner: Address, owner_keystore: Path | None) -> None:
    """Leaves `node.toml` for the contributor to read and change."""
    keystore = "" if owner_keystore is None else str(owner_keystore.absolute())
    text = _TEMPLATE.format(market=market, rpc=rpc, owner=owner, owner_keystore=keystore)
    home.settings.write_text(text)


def load_settings(home: Home, environment: Mapping[str, str]) -> Settings:
    """The node's settings. Raises NodeError(SETTINGS_INVALID)."""
    home.require()
    try:
        value = tomllib.loads(home.settings.read_text())
        deployment = from_text(home.deployment.read_text())
        keystore = value.get("owner_keystore") or None
        return Settings(
            market=environment.get(MARKET_VARIABLE) or value["market"],
            rpc=environment.get(RPC_VARIABLE) or value["rpc"] or deployment.rpc_url or "",
            owner=value["owner"],
            owner_keystore=None if keystore is None else Path(keystore),
            deployment=deployment,
            timing=Timing.for_deployment(deployment),
            stores=tuple((environment.get(STORES_VARIABLE) or "").split() or value.get("stores", [])),
        )
    except (OSError, KeyError, TypeError, ValueError, ProtocolError) as error:
        raise NodeError(Reason.SETTINGS_INVALID, f"{home.settings} cannot be used: {error}") from error
