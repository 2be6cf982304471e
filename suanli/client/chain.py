"""The buyer's own view of the chain, and transactions of its own: exits that need nobody's help.

The only user of web3 in the client, imported when it is first needed.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from eth_account.signers.local import LocalAccount
from requests.exceptions import RequestException
from web3 import HTTPProvider, Web3
from web3.contract.contract import Contract, ContractFunction
from web3.exceptions import ContractLogicError, TimeExhausted, Web3Exception, Web3RPCError

from suanli.client.reverts import explain_revert
from suanli.protocol.abi import load
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import serials_in
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment

_CONFIRMATIONS = 2
_RECEIPT_SECONDS = 180.0
_RPC_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wallet:
    """What an account holds outside the Ledger: tokens in atoms, gas money in wei."""

    tokens: int
    gas: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A delegation on chain: atoms left, expiry in seconds since the epoch, the last nonce (0: never)."""

    remaining: int
    expiry: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Thawing:
    """Money on its way out of the Ledger, and when it may be withdrawn."""

    amount: int
    ready_at: int


class Chain:
    """One deployment's contracts over JSON-RPC.

    Raises ChainError(CHAIN_UNREACHABLE | CONTRACT_REVERTED | TRANSACTION_REFUSED).
    """

    def __init__(self, rpc_url: str, deployment: Deployment) -> None:
        self.deployment = deployment
        self._web3 = Web3(HTTPProvider(rpc_url, request_kwargs={"timeout": _RPC_SECONDS}))
        self._confirmations = 0 if deployment.development else _CONFIRMATIONS
        with self._translated():
            chain_id = self._web3.eth.chain_id
        if chain_id != deployment.chain_id:
            detail = f"{rpc_url} is chain {chain_id}, the market's contracts are on {deployment.chain_id}"
            raise ChainError(Reason.WRONG_CHAIN, detail)

    @property
    def ledger(self) -> Contract:
        """The Ledger."""
        return self._contract("Ledger", self.deployment.ledger)

    @property
    def registry(self) -> Contract:
        """The GridRegistry."""
        return self._contract("GridRegistry", self.deployment.registry)

    @property
    def settlement(self) -> Contract:
        """The Settlement."""
        return self._contract("Settlement", self.deployment.settlement)

    @property
    def anchors(self) -> Contract:
        """The EpochAnchors."""
        return self._contract("EpochAnchors", self.deployment.anchors)

    @property
    def token(self) -> Contract:
        """The payment token, called only by what ERC-20 and ERC-2612 define."""
        return self._contract("TestToken", self.deployment.token)

    def settled_block(self) -> int | None:
        """The newest block that is deep enough to stay; None when the contracts are younger."""
        with self._translated():
            block = self._web3.eth.block_number - self._confirmations
            return None if block < self.deployment.first_block else block

    def epoch_of(self, account: Address, block: int) -> int:
        """The last netting epoch that the account took by then."""
        with self._translated():
            return int(self.ledger.functions.accountOf(account).call(block_identifier=block)[1])

    def paid(self, words: Iterable[tuple[Address, int]], block: int) -> frozenset[tuple[Address, int]]:
        """Of the serials in these words of nodes, those that were paid by then, in whatever way; by node."""
        word_at = self.settlement.functions.paidWord
        with self._translated():
            masks = {
                (node, word): int(word_at(node, word).call(block_identifier=block)) for node, word in words
            }
        marked = ((node, serials_in({word: mask})) for (node, word), mask in masks.items())
        return frozenset((node, serial) for node, serials in marked for serial in serials)

    def owners_of(self, nodes: Iterable[Address]) -> dict[Address, Address]:
        """The owners of those of the nodes that the registry knows."""
        with self._translated():
            found = {node: self.registry.functions.nodeOf(node).call()[0] for node in nodes}
        return {node: owner for node, owner in found.items() if int(owner, 16) != 0}

    def operator_bond(self) -> int:
        """Atoms that an operator bonds."""
        with self._translated():
            return int(self.anchors.functions.operatorBond().call())

    def bond_of(self, operator: Address) -> int:
        """Atoms that an operator has bonded."""
        with self._translated():
            return int(self.anchors.functions.operatorOf(operator).call()[0])

    def grant(self, account: Address, delegate: Address) -> Grant:
        """What `delegate` may still sign away for `account`."""
        with self._translated():
            return Grant(*self.registry.functions.delegationOf(account, delegate).call())

    def wallet(self, account: Address) -> Wallet:
        """What the account holds outside the Ledger."""
        with self._translated():
            tokens = self.token.functions.balanceOf(account).call()
            return Wallet(int(tokens), int(self._web3.eth.get_balance(Web3.to_checksum_address(account))))

    def thawing(self, account: Address) -> Thawing:
        """What the account asked to withdraw."""
        with self._translated():
            return Thawing(*self.ledger.functions.thawingOf(account).call())

    def now(self) -> int:
        """The time of the latest block, in seconds since the epoch."""
        with self._translated():
            return int(self._web3.eth.get_block("latest")["timestamp"])

    def read(self, call: Callable[[], Any]) -> Any:
        """The result of a contract call, its errors translated."""
        with self._translated():
            return call()

    def send(self, key: LocalAccount, function: ContractFunction) -> Hash:
        """Send the key's own transaction, wait until it is mined, return its hash."""
        with self._translated():
            transaction = function.build_transaction(
                {"from": key.address, "nonce": self._web3.eth.get_transaction_count(key.address, "pending")}
            )
            raw = key.sign_transaction(cast(dict[str, Any], transaction)).raw_transaction
            hash_ = self._web3.eth.send_raw_transaction(raw)
            receipt = self._web3.eth.wait_for_transaction_receipt(hash_, timeout=_RECEIPT_SECONDS)
        if receipt["status"] != 1:
            raise ChainError(Reason.CONTRACT_REVERTED, f"transaction 0x{bytes(hash_).hex()} was reverted")
        return "0x" + bytes(hash_).hex()

    def _contract(self, name: Any, address: Address) -> Contract:
        contract: Contract = self._web3.eth.contract(
            address=Web3.to_checksum_address(address), abi=load(name).abi
        )
        return contract

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ContractLogicError as error:
            raise ChainError(Reason.CONTRACT_REVERTED, explain_revert(error)) from error
        except Web3RPCError as error:
            detail = f"the chain's node declined: {error.message[:200]}"
            raise ChainError(Reason.TRANSACTION_REFUSED, detail) from error
        except (RequestException, TimeExhausted, OSError) as error:
            detail = f"the chain does not answer: {type(error).__name__}"
            raise ChainError(Reason.CHAIN_UNREACHABLE, detail) from error
        except (Web3Exception, ValueError) as error:
            raise ChainError(Reason.CHAIN_UNREACHABLE, f"the chain declined: {str(error)[:200]}") from error
