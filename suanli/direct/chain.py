"""The contracts of one deployment over JSON-RPC: reads, events since the first block, one's own transactions.

With `discovery` the only user of web3 here. Decides nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from eth_account.signers.local import LocalAccount
from requests.exceptions import RequestException
from web3 import HTTPProvider, Web3
from web3.contract.contract import Contract
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    MismatchedABI,
    TimeExhausted,
    Web3Exception,
    Web3RPCError,
    Web3ValidationError,
)

from suanli.direct.event_store import EventStore, Log
from suanli.direct.events import KINDS, Said, decoded, topics_of
from suanli.direct.refusals import explain
from suanli.direct.scan import Progress, Scan
from suanli.protocol.abi import ContractName, load
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment

RPC_SECONDS = 30.0
_RECEIPT_SECONDS = 180.0
_PENDING_POLL_SECONDS = 0.5
_PLACES: dict[str, str] = {
    "TestToken": "token",
    "Ledger": "ledger",
    "GridRegistry": "registry",
    "Settlement": "settlement",
    "Bidding": "bidding",
    "EpochAnchors": "anchors",
    "ClaimCourt": "court",
}


def unheard(done: int, total: int) -> None:
    """The progress of one who does not look."""


class Chain:
    """Raises ChainError(CHAIN_UNREACHABLE | CONTRACT_REVERTED | TRANSACTION_REFUSED | WRONG_CHAIN)."""

    def __init__(
        self,
        rpc_url: str,
        deployment: Deployment,
        events: EventStore | None = None,
        progress: Progress = unheard,
    ) -> None:
        self.deployment = deployment
        self._scan = Scan(events or EventStore(), deployment.first_block, progress)
        self._is_scanned = False
        self._web3 = Web3(HTTPProvider(rpc_url, request_kwargs={"timeout": RPC_SECONDS}))
        with translated():
            chain_id = self._web3.eth.chain_id
        if chain_id != deployment.chain_id:
            detail = f"{rpc_url} is chain {chain_id}, the deployment's contracts are on {deployment.chain_id}"
            raise ChainError(Reason.WRONG_CHAIN, detail)

    @property
    def domain(self) -> Domain:
        """What signatures for this deployment are made over."""
        return Domain(chain_id=self.deployment.chain_id, ledger=self.deployment.ledger)

    def address(self, name: ContractName) -> Address:
        """Where a contract lies."""
        return str(getattr(self.deployment, _PLACES[name]))

    def read(self, name: ContractName, function: str, *arguments: Any) -> Any:
        """What a view function says at the latest block."""
        with translated():
            return self._contract(name).functions[function](*arguments).call()

    def accepts(self, account: Address, name: ContractName, function: str, *arguments: Any) -> bool:
        """Whether the account's call would go through now. Sends nothing."""
        try:
            with translated():
                self._contract(name).functions[function](*arguments).call({"from": cast(Any, account)})
        except ChainError as error:
            if error.reason is not Reason.CONTRACT_REVERTED:
                raise
            return False
        return True

    def said(self, name: ContractName, event: str, **named: Any) -> list[Said]:
        """A contract's events of one name, oldest first; `named` selects by indexed arguments.

        They reach at least to the last `now` or `send`: one look at a moment asks for new blocks once.
        """
        if not self._is_scanned:
            self._scan.update(self)
            self._is_scanned = True
        found = self._scan.store.find(self.address(name), topics_of(name, event, named))
        return [decoded(name, event, log) for log in found]

    def logs(self, first: int, last: int) -> list[Log]:
        """Every log of the known kinds from block to block."""
        contracts = [Web3.to_checksum_address(self.address(name)) for name in KINDS]
        kinds = [topics_of(name, event, {})[0] for name, events in KINDS.items() for event in events]
        wanted = {"address": contracts, "topics": [kinds], "fromBlock": first, "toBlock": last}
        with translated():
            found = self._web3.eth.get_logs(cast(Any, wanted))
        return [
            Log(
                int(one["blockNumber"]),
                int(one["logIndex"]),
                self._known(one["address"]),
                tuple(bytes(topic) for topic in one["topics"]),
                bytes(one["data"]),
            )
            for one in found
        ]

    def hash_at(self, block: int) -> Hash | None:
        """A block's hash; None where the chain has none."""
        try:
            with translated():
                return "0x" + bytes(self._web3.eth.get_block(block)["hash"]).hex()
        except ChainError as error:
            if isinstance(error.__cause__, BlockNotFound):
                return None
            raise

    def now(self) -> int:
        """The time of the latest block, in seconds since the epoch. What is read next is not older."""
        self._is_scanned = False
        return self.time_of("latest")

    def time_of(self, block: int | str) -> int:
        """A block's time, in seconds since the epoch."""
        with translated():
            return int(self._web3.eth.get_block(cast(Any, block))["timestamp"])

    def block_number(self) -> int:
        """The number of the latest block."""
        with translated():
            return int(self._web3.eth.block_number)

    def await_pending(self, account: Address) -> None:
        """Wait until what the account sent before, perhaps in an interrupted call, is mined."""
        deadline = time.monotonic() + _RECEIPT_SECONDS
        with translated():
            while self._count(account, "pending") > self._count(account, "latest"):
                if time.monotonic() > deadline:
                    raise ChainError(Reason.TRANSACTION_REFUSED, f"an earlier transaction of {account} waits")
                time.sleep(_PENDING_POLL_SECONDS)

    def send(self, key: LocalAccount, name: ContractName, function: str, *arguments: Any) -> Hash:
        """Send the key's own transaction, wait until it is mined, return its hash."""
        self._is_scanned = False
        with translated():
            transaction = (
                self._contract(name)
                .functions[function](*arguments)
                .build_transaction({"from": key.address, "nonce": self._count(key.address, "pending")})
            )
            raw = key.sign_transaction(cast(dict[str, Any], transaction)).raw_transaction
            hash_ = self._web3.eth.send_raw_transaction(raw)
            receipt = self._web3.eth.wait_for_transaction_receipt(hash_, timeout=_RECEIPT_SECONDS)
        if receipt["status"] != 1:
            raise ChainError(
                Reason.CONTRACT_REVERTED, f"transaction 0x{bytes(hash_).hex()} of {function} was reverted"
            )
        return "0x" + bytes(hash_).hex()

    def _known(self, address: str) -> Address:
        """The deployment's own spelling of one of its addresses."""
        names = {self.address(name).lower(): self.address(name) for name in KINDS}
        return names[address.lower()]

    def calldata(self, name: ContractName, function: str, *arguments: Any) -> str:
        """The call as a wallet of any kind can send it to the contract, 0x-hex."""
        return str(self._contract(name).encode_abi(function, args=arguments))

    def _count(self, account: Address, block: str) -> Any:
        return self._web3.eth.get_transaction_count(cast(Any, account), cast(Any, block))

    def _contract(self, name: ContractName) -> Contract:
        contract: Contract = self._web3.eth.contract(
            address=Web3.to_checksum_address(self.address(name)), abi=load(name).abi
        )
        return contract


@contextmanager
def translated() -> Iterator[None]:
    """Turn web3's errors into ChainError with a reason.

    CHAIN_UNREACHABLE, CONTRACT_REVERTED, TRANSACTION_REFUSED; SETTINGS_INVALID where a call's value is beyond
    the contract's type, which is found before anything is asked.
    """
    try:
        yield
    except ContractLogicError as error:
        raise ChainError(Reason.CONTRACT_REVERTED, explain(error)) from error
    except Web3RPCError as error:
        detail = f"the chain's node declined: {error.message[:200]}"
        raise ChainError(Reason.TRANSACTION_REFUSED, detail) from error
    except (MismatchedABI, Web3ValidationError) as error:
        detail = f"a value is out of the range of the contract's: {str(error)[:200]}"
        raise ChainError(Reason.SETTINGS_INVALID, detail) from error
    except (RequestException, TimeExhausted, OSError) as error:
        detail = f"the chain does not answer: {type(error).__name__}"
        raise ChainError(Reason.CHAIN_UNREACHABLE, detail) from error
    except Web3Exception as error:
        raise ChainError(Reason.CHAIN_UNREACHABLE, f"the chain declined: {str(error)[:200]}") from error
