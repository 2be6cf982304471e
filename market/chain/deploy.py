"""Deploys Suanli's contracts by the protocol's plan, with transactions of one key."""

import time

from eth_account.signers.local import LocalAccount

from market.chain.client import Chain
from market.chain.contracts import Call, Contracts, creation
from market.chain.signing import sign_transaction
from suanli.protocol.deployment import DeploymentParameters, PlannedContract, plan
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment

MINED_WITHIN_SECONDS = 180
GAS_HEADROOM_PERCENT = 120


def deploy(
    chain: Chain,
    deployer: LocalAccount,
    operator: Address,
    parameters: DeploymentParameters,
    development: bool = False,
) -> Deployment:
    """Creates the contracts, paid by `deployer`, and describes them.

    Raises ChainError(CHAIN_UNREACHABLE | CONTRACT_REVERTED | TRANSACTION_REFUSED).
    """
    first_block = chain.head() + 1
    nonce = chain.nonce(deployer.address, "pending")
    planned = plan(deployer.address, nonce, parameters)
    for place, contract in enumerate(planned):
        _create(chain, deployer, nonce + place, contract)
    addresses = {contract.name: contract.address for contract in planned}
    deployment = Deployment(
        chain_id=chain.chain_id(),
        authority=addresses["Authority"],
        ledger=addresses["Ledger"],
        registry=addresses["GridRegistry"],
        settlement=addresses["Settlement"],
        bidding=addresses["Bidding"],
        anchors=addresses["EpochAnchors"],
        court=addresses["ClaimCourt"],
        token=parameters.token or addresses["TestToken"],
        token_symbol="",
        token_decimals=0,
        fee_basis_points=parameters.fee_basis_points,
        thaw_seconds=parameters.thaw_seconds,
        operator=operator,
        first_block=first_block,
        rpc_url=chain.rpc_url,
        development=development,
    )
    return deployment.model_copy(update=_describe_token(chain, Contracts(deployment)))


def _create(chain: Chain, deployer: LocalAccount, nonce: int, planned: PlannedContract) -> None:
    call = creation(planned.name, planned.arguments)
    gas = chain.estimate_gas(call, deployer.address) * GAS_HEADROOM_PERCENT // 100
    signed = sign_transaction(deployer, chain.chain_id(), nonce, call, gas, chain.fees())
    chain.send(signed.raw)
    deadline = time.monotonic() + MINED_WITHIN_SECONDS
    while not (mined := chain.mined([signed.hash])):
        if time.monotonic() > deadline:
            detail = f"{planned.name} was not mined within {MINED_WITHIN_SECONDS} s ({signed.hash})"
            raise ChainError(Reason.CHAIN_UNREACHABLE, detail)
        time.sleep(0.1)
    if not mined[signed.hash].succeeded:
        raise ChainError(Reason.CONTRACT_REVERTED, f"{planned.name} could not be created ({signed.hash})")


def _describe_token(chain: Chain, contracts: Contracts) -> dict[str, str | int]:
    def ask(function: str) -> str | int:
        call: Call = contracts.call("TestToken", function)
        value: str | int = contracts.result("TestToken", function, chain.call(call))[0]
        return value

    return {"token_symbol": ask("symbol"), "token_decimals": ask("decimals")}
