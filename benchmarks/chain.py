"""A chain of one's own with Suanli deployed on it, for measurements: anvil, seeded keys, real receipts."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import HexStr
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.logs import DISCARD
from web3.types import RPCEndpoint, TxReceipt

from suanli.protocol.abi import load
from suanli.protocol.deployment import DeploymentParameters, plan
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import NodeTerms
from suanli.protocol.signatures import sign

ROOT = Path(__file__).resolve().parents[1]
STAKE = 10_000_000
FUNDS = 1_000_000_000
NEVER = 2**40
"""An expiry that no run reaches, in seconds since the Unix epoch."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The contracts on a fresh anvil and the key that pays for the gas."""

    web3: Web3
    payer: str
    contracts: dict[str, Contract]
    domain: Domain
    nodes: dict[str, LocalAccount] = field(default_factory=dict)
    """The keys of the connected nodes."""

    def call(self, contract: str, function: str, *arguments: Any, sender: str | None = None) -> TxReceipt:
        """Send a transaction and wait for its receipt. Raises RuntimeError when it reverts."""
        prepared = self.contracts[contract].functions[function](*arguments)
        receipt = self.web3.eth.wait_for_transaction_receipt(
            prepared.transact({"from": sender or self.payer, "gas": 2**24})
        )
        if not receipt["status"]:
            raise RuntimeError(f"{contract}.{function} reverted")
        return receipt

    def cheat(self, method: str, *arguments: Any) -> Any:
        """Ask the test node for something that no chain does. Raises RuntimeError when it cannot."""
        answer = self.web3.provider.make_request(RPCEndpoint(method), list(arguments))
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def impersonate(self, account: str) -> None:
        """Let `account` send transactions, whoever holds its key, and pay for them."""
        self.cheat("anvil_setBalance", account, hex(10**18))
        self.cheat("anvil_impersonateAccount", account)

    def wait(self, seconds: int) -> None:
        """Let chain time pass until the next block."""
        self.cheat("evm_increaseTime", seconds)

    def mine(self, blocks: int) -> None:
        """Mine empty blocks."""
        self.cheat("anvil_mine", hex(blocks))

    def event(self, contract: str, name: str, receipt: TxReceipt) -> Any:
        """The fields of the first event of that name in a receipt."""
        return self.contracts[contract].events[name]().process_receipt(receipt, errors=DISCARD)[0]["args"]

    def fund(self, account: str, amount: int = FUNDS) -> None:
        """Give `account` a Ledger balance."""
        self.call("TestToken", "faucet", self.payer, amount)
        self.call("Ledger", "deposit", account, amount)

    def terms(self, node: LocalAccount, owner: LocalAccount) -> NodeTerms:
        """The terms that connect `node` for `owner`."""
        benchmark = "0x" + keccak(text=f"benchmark of {node.address}").hex()
        return NodeTerms(
            node=node.address, owner=owner.address, benchmark=benchmark, stake=STAKE, expiry=NEVER
        )

    def connect(self, node: LocalAccount, owner: LocalAccount) -> TxReceipt:
        """Connect a node by both signatures, relayed by the payer."""
        self.nodes[node.address] = node
        terms = self.terms(node, owner)
        signatures = [bytes.fromhex(sign(key, self.domain, terms)[2:]) for key in (owner, node)]
        return self.call("GridRegistry", "connect", tuple(dict(terms).values()), *signatures)


def key(name: str) -> LocalAccount:
    """The same key for the same name in every run."""
    made: LocalAccount = Account.from_key(keccak(text=name))
    return made


@contextmanager
def fresh_chain() -> Iterator[Chain]:
    """An anvil under osaka rules with the contracts deployed; it ends with the context."""
    binary = next(ROOT.glob("node_modules/@foundry-rs/anvil-*/bin/anvil"))
    port = _free_port()
    process = subprocess.Popen([binary, "--port", str(port), "--hardfork", "osaka", "--silent"])
    try:
        web3 = Web3(HTTPProvider(f"http://127.0.0.1:{port}"))
        _wait_until_connected(web3)
        yield _deploy(web3)
    finally:
        process.terminate()
        process.wait()


def _deploy(web3: Web3) -> Chain:
    payer = web3.eth.accounts[0]
    parameters = DeploymentParameters(fee_recipient=key("fee recipient").address, minimum_stake=STAKE)
    contracts: dict[str, Contract] = {}
    for planned in plan(payer, web3.eth.get_transaction_count(payer), parameters):
        artifact = load(planned.name)
        creation = web3.eth.contract(abi=artifact.abi, bytecode=HexStr(artifact.bytecode))
        web3.eth.wait_for_transaction_receipt(
            creation.constructor(*planned.arguments).transact({"from": payer})
        )
        address = Web3.to_checksum_address(planned.address)
        contracts[planned.name] = web3.eth.contract(address=address, abi=artifact.abi)
    ledger = contracts["Ledger"].address
    chain = Chain(web3, payer, contracts, Domain(chain_id=web3.eth.chain_id, ledger=ledger))
    chain.call("TestToken", "approve", ledger, 2**256 - 1)
    return chain


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_connected(web3: Web3) -> None:
    deadline = time.monotonic() + 30
    while not web3.is_connected():
        if time.monotonic() > deadline:
            raise TimeoutError("anvil did not start within 30 s")
        time.sleep(0.05)
