"""A deployment on a real chain where a test acts for everyone by hand and keeps the evidence in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.contract import Contract

from suanli.audit.chain import EMITTERS
from suanli.protocol import root_netting
from suanli.protocol.abi import ContractName, load
from suanli.protocol.deployment import DeploymentParameters, plan, to_text
from suanli.protocol.eip712 import Domain, Message, Struct
from suanli.protocol.evidence import EvidenceBundle
from suanli.protocol.merkle import receipts_root
from suanli.protocol.messages import Delegation, Draw, Statement
from suanli.protocol.netting import Batch, NettingTask, message, pack
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.signatures import sign
from suanli.protocol.statement_batches import StatementRow, row_of
from suanli.protocol.statement_batches import pack as pack_rows
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import Deployment
from tests.integration.anvil import CHAIN_ID, Anvil
from tests.unit.protocol.bundles import DEADLINE, Cast, job
from tests.unit.protocol.strategies import KEYS

FEE_RECIPIENT = "0xFEE0000000000000000000000000000000000Fee".lower()
TOKENS = 5_000_000_000
STAKE = 10_000_000
GAS = 8_000_000


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
        self.payees: dict[Address, Address] = {}
        """Where batches pay somebody else than a node's owner."""
        self._serials, self._nonces = count(), count(100)
        self.deployment_file = folder / "deployment.json"
        self.deployment_file.write_text(to_text(self.deployment))

    def contract(self, name: ContractName) -> Contract:
        """One of the deployment's contracts."""
        place = {"TestToken": "token"} | EMITTERS
        return self.web3.eth.contract(address=getattr(self.deployment, place[name]), abi=load(name).abi)  # type: ignore[call-overload,no-any-return]

    def send(
        self,
        contract: ContractName,
        function: str,
        *arguments: Any,
        sender: str | None = None,
        wait: bool = True,
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
        nonce = next(self._nonces)
        bundles = [self.cast.bundle(spec, task, nonce, serial=next(self._serials)) for task in range(tasks)]
        for bundle in bundles:
            self.keep(bundle)
        return bundles

    def settle(
        self, epoch: int, *tasks: NettingTask, buyer_key: LocalAccount | None = None, wait: bool = True
    ) -> Hash:
        """A batch that all its parties signed, whatever it says; one key may sign for every buyer."""
        return self.send(
            "Settlement", "settleBatch", *self.signed_batch(epoch, *tasks, key=buyer_key), wait=wait
        )

    def signed_batch(
        self, epoch: int, *tasks: NettingTask, key: LocalAccount | None = None
    ) -> tuple[bytes, bytes]:
        """The arguments of `settleBatch`."""
        batch = self.batch(epoch, *tasks)
        return pack(batch), self._signed(message(batch), batch, key)

    def relayed(self, contract: ContractName, function: str, *arguments: Any) -> Hash:
        """The hash of a transaction without input: a contract makes the calldata of the call inside."""
        target = self.contract(contract)
        payload = bytes.fromhex(target.encode_abi(function, arguments)[2:])
        hash_ = self.web3.eth.send_transaction(
            {"from": self.relayer, "data": _maker_of(target.address, payload), "gas": GAS}
        )
        maker = self.web3.eth.wait_for_transaction_receipt(hash_)["contractAddress"]
        hash_ = self.web3.eth.send_transaction({"from": self.relayer, "to": maker, "gas": GAS})
        assert self.web3.eth.wait_for_transaction_receipt(hash_)["status"] == 1
        return hash_.to_0x_hex()

    def settle_root(
        self, epoch: int, bundles: list[EvidenceBundle], *tasks: NettingTask, keep: bool = True
    ) -> Hash:
        """A batch by root over the bundles' receipts (or over `tasks`), which are kept with its list."""
        batch = self.batch(epoch, *(tasks or map(task_of, bundles)))
        form = root_netting.root_form(batch)
        listed = [task.receipt for task in batch.in_order()]
        for bundle in bundles if keep else ():
            self.keep(bundle.model_copy(update={"statement": listed}))
        signatures = self._signed(root_netting.message(form), batch)
        return self.send("Settlement", "settleRoot", root_netting.pack(form), signatures)

    def batch(self, epoch: int, *tasks: NettingTask) -> Batch:
        """A batch that pays each node's owner by the registry."""
        registry = self.contract("GridRegistry")
        payees = {task.node: registry.functions.ownerOf(task.node).call() for task in tasks}
        return Batch(
            epoch, tasks, self.payees | {node: payees[node] for node in payees if node not in self.payees}
        )

    def _signed(self, netting: Message, batch: Batch, buyer_key: LocalAccount | None = None) -> bytes:
        keys = {key.address: key for key in KEYS}
        signers = [buyer_key or keys[buyer] for buyer in batch.buyers()] + [
            keys[node] for node in batch.nodes()
        ]
        return b"".join(bytes.fromhex(sign(key, self.domain, netting)[2:]) for key in signers)

    def statement(self, bundles: list[EvidenceBundle], **changes: Any) -> Statement:
        """What the buyer owes for the bundles' receipts, with `changes`; they are kept with its list."""
        receipts = [bundle.receipt.message.id() for bundle in bundles]
        for bundle in bundles:
            self.keep(bundle.model_copy(update={"statement": receipts}))
        honest = Statement(
            buyer=bundles[0].order.message.buyer,
            node=bundles[0].lease.message.node,
            payee=bundles[0].terms.message.owner,
            amount=sum(bundle.receipt.message.amount for bundle in bundles),
            receipts=len(receipts),
            receiptsRoot=receipts_root(receipts),
            marks=marks_hash(marks_of(serials_of(bundles))),
        )
        return honest.model_copy(update=changes)

    def settle_statement(self, bundles: list[EvidenceBundle], **changes: Any) -> Hash:
        """A statement as `signed_statement` makes it, alone in its transaction."""
        return self.send("Settlement", "settleStatement", *self.signed_statement(bundles, **changes))

    def signed_statement(
        self,
        bundles: list[EvidenceBundle],
        key: LocalAccount | None = None,
        serials: list[int] | None = None,
        **changes: Any,
    ) -> tuple[Any, ...]:
        """A statement over the bundles' receipts as the arguments of `settleStatement`.

        `key` signs for the buyer where that is not its own key.
        """
        marks = marks_of(serials_of(bundles) if serials is None else serials)
        statement = self.statement(bundles, marks=marks_hash(marks), **changes)
        keys = (key or self.cast.buyer, self.cast.node)
        signatures = (bytes.fromhex(sign(one, self.domain, statement)[2:]) for one in keys)
        return as_tuple(statement), marks, *signatures

    def settle_rows(self, *several: list[EvidenceBundle], **changes: Any) -> Hash:
        """Packed statements, one over each list of bundles, in one transaction."""
        return self.send("Settlement", "settleStatements", self.packed_rows(*several, **changes))

    def packed_rows(self, *several: list[EvidenceBundle], **changes: Any) -> bytes:
        """The argument of `settleStatements`; options as those of `signed_statement`."""
        return pack_rows([self._row(bundles, **changes) for bundles in several])

    def _row(
        self,
        bundles: list[EvidenceBundle],
        key: LocalAccount | None = None,
        serials: list[int] | None = None,
        **changes: Any,
    ) -> StatementRow:
        chosen = serials_of(bundles) if serials is None else serials
        statement = self.statement(bundles, marks=marks_hash(marks_of(chosen)), **changes)
        keys = (key or self.cast.buyer, self.cast.node)
        return row_of(statement, chosen, *(sign(one, self.domain, statement) for one in keys))

    def settle_reserved(self, bundles: list[EvidenceBundle]) -> Hash:
        """A statement that the order's reservation pays, with the guardian's signature."""
        statement, order = self.statement(bundles), bundles[0].order.message.id()
        draw = Draw(order=order, statement=statement.id())
        signed = ((self.cast.buyer, statement), (self.cast.node, statement), (self.cast.operator, draw))
        signatures = [bytes.fromhex(sign(key, self.domain, one)[2:]) for key, one in signed]
        marks = marks_of(serials_of(bundles))
        return self.send("Settlement", "settleReserved", as_tuple(statement), marks, raw(order), *signatures)

    def reserve(self, bundle: EvidenceBundle) -> Hash:
        """The buyer sets its order's budget aside."""
        order = bundle.order.message
        return self.send("Bidding", "reserve", as_tuple(order), order.budget, b"", sender=order.buyer)

    def anchor(self, bundles: list[EvidenceBundle], **changes: Any) -> Hash:
        """The operator anchors the epoch of the bundles, which are kept with their places in the anchor."""
        operator = self.cast.operator.address
        shown = self.cast.anchor(bundles, **changes)
        for bundle, one in zip(bundles, shown, strict=True):
            self.keep(bundle.model_copy(update={"anchor": one}))
        return self.send("EpochAnchors", "anchor", as_tuple(shown[0].anchor.message), "", sender=operator)

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
        snapshot, payees = self.anvil.rpc("evm_snapshot"), dict(self.payees)
        files = {path: path.read_bytes() for path in self.evidence.iterdir()}
        try:
            yield
        finally:
            self.payees = payees
            assert self.anvil.rpc("evm_revert", snapshot)
            for path in self.evidence.iterdir():
                path.unlink()
            for path, content in files.items():
                path.write_bytes(content)

    def later(self, seconds: int) -> None:
        """Lets time pass."""
        self.anvil.rpc("evm_increaseTime", seconds)
        self.anvil.mine()

    def _deploy(self) -> Deployment:
        parameters = DeploymentParameters.development(
            Web3.to_checksum_address(FEE_RECIPIENT), fee_basis_points=250, thaw_seconds=0
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
            **{part: places[name] for name, part in EMITTERS.items()},
            token=places["TestToken"],
            token_symbol="TSC",
            token_decimals=6,
            fee_basis_points=250,
            thaw_seconds=0,
            operator=KEYS[3].address,
            first_block=0,
            rpc_url=self.anvil.rpc_url,
        )


def _maker_of(address: Address, payload: bytes) -> bytes:
    """The creation code of a contract that calls `address` with the payload, which stands in its own code."""
    length = len(payload).to_bytes(2, "big").hex()
    call = f"5f5f61{length}5f5f73{address[2:]}5af1"
    rest = "5f39" + call + "60{end:02x}575f5ffd5b00"
    code_bytes = 6 + len(rest.format(end=0)) // 2
    head = f"61{length}61{code_bytes:04x}"
    runtime = bytes.fromhex(head + rest.format(end=code_bytes - 2)) + payload
    size = f"{len(runtime):04x}"
    return bytes.fromhex(f"61{size}61000d5f3961{size}5ff3") + runtime


def task_of(bundle: EvidenceBundle, **changes: Any) -> NettingTask:
    """The payment that a bundle's receipt is due, with `changes`."""
    honest = {
        "buyer": bundle.order.message.buyer,
        "node": bundle.lease.message.node,
        "amount": bundle.receipt.message.amount,
        "receipt": bundle.receipt.message.id(),
        "serial": bundle.lease.message.serial,
    }
    return NettingTask(**(honest | changes))


def serials_of(bundles: list[EvidenceBundle]) -> list[int]:
    """The serials of the bundles' leases."""
    return [bundle.lease.message.serial for bundle in bundles]


def as_tuple(struct: Any) -> tuple[Any, ...]:
    """A message as the ABI coder takes it."""
    return tuple(_coded(getattr(struct, name)) for name in type(struct).model_fields)


def raw(hash_: Hash) -> bytes:
    """The bytes of a hash."""
    return bytes.fromhex(hash_[2:])


def _coded(value: Any) -> Any:
    if isinstance(value, Struct):
        return as_tuple(value)
    return raw(value) if isinstance(value, str) and len(value) == 66 else value
