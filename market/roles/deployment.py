"""A new deployment: gas money where that is play money, the contracts, the deployment file."""

from dataclasses import dataclass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from market.chain.client import Chain
from market.chain.deploy import deploy, described_token
from market.roles.deployment_file import reserved
from market.settings import Settings
from suanli.protocol.deployment import DeploymentParameters
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment

_DEVELOPMENT_GAS_WEI = 10**21


@dataclass(frozen=True, slots=True)
class Task:
    """What is created where: `deployer` pays the gas, `file` tells of it."""

    rpc_url: str
    file: Path
    deployer: LocalAccount
    operator: Address
    parameters: DeploymentParameters


def create_contracts(settings: Settings, task: Task) -> Deployment:
    """Creates the contracts and writes their deployment file, which must not exist yet.

    Everything that can be checked is checked before anything is sent. Raises MarketError(STATE_CONFLICT |
    SETTINGS_INVALID), ChainError as `chain.deploy` does.
    """
    with reserved(task.file) as file:
        made = _create(settings, task)
        file.write(made)
    return made


def _create(settings: Settings, task: Task) -> Deployment:
    chain = Chain(task.rpc_url, settings.rpc_timeout_seconds)
    if task.parameters.token is not None:
        described_token(chain, task.parameters.token)
    if settings.development:
        for payer in {task.deployer.address, task.operator}:
            chain.endow(payer, _DEVELOPMENT_GAS_WEI)
    return deploy(chain, task.deployer, task.operator, task.parameters, settings.development)
