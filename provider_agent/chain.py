"""What the agent reads of the chain: accounts, orders' ends, serials, its node's record. Never writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from provider_agent.rpc import Rpc
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment

_ERC1271_SELECTOR = keccak(text="isValidSignature(bytes32,bytes)")[:4]
PRIORITY_FEE_WEI = 10**9
LOG_BLOCKS = 2_000
"""Blocks asked for at once; public nodes refuse much more."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """A Ledger account: atoms in it, atoms on their way out, the last netting epoch that it took."""

    balance: int
    thawing: int
    epoch: int

    @property
    def available(self) -> int:
        """Atoms that a withdrawal in progress cannot take away."""
        return max(0, self.balance - self.thawing)


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node in the registry; `releasable_at` counts while it unbonds."""

    owner: Address
    state: NodeState
    stake: int
    releasable_at: int


class Chain:
    """One deployment on one chain, read through one JSON-RPC endpoint. Raises ChainError."""

    def __init__(self, rpc: Rpc, deployment: Deployment) -> None:
        self.rpc = rpc
        self.deployment = deployment

    async def check_identity(self) -> None:
        """Raises ChainError(WRONG_CHAIN) when the endpoint serves another chain than the deployment's."""
        found = await self.rpc.number("eth_chainId")
        if found != self.deployment.chain_id:
            detail = f"the chain has the id {found}, the deployment {self.deployment.chain_id}"
            raise ChainError(Reason.WRONG_CHAIN, detail)

    async def height(self) -> int:
        """The number of the newest block."""
        return await self.rpc.number("eth_blockNumber")

    async def time(self, block: str = "latest") -> int:
        """A block's time in Unix seconds; the newest block's unless one is named by its number in hex."""
        found = await self.rpc.request("eth_getBlockByNumber", block, False)
        return int(found["timestamp"], 16)

    async def gas_price(self) -> int:
        """What a transaction that is sent now offers at most for each gas, in wei."""
        block = await self.rpc.request("eth_getBlockByNumber", "latest", False)
        return 2 * int(block["baseFeePerGas"], 16) + PRIORITY_FEE_WEI

    async def gas_money(self, address: Address) -> int:
        """An account's money for gas, in wei."""
        return await self.rpc.number("eth_getBalance", address, "latest")

    async def account(self, address: Address, block: str = "latest") -> AccountState:
        """An account of the Ledger."""
        balance, epoch = await self._ledger("accountOf", address, block)
        thawing, _ = await self._ledger("thawingOf", address, block)
        return AccountState(balance, thawing, epoch)

    async def epoch(self, address: Address, block: str) -> int:
        """The last netting epoch that an account took by then."""
        _, epoch = await self._ledger("accountOf", address, block)
        return epoch

    async def node(self, address: Address) -> NodeRecord:
        """The registry's record of a node."""
        values = await self.rpc.call("GridRegistry", self.deployment.registry, "nodeOf", [address])
        owner, state, stake, releasable_at = values
        return NodeRecord(to_checksum_address(owner), NodeState(state), stake, releasable_at)

    async def stake(self, address: Address) -> tuple[int, int]:
        """A node's stake in atoms: all of it, and what of it open claims lock."""
        values = await self.rpc.call("GridRegistry", self.deployment.registry, "stakeOf", [address])
        return int(values[0]), int(values[1])

    async def end_of(self, order: tuple[Address, int, int]) -> int:
        """When an order (buyer, nonce, deadline) ends, in Unix seconds: at its deadline or when cancelled."""
        values = await self.rpc.call("Bidding", self.deployment.bidding, "endOf", list(order))
        return int(values[0])

    async def is_reserved(self, order: Hash) -> bool:
        """Whether money was ever set aside for an order: then claims on it are paid from there alone."""
        arguments = [bytes.fromhex(order[2:])]
        values = await self.rpc.call("Bidding", self.deployment.bidding, "reservationOf", arguments)
        return int(values[0], 16) != 0

    async def is_paid(self, node: Address, serial: int) -> bool:
        """Whether a serial in the node's space is used up: paid, or under a claim."""
        arguments = [node, serial]
        values = await self.rpc.call("Settlement", self.deployment.settlement, "isPaid", arguments)
        return bool(values[0])

    async def minimum_stake(self) -> int:
        """The least stake of a node in atoms."""
        values = await self.rpc.call("GridRegistry", self.deployment.registry, "minimumStake")
        return int(values[0])

    async def delegation(self, account: Address, delegate: Address) -> tuple[int, int]:
        """What `delegate` may still spend of `account`, in atoms, and until when."""
        arguments = [account, delegate]
        values = await self.rpc.call("GridRegistry", self.deployment.registry, "delegationOf", arguments)
        return int(values[0]), int(values[1])

    async def accepts_signature(self, account: Address, digest: bytes, signature: bytes) -> bool:
        """Whether a contract account takes a signature as its own (ERC-1271)."""
        if await self.rpc.request("eth_getCode", account, "latest") == "0x":
            return False
        data = _ERC1271_SELECTOR + encode(["bytes32", "bytes"], [digest, signature])
        try:
            result = await self.rpc.request("eth_call", {"to": account, "data": "0x" + data.hex()}, "latest")
        except ChainError as error:
            if error.reason is Reason.CONTRACT_REVERTED:
                return False
            raise
        return bytes.fromhex(result[2:])[:4] == _ERC1271_SELECTOR

    async def _ledger(self, function: str, address: Address, block: str) -> tuple[int, int]:
        values = await self.rpc.call("Ledger", self.deployment.ledger, function, [address], block)
        return int(values[0]), int(values[1])

    async def calldata(self, transaction: Hash) -> bytes:
        """What a transaction called with."""
        sent = await self.rpc.request("eth_getTransactionByHash", transaction)
        if sent is None:
            raise ChainError(Reason.CHAIN_UNREACHABLE, f"the chain knows no transaction {transaction}")
        return bytes.fromhex(sent["input"][2:])

    async def logs(
        self, contract: Address, topics: Sequence[str | Sequence[str] | None], first: int, last: int
    ) -> list[dict[str, Any]]:
        """A contract's logs in blocks `first` to `last`, oldest first, as the endpoint tells them."""
        question = {
            "address": contract,
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "topics": list(topics),
        }
        found = await self.rpc.request("eth_getLogs", question)
        return [log for log in found if not log.get("removed")]
