"""The only place that speaks to a chain node. Every foreign error becomes a ChainError here.

It decides nothing and remembers nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import requests
from eth_typing import BlockNumber, ChecksumAddress, HexStr
from web3 import HTTPProvider, Web3
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3RPCError,
    Web3ValueError,
)
from web3.types import BlockIdentifier, LogReceipt, RPCEndpoint, TxParams

from market.chain.contracts import Call, describe_revert
from market.chain.signing import Fees
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

CALLS_PER_REQUEST = 100
PRICE_HEADROOM = 2
"""The base fee may double before a transaction gets too cheap."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block's place in the chain. `time` is seconds since the epoch."""

    number: int
    hash: Hash
    parent: Hash
    time: int


@dataclass(frozen=True, slots=True)
class Mined:
    """What became of a transaction."""

    transaction: Hash
    block: int
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction as somebody sent it."""

    sender: Address
    to: Address | None
    data: bytes
    value: int


class Chain:
    """A JSON-RPC node. Every method raises ChainError(CHAIN_UNREACHABLE) when it does not answer."""

    def __init__(self, rpc_url: str, timeout_seconds: float = 10.0) -> None:
        self.rpc_url = rpc_url
        self._provider = HTTPProvider(
            rpc_url, request_kwargs={"timeout": timeout_seconds}, exception_retry_configuration=None
        )
        self._web3 = Web3(self._provider)

    def chain_id(self) -> int:
        """The chain's id (EIP-155)."""
        with _translated(self.rpc_url):
            return self._web3.eth.chain_id

    def head(self) -> int:
        """The number of the newest block."""
        with _translated(self.rpc_url):
            return int(self._web3.eth.block_number)

    def block(self, number: int) -> Block | None:
        """A block, or None when the chain is shorter."""
        with _translated(self.rpc_url):
            try:
                return _block(self._web3.eth.get_block(BlockNumber(number)))
            except BlockNotFound:
                return None

    def blocks(self, numbers: Sequence[int]) -> list[Block]:
        """The blocks of these numbers that exist."""
        found = self._batch("eth_getBlockByNumber", [[hex(number), False] for number in numbers])
        return [_block_of_json(one) for one in found if one is not None]

    def logs(self, addresses: Sequence[Address], first: int, last: int) -> list[LogReceipt]:
        """The logs of some contracts in a range of blocks, both ends included, in order."""
        with _translated(self.rpc_url):
            wanted = [cast(ChecksumAddress, address) for address in addresses]
            return self._web3.eth.get_logs(
                {"address": wanted, "fromBlock": BlockNumber(first), "toBlock": BlockNumber(last)}
            )

    def call(self, call: Call, sender: Address | None = None, block: BlockIdentifier = "latest") -> bytes:
        """What a call would return. Raises ChainError(CONTRACT_REVERTED)."""
        with _translated(self.rpc_url):
            return bytes(self._web3.eth.call(_parameters(call, sender), block))

    def calls(self, calls: Sequence[Call], block: int) -> list[bytes]:
        """What several views return at one block."""
        arguments = [[{"to": call.to, "data": call.data}, hex(block)] for call in calls]
        return [bytes.fromhex(result[2:]) for result in self._batch("eth_call", arguments)]

    def estimate_gas(self, call: Call, sender: Address) -> int:
        """The gas that a transaction would take now. Raises ChainError(CONTRACT_REVERTED)."""
        with _translated(self.rpc_url):
            return self._web3.eth.estimate_gas(_parameters(call, sender), "pending")

    def fees(self) -> Fees:
        """What a transaction should offer now."""
        with _translated(self.rpc_url):
            base = self._web3.eth.get_block("latest").get("baseFeePerGas", 0)
            priority = int(self._web3.eth.max_priority_fee)
        return Fees(PRICE_HEADROOM * int(base) + priority, priority)

    def nonce(self, address: Address, block: BlockIdentifier = "latest") -> int:
        """How many transactions an account has sent by a block."""
        with _translated(self.rpc_url):
            return int(self._web3.eth.get_transaction_count(cast(ChecksumAddress, address), block))

    def balance(self, address: Address) -> int:
        """An account's gas money in wei."""
        with _translated(self.rpc_url):
            return int(self._web3.eth.get_balance(cast(ChecksumAddress, address)))

    def send(self, raw: bytes) -> None:
        """Broadcasts a signed transaction; one that the node has already is no error.

        Raises ChainError(TRANSACTION_REFUSED) with the node's words.
        """
        with _translated(self.rpc_url):
            try:
                self._web3.eth.send_raw_transaction(raw)
            except (Web3RPCError, Web3ValueError) as error:
                if not _is_known_already(error):
                    raise

    def endow(self, address: Address, wei: int) -> None:
        """Gives gas money to an account of a development node (anvil); others refuse."""
        with _translated(self.rpc_url):
            answer = self._provider.make_request(RPCEndpoint("anvil_setBalance"), [address, hex(wei)])
        if "error" in answer:
            raise ChainError(Reason.TRANSACTION_REFUSED, f"{self.rpc_url}: {answer['error']}")

    def transaction(self, transaction: Hash) -> Sent | None:
        """A transaction by its hash."""
        with _translated(self.rpc_url):
            try:
                found = self._web3.eth.get_transaction(HexStr(transaction))
            except TransactionNotFound:
                return None
        return Sent(found["from"], found.get("to"), bytes(found["input"]), int(found["value"]))

    def mined(self, transactions: Sequence[Hash]) -> dict[Hash, Mined]:
        """What became of those transactions that are mined."""
        found = self._batch("eth_getTransactionReceipt", [[one] for one in transactions])
        receipts = [one for one in found if one is not None and one["blockNumber"] is not None]
        return {
            one["transactionHash"]: Mined(
                one["transactionHash"], int(one["blockNumber"], 16), int(one["status"], 16) == 1
            )
            for one in receipts
        }

    def _batch(self, method: str, arguments: Sequence[list[Any]]) -> list[Any]:
        results: list[Any] = []
        for start in range(0, len(arguments), CALLS_PER_REQUEST):
            chunk = arguments[start : start + CALLS_PER_REQUEST]
            with _translated(self.rpc_url):
                answers = self._provider.make_batch_request([(RPCEndpoint(method), one) for one in chunk])
            if not isinstance(answers, list):
                raise ChainError(Reason.CHAIN_UNREACHABLE, f"{self.rpc_url}: {answers.get('error')}")
            results += [_result(answer, self.rpc_url) for answer in answers]
        return results


@contextmanager
def _translated(rpc_url: str) -> Iterator[None]:
    try:
        yield
    except requests.RequestException as error:
        raise ChainError(Reason.CHAIN_UNREACHABLE, f"{rpc_url} does not answer: {error}") from error
    except ContractLogicError as error:
        data = error.data if isinstance(error.data, str) else "0x"
        described = describe_revert(bytes.fromhex(data[2:])) if len(data) > len("0x") else str(error)
        raise ChainError(Reason.CONTRACT_REVERTED, described, data=data) from error
    except (Web3RPCError, Web3ValueError) as error:
        raise ChainError(Reason.TRANSACTION_REFUSED, str(error)) from error


def _is_known_already(error: Exception) -> bool:
    text = str(error).lower()
    return any(words in text for words in ("already known", "already imported", "known transaction"))


def _parameters(call: Call, sender: Address | None) -> TxParams:
    parameters: TxParams = {"data": HexStr(call.data), "value": Web3.to_wei(call.value, "wei")}
    if call.to is not None:
        parameters["to"] = cast(ChecksumAddress, call.to)
    if sender is not None:
        parameters["from"] = cast(ChecksumAddress, sender)
    return parameters


def _result(answer: Any, rpc_url: str) -> Any:
    if "error" in answer:
        raise ChainError(Reason.CHAIN_UNREACHABLE, f"{rpc_url}: {answer['error']}")
    return answer["result"]


def _block(found: Any) -> Block:
    return Block(
        int(found["number"]),
        "0x" + bytes(found["hash"]).hex(),
        "0x" + bytes(found["parentHash"]).hex(),
        int(found["timestamp"]),
    )


def _block_of_json(found: Any) -> Block:
    return Block(int(found["number"], 16), found["hash"], found["parentHash"], int(found["timestamp"], 16))
