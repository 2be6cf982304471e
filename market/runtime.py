"""What every service, route and loop needs, in one frozen value that is passed in.

It holds no chain client: only `market.chain` and the loops that drive it talk to the chain.
"""

from dataclasses import dataclass, field

from eth_account.signers.local import LocalAccount
from sqlalchemy import Engine

from market.db.blobs import Blobs
from market.services.wakes import Wakes
from market.settings import Settings
from suanli.protocol.deployment import from_text
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import MarketError, ProtocolError
from suanli.protocol.evidence import Authority, signed_by_key
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment


@dataclass(frozen=True)
class Runtime:
    """The market's shared parts. `operator` signs leases and inclusion promises and sends transactions."""

    settings: Settings
    engine: Engine
    deployment: Deployment
    operator: LocalAccount
    blobs: Blobs
    wakes: Wakes = field(default_factory=Wakes)
    authority: Authority = signed_by_key
    """Says whether a signature binds an account; one with a chain at hand knows contract accounts, too."""

    @property
    def domain(self) -> Domain:
        """The deployment for which everything is signed."""
        return Domain(chain_id=self.deployment.chain_id, ledger=self.deployment.ledger)


def load_deployment(settings: Settings) -> Deployment:
    """The deployment file's content. Raises MarketError(SETTINGS_INVALID)."""
    path = settings.deployment_path
    try:
        deployment = from_text(path.read_text())
    except FileNotFoundError as error:
        detail = f"there is no deployment file {path}; `suanli market deploy` writes one"
        raise MarketError(Reason.SETTINGS_INVALID, detail) from error
    except (OSError, UnicodeDecodeError, ProtocolError) as error:
        raise MarketError(Reason.SETTINGS_INVALID, f"{path} cannot be used: {error}") from error
    return deployment.model_copy(update={"development": settings.development})
