"""Deploys Suanli's contracts by the protocol's plan, with transactions of one key."""

import time
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_account.signers.local import LocalAccount
from web3 import Web3

from market.chain.client import Chain
from market.chain.contracts import Call, creation
from market.chain.signing import sign_transaction
from suanli.protocol import abi
from suanli.protocol.deployment import DeploymentParameters, PlannedContract, plan
from suanli.protocol.errors import ChainError, MarketError
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
    return deployment.model_copy(update=described_token(chain, deployment.token))


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


def described_token(chain: Chain, token: Address) -> dict[str, str | int]:
    """The token's symbol and decimals, as the deployment names them.

    Raises MarketError(SETTINGS_INVALID) when there is no such token, ChainError(CHAIN_UNREACHABLE).
    """
    contract = Web3().eth.contract(address=Web3.to_checksum_address(token), abi=abi.load("TestToken").abi)

    def ask(function: str, type_: str) -> Any:
        answer = chain.call(Call(token, str(contract.encode_abi(function))))
        return decode([type_], answer)[0]

    try:
        return {"token_symbol": ask("symbol", "string"), "token_decimals": ask("decimals", "uint8")}
    except (DecodingError, OverflowError, UnicodeDecodeError) as error:
        detail = f"{token} does not answer as a token (ERC-20) with symbol and decimals"
        raise MarketError(Reason.SETTINGS_INVALID, detail) from error
    except ChainError as error:
        if error.reason is not Reason.CONTRACT_REVERTED:
            raise
        detail = f"{token} is no token (ERC-20) with symbol and decimals: {error.detail}"
        raise MarketError(Reason.SETTINGS_INVALID, detail) from error
