"""Transactions of the owner's own, straight to the chain: the exits that work with the market dead."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from eth_account.signers.local import LocalAccount

from provider_agent.chain import PRIORITY_FEE_WEI, Chain
from provider_agent.rpc import call_data
from suanli.protocol.abi import ContractName
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

_GAS_MARGIN_PERCENT = 20
_LANDING_SECONDS = 180.0
_POLL_SECONDS = 0.3


async def send(
    chain: Chain,
    key: LocalAccount,
    contract: ContractName,
    address: Address,
    function: str,
    arguments: Sequence[Any],
) -> Hash:
    """Calls a contract in the name of `key` and waits until the transaction has landed; its hash.

    Raises ChainError: CONTRACT_REVERTED when the contract refuses, TRANSACTION_REFUSED when the key has too
    little money for gas, CHAIN_UNREACHABLE.
    """
    rpc = chain.rpc
    call = {"from": key.address, "to": address, "data": call_data(contract, function, arguments)}
    gas = await rpc.number("eth_estimateGas", call)
    limit = gas * (100 + _GAS_MARGIN_PERCENT) // 100
    price = await chain.gas_price()
    await _require_gas_money(chain, key.address, limit * price)
    transaction: dict[str, Any] = {
        "chainId": chain.deployment.chain_id,
        "nonce": await rpc.number("eth_getTransactionCount", key.address, "pending"),
        "to": address,
        "value": 0,
        "data": call["data"],
        "gas": limit,
        "maxFeePerGas": price,
        "maxPriorityFeePerGas": PRIORITY_FEE_WEI,
    }
    signed = key.sign_transaction(transaction)
    hash_: Hash = await rpc.request("eth_sendRawTransaction", "0x" + signed.raw_transaction.hex())
    await _landed(chain, hash_)
    return hash_


async def _require_gas_money(chain: Chain, address: Address, needed: int) -> None:
    has = await chain.gas_money(address)
    if has < needed:
        detail = f"{address} has {has} wei for gas, this transaction may need {needed}"
        raise ChainError(Reason.TRANSACTION_REFUSED, detail)


async def _landed(chain: Chain, transaction: Hash) -> None:
    deadline = time.monotonic() + _LANDING_SECONDS
    while time.monotonic() < deadline:
        receipt = await chain.rpc.request("eth_getTransactionReceipt", transaction)
        if receipt is not None:
            if int(receipt["status"], 16) == 0:
                raise ChainError(Reason.CONTRACT_REVERTED, f"transaction {transaction} was refused")
            return
        await asyncio.sleep(_POLL_SECONDS)
    raise ChainError(Reason.CHAIN_UNREACHABLE, f"transaction {transaction} has not landed yet")
