"""`brownie run deploy`: puts Suanli's contracts on the chosen network and writes the deployment file.

What is created, in which order and with which arguments is the protocol's plan; this only carries it out.
Settings come from the environment (contracts/README.md lists them).
"""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from brownie import accounts, chain, network, project

from suanli.protocol.court_rules import CourtRules
from suanli.protocol.deployment import DeploymentParameters, PlannedContract, plan, to_text
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment

INTEGER_SETTINGS = (
    "fee_basis_points",
    "minimum_stake",
    "thaw_seconds",
    "unbonding_seconds",
    "module_delay_seconds",
    "governor_delay_seconds",
    "claim_grace_seconds",
    "anchor_grace_seconds",
    "operator_bond",
)
ADDRESS_SETTINGS = ("token", "governor", "pauser")


def main() -> None:
    """Deploy with the account SUANLI_DEPLOYER (on a development network: the first one)."""
    network.gas_limit("auto")
    deployer = _deployer()
    parameters = _parameters(deployer.address)
    first_block = chain.height + 1
    planned = plan(deployer.address, deployer.nonce, parameters)
    contracts = {one.name: _create(one, deployer) for one in planned}
    path = Path(os.environ.get("SUANLI_DEPLOYMENT_FILE") or f"deployments/{chain.id}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_text(_describe(contracts, parameters, first_block, deployer.address)))
    print(f"The deployment is written to {path}")


def _deployer() -> Any:
    if network.show_active() == "development":
        return accounts[0]
    return accounts.load(os.environ["SUANLI_DEPLOYER"])


def _parameters(deployer: str) -> DeploymentParameters:
    return DeploymentParameters(
        fee_recipient=os.environ.get("SUANLI_FEE_RECIPIENT") or deployer,
        court=CourtRules(**_integers(tuple(field.name for field in fields(CourtRules)))),
        **_integers(INTEGER_SETTINGS),
        **{name: os.environ.get(f"SUANLI_{name.upper()}") or None for name in ADDRESS_SETTINGS},
    )


def _integers(names: tuple[str, ...]) -> dict[str, int]:
    """The settings among `names` that the environment gives."""
    given = {name: os.environ.get(f"SUANLI_{name.upper()}") for name in names}
    return {name: int(text) for name, text in given.items() if text}


def _create(planned: PlannedContract, deployer: Any) -> Any:
    container = getattr(_project(), planned.name)
    contract = container.deploy(*planned.arguments, {"from": deployer})
    if contract.address != planned.address:
        raise ChainError(
            Reason.CONTRACT_REVERTED,
            f"{planned.name} got {contract.address}, not {planned.address}: another transaction came between",
        )
    return contract


def _describe(
    contracts: dict[str, Any], parameters: DeploymentParameters, first_block: int, deployer: str
) -> Deployment:
    ledger = contracts["Ledger"]
    token = _project().TestToken.at(ledger.token())
    return Deployment(
        chain_id=chain.id,
        ledger=ledger.address,
        registry=contracts["GridRegistry"].address,
        settlement=contracts["Settlement"].address,
        authority=contracts["Authority"].address,
        bidding=contracts["Bidding"].address,
        anchors=contracts["EpochAnchors"].address,
        court=contracts["ClaimCourt"].address,
        token=token.address,
        token_symbol=token.symbol(),
        token_decimals=token.decimals(),
        fee_basis_points=parameters.fee_basis_points,
        thaw_seconds=parameters.thaw_seconds,
        operator=os.environ.get("SUANLI_OPERATOR") or deployer,
        first_block=first_block,
        rpc_url=os.environ.get("SUANLI_RPC") or None,
        development=parameters.token is None,
    )


def _project() -> Any:
    return project.get_loaded_projects()[0]
