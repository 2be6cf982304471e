"""Random histories on the bytecode and in the Python books: both do the same, or refuse for one reason."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account as Keys
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from suanli.protocol.deployment import DeploymentParameters
from suanli.protocol.messages import Delegation, NodeTerms, Statement
from suanli.protocol.netting import Batch, NettingTask, pack
from suanli.protocol.root_netting import message as root_message
from suanli.protocol.root_netting import pack as pack_root
from suanli.protocol.root_netting import root_form
from suanli.protocol.serials import marks_hash, marks_of, masks_of
from tests.contracts.reference.books import Books, Refused
from tests.contracts.signing import NEVER, batch_signatures, signed, values

pytest.importorskip("pyrevm", reason="pyrevm has no wheel for this Python; forge's invariants run everywhere")
from tests.contracts.reference.machine import DEPLOYER, Machine, Reverted

START = 1_700_000_000
STAKE, FEE, WAIT = 1000, 130, 5000
FUNDS = 10_000


def _key(name: str) -> Any:
    made = Keys.from_key(keccak(text=name))
    object.__setattr__(made, "private_key", made.key)
    return made


ACCOUNTS = [_key(f"account {index}") for index in range(3)]
WORDS = range(3)
"""Of serials."""
NODES = [_key(f"node {index}") for index in range(3)]
BY_ADDRESS = {one.address: one for one in (*ACCOUNTS, *NODES)}

accounts = st.sampled_from(ACCOUNTS)
nodes = st.sampled_from(NODES)
amounts = st.integers(0, FUNDS // 8) | st.integers(0, FUNDS // 8) | st.integers(0, 2 * FUNDS)
serials = st.integers(0, 600) | st.integers(0, 600) | st.integers(0, 20)
"""Mostly free, sometimes paid already."""
tasks = st.lists(
    st.tuples(accounts, nodes, st.integers(0, FUNDS // 8), serials),
    min_size=1,
    max_size=6,
    unique_by=lambda row: (row[1].address, row[3]),
)
steps = st.sampled_from([1, 1, 1, 2, 0, 2 * START])
"""How far an epoch moves: mostly on, sometimes not at all or past the clock."""
self_or_other = st.sampled_from([None, None, None, *ACCOUNTS])
"""None stands for whoever ought to call or to sign."""


class Histories(RuleBasedStateMachine):
    """Each rule makes one call in both worlds."""

    @initialize(connected=st.sampled_from([3, 3, 3, 1]))
    def open(self, connected: int) -> None:
        parameters = DeploymentParameters.development(
            ACCOUNTS[0].address,
            fee_basis_points=FEE,
            minimum_stake=STAKE,
            thaw_seconds=WAIT,
            unbonding_seconds=WAIT,
        )
        self.chain = Machine(parameters, START)
        self.registry = self.chain.contracts["GridRegistry"].address
        self.books = Books(self.registry, ACCOUNTS[0].address, FEE, WAIT, WAIT, STAKE, START)
        self.chain.call(DEPLOYER, "TestToken", "faucet", DEPLOYER, 10**10)
        self.chain.call(DEPLOYER, "TestToken", "approve", self.chain.domain.ledger, 2**256 - 1)
        for account in ACCOUNTS:
            self.deposit(account, FUNDS)
        for node, owner in list(zip(NODES, ACCOUNTS, strict=True))[:connected]:
            self.connect(node, owner, STAKE)

    def both(
        self, expected: Callable[[], None], caller: Any, contract: str, function: str, *arguments: Any
    ) -> None:
        """Calls the contract and the books; the refusals must be the same."""
        refused = reverted = None
        try:
            expected()
        except Refused as refusal:
            refused = str(refusal)
        try:
            self.chain.call(getattr(caller, "address", caller), contract, function, *arguments)
        except Reverted as revert:
            reverted = str(revert)
        assert reverted == refused

    def sign(self, who: Any, message: Any) -> bytes:
        return signed(who, self.chain.domain, message)

    @rule(account=accounts, amount=st.integers(0, FUNDS))
    def deposit(self, account: Any, amount: int) -> None:
        expected = lambda: self.books.deposit(account.address, amount)  # noqa: E731
        self.both(expected, DEPLOYER, "Ledger", "deposit", account.address, amount)

    @rule(account=accounts, amount=amounts)
    def thaw(self, account: Any, amount: int) -> None:
        self.both(lambda: self.books.thaw(account.address, amount), account, "Ledger", "thaw", amount)

    @rule(account=accounts)
    def withdraw(self, account: Any) -> None:
        self.both(
            lambda: self.books.withdraw(account.address), account, "Ledger", "withdraw", account.address
        )

    @rule(seconds=st.sampled_from([1, WAIT - 1, WAIT, 3 * WAIT]))
    def wait(self, seconds: int) -> None:
        self.books.now += seconds
        self.chain.set_time(self.books.now)

    @rule(node=nodes, owner=accounts, stake=st.integers(STAKE - 1, 2 * STAKE))
    def connect(self, node: Any, owner: Any, stake: int) -> None:
        terms = NodeTerms(
            node=node.address, owner=owner.address, benchmark="0x" + "00" * 32, stake=stake, expiry=NEVER
        )
        self.both(
            lambda: self.books.connect(node.address, owner.address, stake),
            DEPLOYER,
            "GridRegistry",
            "connect",
            values(terms),
            self.sign(owner, terms),
            self.sign(node, terms),
        )

    def owner_of(self, node: Any) -> Any:
        """Who is paid for the node; somebody when it never was connected."""
        known = self.books.nodes.get(node.address)
        return BY_ADDRESS[known.owner] if known else ACCOUNTS[0]

    @rule(node=nodes, caller=self_or_other, amount=amounts)
    def add_stake(self, node: Any, caller: Any, amount: int) -> None:
        caller = caller or self.owner_of(node)
        expected = lambda: self.books.add_stake(node.address, caller.address, amount)  # noqa: E731
        self.both(expected, caller, "GridRegistry", "addStake", node.address, amount)

    @rule(node=nodes, caller=self_or_other)
    def disconnect(self, node: Any, caller: Any) -> None:
        caller = caller or self.owner_of(node)
        expected = lambda: self.books.disconnect(node.address, caller.address)  # noqa: E731
        self.both(expected, caller, "GridRegistry", "disconnect", node.address)

    @rule(node=nodes)
    def release(self, node: Any) -> None:
        expected = lambda: self.books.release(node.address)  # noqa: E731
        self.both(expected, DEPLOYER, "GridRegistry", "release", node.address)

    @rule(
        who=accounts, delegate=accounts, cap=amounts, life=st.integers(-1, 2 * WAIT), bump=st.integers(0, 2)
    )
    def delegate(self, who: Any, delegate: Any, cap: int, life: int, bump: int) -> None:
        nonce = self.books.grant(who.address, delegate.address).nonce + bump
        fields = {"cap": cap, "expiry": self.books.now + life, "nonce": nonce}
        delegation = Delegation(account=who.address, delegate=delegate.address, **fields)
        self.both(
            lambda: self.books.delegate(who.address, delegate.address, **fields),
            DEPLOYER,
            "GridRegistry",
            "delegateBySignature",
            values(delegation),
            self.sign(who, delegation),
        )

    @rule(who=accounts, delegate=accounts)
    def revoke(self, who: Any, delegate: Any) -> None:
        expected = lambda: self.books.revoke(who.address, delegate.address)  # noqa: E731
        self.both(expected, who, "GridRegistry", "revoke", delegate.address)

    @rule(who=accounts, ahead=steps)
    def advance_epoch(self, who: Any, ahead: int) -> None:
        epoch = self.books.account(who.address).epoch + ahead
        expected = lambda: self.books.advance_epoch(who.address, epoch)  # noqa: E731
        self.both(expected, who, "Settlement", "advanceEpoch", epoch)

    @rule(
        buyer=accounts,
        node=nodes,
        amount=amounts,
        paid=st.sets(serials, min_size=1, max_size=3),
        signer=self_or_other,
    )
    def settle_statement(self, buyer: Any, node: Any, amount: int, paid: set[int], signer: Any) -> None:
        signer, payee, marks = signer or buyer, self.owner_of(node), marks_of(paid)
        statement = Statement(
            buyer=buyer.address,
            node=node.address,
            payee=payee.address,
            amount=amount,
            receipts=len(paid),
            receiptsRoot="0x" + "00" * 32,
            marks=marks_hash(marks),
        )
        self.both(
            lambda: self.books.settle_statement(
                buyer.address, node.address, payee.address, amount, paid, signer.address
            ),
            DEPLOYER,
            "Settlement",
            "settleStatement",
            values(statement),
            marks,
            self.sign(signer, statement),
            self.sign(node, statement),
        )

    def batch(self, rows: list[Any], ahead: int) -> Batch:
        """The rows as tasks, of an epoch that far beyond the last of their buyers."""
        epoch = max(self.books.account(buyer.address).epoch for buyer, *_ in rows) + ahead
        payments = tuple(
            NettingTask(buyer.address, node.address, amount, f"0x{number:064x}", serial)
            for number, (buyer, node, amount, serial) in enumerate(rows)
        )
        return Batch(epoch, payments, {node.address: self.owner_of(node).address for node in NODES})

    @rule(rows=tasks, ahead=steps, signer=self_or_other)
    def settle_batch(self, rows: list[Any], ahead: int, signer: Any) -> None:
        """`signer`, if any, signs for all buyers: for itself by key, for the others as their delegate."""
        batch = self.batch(rows, ahead)
        signers = BY_ADDRESS | (dict.fromkeys(batch.buyers(), signer) if signer else {})
        names = {party: who.address for party, who in signers.items()}
        signatures = batch_signatures(batch, self.chain.domain, signers)
        expected = lambda: self.books.settle_batch(batch, names)  # noqa: E731
        self.both(expected, DEPLOYER, "Settlement", "settleBatch", pack(batch), signatures)

    @rule(rows=tasks, ahead=steps, signer=self_or_other)
    def settle_root(self, rows: list[Any], ahead: int, signer: Any) -> None:
        """As a listed batch."""
        batch = self.batch(rows, ahead)
        signers = BY_ADDRESS | (dict.fromkeys(batch.buyers(), signer) if signer else {})
        names = {party: who.address for party, who in signers.items()}
        sums = root_form(batch)
        signatures = b"".join(self.sign(signers[party], root_message(sums)) for party in sums.parties())
        expected = lambda: self.books.settle_root(batch, names)  # noqa: E731
        self.both(expected, DEPLOYER, "Settlement", "settleRoot", pack_root(sums), signatures)

    @invariant()
    def ledger_equals_the_books(self) -> None:
        if not hasattr(self, "books"):
            return
        for who in (*(one.address for one in ACCOUNTS), self.registry):
            account = self.books.account(who)
            assert self.chain.call(DEPLOYER, "Ledger", "accountOf", who) == (account.balance, account.epoch)

    @invariant()
    def stakes_lie_in_the_registrys_account(self) -> None:
        if not hasattr(self, "books"):
            return
        stakes = sum(node.stake for node in self.books.nodes.values())
        assert self.books.account(self.registry).balance == stakes
        for node, known in self.books.nodes.items():
            expected = (known.stake, 0, known.stake)
            assert self.chain.call(DEPLOYER, "GridRegistry", "stakeOf", node) == expected

    @invariant()
    def exactly_the_paid_serials_are_marked(self) -> None:
        if not hasattr(self, "books"):
            return
        for who in BY_ADDRESS:
            masks = masks_of(serial for space, serial in self.books.spent if space == who)
            for word in WORDS:
                marked = self.chain.call(DEPLOYER, "Settlement", "paidWord", who, word)
                assert marked == (masks.get(word, 0),)

    @invariant()
    def tokens_held_are_what_is_owed(self) -> None:
        if not hasattr(self, "books"):
            return
        owed = sum(account.balance for account in self.books.accounts.values())
        held = self.chain.call(DEPLOYER, "TestToken", "balanceOf", self.chain.domain.ledger)
        assert held == (owed,) == (self.books.tokens,)


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
