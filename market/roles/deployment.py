"""A new deployment: gas money where that is play money, the contracts, the deployment file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

from market.chain.client import Chain
from market.chain.deploy import deploy
from market.settings import Settings
from suanli.protocol.deployment import DeploymentParameters, to_text
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment

_DEVELOPMENT_GAS_WEI = 10**21


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the operator chose; waits left open get the protocol's default, or a short one in development.

    Without a governor or a pauser the deployer is both.
    """

    deployer: LocalAccount
    operator: Address
    token: Address | None
    fee_recipient: Address
    fee_basis_points: int
    minimum_stake: int
    thaw_seconds: int | None
    unbonding_seconds: int | None
    module_delay_seconds: int | None = None
    governor: Address | None = None
    pauser: Address | None = None

    def parameters(self, development: bool) -> DeploymentParameters:
        """The contracts' parameters. Raises ProtocolError(SETTINGS_INVALID)."""
        waits: dict[str, Any] = {
            "thaw_seconds": self.thaw_seconds,
            "unbonding_seconds": self.unbonding_seconds,
            "module_delay_seconds": self.module_delay_seconds,
        }
        make = DeploymentParameters.development if development else DeploymentParameters
        return make(
            fee_recipient=self.fee_recipient,
            fee_basis_points=self.fee_basis_points,
            minimum_stake=self.minimum_stake,
            token=self.token,
            governor=self.governor,
            pauser=self.pauser,
            **{name: seconds for name, seconds in waits.items() if seconds is not None},
        )


def create_contracts(settings: Settings, rpc_url: str, file: Path, chosen: Chosen) -> Deployment:
    """Creates the contracts and writes their deployment file, which must not exist yet.

    Raises MarketError(STATE_CONFLICT), ChainError as `chain.deploy` does.
    """
    if file.exists():
        raise MarketError(Reason.STATE_CONFLICT, f"{file} describes a deployment; move it away first")
    chain = Chain(rpc_url, settings.rpc_timeout_seconds)
    parameters = chosen.parameters(settings.development)
    if settings.development:
        for payer in {chosen.deployer.address, chosen.operator}:
            chain.endow(payer, _DEVELOPMENT_GAS_WEI)
    made = deploy(chain, chosen.deployer, chosen.operator, parameters, settings.development)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(to_text(made))
    return made
