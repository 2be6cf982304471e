"""A deployment on a real chain where a test acts for everyone by hand and keeps the evidence in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.contract import Contract

from suanli.protocol.abi import load
from suanli.protocol.deployment import DeploymentParameters, plan, to_text
from suanli.protocol.eip712 import Domain
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Delegation, Statement
from suanli.protocol.netting import Batch, NettingTask, message, pack
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash
from suanli.protocol.wire.accounts import Deployment
from tests.integration.anvil import CHAIN_ID, Anvil
from tests.unit.protocol.bundles import DEADLINE, Cast, job
from tests.unit.protocol.strategies import KEYS

FEE_RECIPIENT = "0xFEE0000000000000000000000000000000000Fee".lower()
TOKENS = 1_000_000_000
STAKE = 10_000_000
GAS = 5_000_000


class World:
    """Contracts, people with money, one connected node, and a folder of evidence."""

    def __init__(self, anvil: Anvil, folder: Path) -> None:
        self.anvil = anvil
        self.web3 = Web3(HTTPProvider(anvil.rpc_url))
        self.relayer = self.web3.eth.accounts[0]
        self.evidence = folder / "evidence"
        self.evidence.mkdir()
        self.deployment = self._deploy()
        self.domain = Domain(chain_id=CHAIN_ID, ledger=self.deployment.ledger)
        self.cast = Cast(self.domain)
        self.deployment_file = folder / "deployment.json"
        self.deployment_file.write_text(to_text(self.deployment))

    def contract(self, name: str) -> Contract:
        """One of the deployment's contracts."""
        places = {
            "Ledger": self.deployment.ledger,
            "GridRegistry": self.deployment.registry,
            "Settlement": self.deployment.settlement,
            "TestToken": self.deployment.token,
        }
        return self.web3.eth.contract(address=places[name], abi=load(name).abi)  # type: ignore[call-overload,arg-type,no-any-return]

    def send(
        self, contract: str, function: str, *arguments: Any, sender: str | None = None, wait: bool = True
    ) -> Hash:
        """The hash of a transaction that succeeded, or with `wait` False of one that is still pending."""
        call = self.contract(contract).functions[function](*arguments)
        hash_ = call.transact({"from": sender or self.relayer, "gas": GAS})
        if not wait:
            return hash_.to_0x_hex()
        receipt = self.web3.eth.wait_for_transaction_receipt(hash_)
        assert receipt["status"] == 1
        return hash_.to_0x_hex()

    def endow(self, account: LocalAccount, amount: int = TOKENS) -> None:
        """Tokens from the faucet, deposited."""
        self.anvil.rpc("anvil_setBalance", account.address, hex(10**18))
        self.anvil.rpc("anvil_impersonateAccount", account.address)
        self.send("TestToken", "faucet", account.address, amount)
        self.send("TestToken", "approve", self.deployment.ledger, amount, sender=account.address)
        self.send("Ledger", "deposit", account.address, amount, sender=account.address)

    def connect(self, cast: Cast | None = None) -> Hash:
        """Connects the cast's node, relayed by a stranger."""
        terms = (cast or self.cast).terms(STAKE)
        signatures = [bytes.fromhex(one[2:]) for one in (terms.owner_signature, terms.node_signature)]
        return self.send("GridRegistry", "connect", as_tuple(terms.message), *signatures)

    def keep(self, bundle: EvidenceBundle, receipt: Hash | None = None) -> Hash:
        """Puts a bundle into the folder, under its own receipt or another's name."""
        name = receipt or bundle.receipt.message.id()
        (self.evidence / f"{name}.json").write_bytes(bundle.canonical())
        return name

    def work(self, name: str, tasks: int = 2) -> list[EvidenceBundle]:
        """A finished job: the evidence of each of its tasks, kept."""
        spec = job(name, tasks)
        bundles = [self.cast.bundle(spec, task) for task in range(tasks)]
        for bundle in bundles:
            self.keep(bundle)
        return bundles

    def settle(
        self, epoch: int, *tasks: NettingTask, buyer_key: LocalAccount | None = None, wait: bool = True
    ) -> Hash:
        """A batch that all its parties signed, whatever it says; one key may sign for every buyer."""
        batch = Batch(epoch, tasks)
        keys = {key.address: key for key in KEYS}
        signers = [buyer_key or keys[buyer] for buyer in batch.buyers()] + [
            keys[node] for node in batch.nodes()
        ]
        signatures = b"".join(bytes.fromhex(sign(key, self.domain, message(batch))[2:]) for key in signers)
        return self.send("Settlement", "settleBatch", pack(batch), signatures, wait=wait)

    def settle_statement(
        self, bundles: list[EvidenceBundle], cast: Cast | None = None, key: LocalAccount | None = None
    ) -> Hash:
        """A statement over the receipts of bundles, which are kept anew with the statement's list.

        `key` signs for the buyer where that is not the buyer's own key.
        """
        cast = cast or self.cast
        receipts = [bundle.receipt.message.id() for bundle in bundles]
        for bundle in bundles:
            self.keep(bundle.model_copy(update={"statement": receipts}))
        statement = Statement(
            buyer=cast.buyer.address,
            node=cast.node.address,
            amount=sum(bundle.receipt.message.amount for bundle in bundles),
            receipts=len(receipts),
            receiptsRoot=receipts_root(receipts),
        )
        keys = (key or cast.buyer, cast.node)
        signatures = [bytes.fromhex(sign(key, self.domain, statement)[2:]) for key in keys]
        return self.send("Settlement", "settleStatement", as_tuple(statement), *signatures)

    def delegate(self, account: LocalAccount, delegate: str, cap: int, nonce: int = 1) -> Hash:
        """Lets `delegate` sign for `account`, by the account's signature."""
        delegation = Delegation(
            account=account.address, delegate=delegate, cap=cap, expiry=DEADLINE, nonce=nonce
        )
        signature = bytes.fromhex(sign(account, self.domain, delegation)[2:])
        return self.send("GridRegistry", "delegateBySignature", as_tuple(delegation), signature)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Takes back what happens inside: on chain and in the folder."""
        snapshot = self.anvil.rpc("evm_snapshot")
        files = {path: path.read_bytes() for path in self.evidence.iterdir()}
        try:
            yield
        finally:
            assert self.anvil.rpc("evm_revert", snapshot)
            for path in self.evidence.iterdir():
                path.unlink()
            for path, content in files.items():
                path.write_bytes(content)

    def _deploy(self) -> Deployment:
        parameters = DeploymentParameters(
            fee_recipient=Web3.to_checksum_address(FEE_RECIPIENT),
            fee_basis_points=250,
            thaw_seconds=0,
            unbonding_seconds=0,
        )
        planned = plan(self.relayer, self.web3.eth.get_transaction_count(self.relayer), parameters)
        for one in planned:
            artifact = load(one.name)
            factory = self.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
            hash_ = factory.constructor(*one.arguments).transact({"from": self.relayer})
            assert self.web3.eth.wait_for_transaction_receipt(hash_)["contractAddress"] == one.address
        places = {one.name: one.address for one in planned}
        return Deployment(
            chain_id=CHAIN_ID,
            ledger=places["Ledger"],
            registry=places["GridRegistry"],
            settlement=places["Settlement"],
            token=places["TestToken"],
            token_symbol="TSC",
            token_decimals=6,
            fee_basis_points=250,
            thaw_seconds=0,
            operator=KEYS[3].address,
            first_block=0,
            rpc_url=self.anvil.rpc_url,
        )


def task_of(bundle: EvidenceBundle, **changes: Any) -> NettingTask:
    """The payment that a bundle's receipt is due, with `changes`."""
    honest = {
        "buyer": bundle.order.message.buyer,
        "node": bundle.lease.message.node,
        "amount": bundle.receipt.message.amount,
        "receipt": bundle.receipt.message.id(),
    }
    return NettingTask(**(honest | changes))


def as_tuple(struct: Any) -> tuple[Any, ...]:
    """A flat message as the ABI coder takes it."""
    values = (getattr(struct, name) for name in type(struct).model_fields)
    return tuple(bytes.fromhex(one[2:]) if isinstance(one, str) and len(one) == 66 else one for one in values)
