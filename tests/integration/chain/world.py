"""A market's chain side on a real chain and a real database: people with keys, steps taken by hand."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from market.chain.authority import ChainAuthority
from market.chain.client import Chain
from market.chain.contracts import Contracts
from market.chain.indexer import Indexer
from market.chain.relayer import Relayer
from market.chain.signing import sign_transaction
from market.db.blobs import LocalBlobs
from market.db.queries import outbox
from market.db.session import transaction
from market.db.tables.chain import AccountRow
from market.db.tables.outbox import IntentRow
from market.runtime import Runtime
from market.services import accounts, connect
from market.services.step import step
from market.settings import Settings
from suanli.protocol.messages import Delegation, NodeTerms
from suanli.protocol.signatures import sign
from suanli.protocol.wire.accounts import ConnectRequest
from suanli.protocol.wire.common import Signed
from tests.integration.anvil import Deployed

ETHER = 10**18
STAKE = 10_000_000
GAS = 1_000_000
MINED_WITHIN_SECONDS = 20


def key(number: int) -> LocalAccount:
    """A key for tests; equal numbers give equal keys."""
    account: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return account


@dataclass
class World:
    """The runtime with its relayer and indexer; `now` is the market's clock, moved by the test."""

    runtime: Runtime
    chain: Chain
    deployed: Deployed
    contracts: Contracts = field(init=False)
    now: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self.contracts = Contracts(self.runtime.deployment)
        self.relayer = Relayer(self.runtime, self.chain)
        self.indexer = Indexer(self.runtime, self.chain)

    def send(self, sender: LocalAccount, contract: Any, function: str, *arguments: Any) -> str:
        """A transaction of somebody's own, mined; its hash."""
        if self.chain.balance(sender.address) < ETHER:
            self.chain.endow(sender.address, 10 * ETHER)
        call = self.contracts.call(contract, function, *arguments)
        nonce = self.chain.nonce(sender.address)
        signed = sign_transaction(sender, self.chain.chain_id(), nonce, call, GAS, self.chain.fees())
        self.chain.send(signed.raw)
        while not (mined := self.chain.mined([signed.hash])):
            time.sleep(0.01)
        if not mined[signed.hash].succeeded:
            self.chain.call(call, sender.address)  # raises with the contract's reason
            raise AssertionError(f"{function} failed")
        return signed.hash

    def fund(self, who: LocalAccount, atoms: int) -> None:
        """Money in somebody's account."""
        ledger = self.runtime.deployment.ledger
        self.send(who, "TestToken", "faucet", who.address, atoms)
        self.send(who, "TestToken", "approve", ledger, atoms)
        self.send(who, "Ledger", "deposit", who.address, atoms)

    def terms(self, node: LocalAccount, owner: LocalAccount) -> ConnectRequest:
        """A node's terms with both signatures."""
        terms = NodeTerms(
            node=node.address,
            owner=owner.address,
            benchmark="0x" + "be" * 32,
            stake=STAKE,
            expiry=self.now + 3600,
        )
        by_owner, by_node = (sign(one, self.runtime.domain, terms) for one in (owner, node))
        return ConnectRequest(terms=terms, owner_signature=by_owner, node_signature=by_node)

    def connect_past_the_market(self, node: LocalAccount, owner: LocalAccount) -> None:
        """A node on chain, sent by its owner."""
        self.fund(owner, STAKE)
        request = self.terms(node, owner)
        terms = request.terms
        fields = (terms.node, terms.owner, bytes.fromhex(terms.benchmark[2:]), terms.stake, terms.expiry)
        signature = bytes.fromhex(request.node_signature[2:])
        self.send(owner, "GridRegistry", "connect", fields, b"", signature)

    def connect(self, node: LocalAccount, owner: LocalAccount) -> None:
        """A node on chain and in the market, by way of the relay."""
        self.fund(owner, STAKE)
        with step(self.runtime) as session:
            connect.connect(session, self.runtime, self.terms(node, owner), self.now)
        self.sync()

    def delegate(self, account: LocalAccount, delegate: str, cap: int, nonce: int = 1) -> str:
        """Queues a delegation; the intent's id."""
        delegation = Delegation(
            account=account.address, delegate=delegate, cap=cap, expiry=self.now + 3600, nonce=nonce
        )
        signed = Signed[Delegation](
            message=delegation, signature=sign(account, self.runtime.domain, delegation)
        )
        with step(self.runtime) as session:
            return accounts.delegate(session, self.runtime, signed, self.now).id

    def relay(self) -> None:
        """One step of the relayer."""
        self.relayer.step(float(self.now))

    def index(self) -> None:
        """The indexer, until it has nothing to do."""
        while self.indexer.step(self.now):
            pass

    def sync(self) -> None:
        """What is queued is sent, mined and known."""
        self.relay()
        self.index()
        deadline = time.monotonic() + MINED_WITHIN_SECONDS
        while self._in_flight():
            assert time.monotonic() < deadline, "a transaction is not mined"
            time.sleep(0.01)
            self.index()

    def _in_flight(self) -> bool:
        with transaction(self.runtime.engine) as session:
            return bool(outbox.in_flight(session))

    def intent(self, id_: str) -> IntentRow:
        """An intent as it stands now."""
        with transaction(self.runtime.engine) as session:
            return session.get_one(IntentRow, id_)

    def account(self, address: str) -> AccountRow:
        """An account as indexed."""
        with transaction(self.runtime.engine) as session:
            return session.get(AccountRow, address) or AccountRow(address=address)

    def on_chain(self, contract: Any, function: str, *arguments: Any) -> Any:
        """What a view says now."""
        answer = self.chain.call(self.contracts.call(contract, function, *arguments))
        values = self.contracts.result(contract, function, answer)
        return values[0] if len(values) == 1 else values

    def rows(self, table: type[SQLModel]) -> list[dict[str, Any]]:
        """A table's content, in the order of its key."""
        with Session(self.runtime.engine) as session:
            key_columns = list(table.__table__.primary_key)  # type: ignore[attr-defined]
            return [row.model_dump() for row in session.exec(select(table).order_by(*key_columns))]


def make_world(deployed: Deployed, engine: Engine, folder: Path, **settings: Any) -> World:
    """A world whose indexer counts every block at once, unless told otherwise."""
    chosen = {
        "confirmations": 0,
        "development": True,
        "settlement_seconds": 10,
        "silence_seconds": 5,
    } | settings
    made = Settings(data_dir=folder, **chosen)
    rpc_url = deployed.anvil.rpc_url
    runtime = Runtime(
        settings=made,
        engine=engine,
        deployment=deployed.deployment,
        operator=deployed.operator,
        blobs=LocalBlobs(made.blob_path, made.blob_maximum_bytes),
        authority=ChainAuthority(rpc_url),
    )
    return World(runtime, Chain(rpc_url), deployed)
