"""The auditor's only door to a chain: reads logs, calldata and views of one deployment over JSON-RPC.

Sends nothing and trusts no market. Foreign errors leave here as ChainError.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from requests.exceptions import RequestException
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import TransactionNotFound, Web3Exception
from web3.types import RPCEndpoint

from suanli.audit.standards import ERC20_ABI, ERC1271_ABI, ERC1271_MAGIC
from suanli.protocol.abi import ContractName, load
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import AuditError, ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told what is being read, how far it is and how far it goes."""

EMITTERS: dict[ContractName, str] = {
    "Ledger": "ledger",
    "GridRegistry": "registry",
    "Settlement": "settlement",
    "Bidding": "bidding",
    "EpochAnchors": "anchors",
    "ClaimCourt": "court",
    "Authority": "authority",
}
"""The contracts that are read, and where the deployment file says that they are."""

CHUNK_BLOCKS = 2000
_REQUEST_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the deployment; hashes and bytes in `arguments` are 0x-hex, `at` is the block's time."""

    contract: str
    name: str
    arguments: dict[str, Any]
    block: int
    position: int
    transaction: Hash
    at: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction that is in a block."""

    hash: Hash
    block: int
    sender: Address
    to: Address | None
    input: bytes


class Chain:
    """One deployment on one chain."""

    def __init__(self, rpc_url: str, deployment: Deployment) -> None:
        self.deployment = deployment
        self.domain = Domain(chain_id=deployment.chain_id, ledger=deployment.ledger)
        self.web3 = Web3(
            HTTPProvider(
                rpc_url,
                request_kwargs={"timeout": _REQUEST_SECONDS},
                cache_allowed_requests=True,
                cacheable_requests={RPCEndpoint("eth_chainId")},  # web3 asks for it with every call
            )
        )
        self._emitters = {name: self._contract(self.place(name), load(name).abi) for name in EMITTERS}
        self.token = self._contract(deployment.token, ERC20_ABI)

    def place(self, name: ContractName) -> Address:
        """The address of one of the deployment's contracts."""
        return str(getattr(self.deployment, EMITTERS[name]))

    def check_chain(self) -> None:
        """Raises AuditError(WRONG_CHAIN) when the RPC serves another chain than the deployment's."""
        found = self._ask(lambda: self.web3.eth.chain_id)
        if found != self.deployment.chain_id:
            detail = f"the RPC serves chain {found}, the deployment is on {self.deployment.chain_id}"
            raise AuditError(Reason.WRONG_CHAIN, detail)

    def head(self) -> int:
        """The number of the newest block."""
        return self._ask(lambda: self.web3.eth.block_number)

    def view(self, name: ContractName, function: str, *arguments: Any, block: int | None = None) -> Any:
        """What a view function of a contract says, at the end of `block` or now."""
        return self._view(self._emitters[name], function, arguments, block)

    def tokens_held(self, account: Address, block: int) -> int:
        """The account's tokens at the end of `block`, in atoms."""
        return int(self._view(self.token, "balanceOf", (account,), block))

    def _view(self, contract: Contract, function: str, arguments: tuple[Any, ...], block: int | None) -> Any:
        call = contract.functions[function](*arguments)
        return self._ask(lambda: call.call(block_identifier="latest" if block is None else block))

    def events(self, first: int, last: int, progress: Progress) -> Iterator[Event]:
        """Every event of the deployment's contracts from block to block, in order."""
        for start in range(first, last + 1, CHUNK_BLOCKS):
            end = min(start + CHUNK_BLOCKS - 1, last)
            progress("blocks", end - first + 1, last - first + 1)
            yield from sorted(self._events(start, end), key=lambda event: (event.block, event.position))

    def transaction(self, hash_: Hash) -> Transaction | None:
        """A transaction in a block, or None when the chain has none of that hash."""
        try:
            found = self._ask(lambda: self.web3.eth.get_transaction(hash_))  # type: ignore[arg-type]
        except TransactionNotFound:
            return None
        if found.get("blockNumber") is None:
            return None
        return Transaction(hash_, found["blockNumber"], found["from"], found.get("to"), bytes(found["input"]))

    @lru_cache(maxsize=4096)  # noqa: B019  (one Chain lives as long as its process's command)
    def timestamp(self, block: int) -> int:
        """A block's time in seconds since the Unix epoch."""
        return int(self._ask(lambda: self.web3.eth.get_block(block))["timestamp"])

    def block_hash(self, block: int) -> Hash:
        """A block's hash."""
        return str(self._ask(lambda: self.web3.eth.get_block(block))["hash"].to_0x_hex())

    def inner_calldata(self, hash_: Hash) -> bytes:
        """The calldata of every call that a transaction made to this deployment, in order, in one piece.

        Empty when the RPC does not trace transactions (`debug_traceTransaction`), in whatever way it says so.
        """
        try:
            traced = self._ask(lambda: self._traced(hash_))
        except ChainError:
            return b""
        ours = {contract.address.lower() for contract in self._emitters.values()}
        return b"".join(_inputs(traced, ours))

    def has_code(self, account: Address) -> bool:
        """Whether a contract lives at the address now."""
        return bool(self._ask(lambda: self.web3.eth.get_code(account)))  # type: ignore[arg-type]

    def approves(self, account: Address, digest: bytes, signature: str, block: int | None = None) -> bool:
        """Whether the contract at `account` takes the signature for its own (ERC-1271)."""
        if not self.has_code(account):
            return False
        wallet = self._contract(account, ERC1271_ABI)
        try:
            said = self._view(wallet, "isValidSignature", (digest, bytes.fromhex(signature[2:])), block)
        except ChainError as error:
            if error.reason is Reason.CHAIN_UNREACHABLE:
                raise
            return False
        return bytes(said) == ERC1271_MAGIC

    def _events(self, first: int, last: int) -> list[Event]:
        """Halves what the RPC finds too much for one answer: every service has another limit."""
        addresses = [contract.address for contract in self._emitters.values()]
        query: Any = {"address": addresses, "fromBlock": first, "toBlock": last}
        try:
            logs = self._ask(lambda: self.web3.eth.get_logs(query))
        except ChainError as error:
            if error.reason is Reason.CHAIN_UNREACHABLE or first == last:
                raise
            middle = (first + last) // 2
            return [*self._events(first, middle), *self._events(middle + 1, last)]
        return [self._decoded(log) for log in logs if not log.get("removed")]

    def _decoded(self, log: Any) -> Event:
        name = self._names[log["address"]]
        decoded = self._emitters[name].get_event_by_topic(log["topics"][0].to_0x_hex())().process_log(log)
        arguments = {said: _plain(value) for said, value in decoded["args"].items()}
        block = log["blockNumber"]
        place = (block, log["logIndex"], log["transactionHash"].to_0x_hex())
        return Event(name, decoded["event"], arguments, *place, at=self._log_time(log))

    def _log_time(self, log: Any) -> int:
        """Many nodes put the block's time into the log."""
        said = log.get("blockTimestamp")
        return self.timestamp(log["blockNumber"]) if said is None else _number(said)

    @cached_property
    def _names(self) -> dict[Address, ContractName]:
        return {contract.address: name for name, contract in self._emitters.items()}

    def _traced(self, hash_: Hash) -> Any:
        asked = [hash_, {"tracer": "callTracer"}]
        answer = self.web3.provider.make_request(RPCEndpoint("debug_traceTransaction"), asked)
        if "result" not in answer:
            raise Web3Exception(f"no trace: {answer.get('error')}")
        return answer["result"]

    def _contract(self, address: Address, abi: list[dict[str, Any]]) -> Contract:
        return self.web3.eth.contract(address=address, abi=abi)  # type: ignore[call-overload,no-any-return]

    def _ask(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except TransactionNotFound:
            raise
        except RequestException as error:
            raise ChainError(Reason.CHAIN_UNREACHABLE, f"the RPC does not answer: {error}") from error
        except (Web3Exception, ValueError) as error:
            raise ChainError(Reason.CONTRACT_REVERTED, f"the RPC refused: {error}") from error


def _inputs(call: Any, addresses: Container[str]) -> Iterator[bytes]:
    """The inputs of a traced call and of those below it that go to the addresses."""
    if str(call.get("to", "")).lower() in addresses:
        yield bytes.fromhex(call["input"].removeprefix("0x"))
    for inner in call.get("calls", ()):
        yield from _inputs(inner, addresses)


def _number(value: Any) -> int:
    return int(value, 16) if isinstance(value, str) else int(value)


def _plain(value: Any) -> Any:
    """Bytes as 0x-hex, structs as dicts, all the way down."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
