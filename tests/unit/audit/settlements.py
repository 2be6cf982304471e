"""Settlements as the auditor reads them, made without a chain."""

from collections.abc import Sequence

from suanli.audit.books import Account, Books, Node
from suanli.audit.calldata import BatchCall, StatementCall
from suanli.audit.chain import Event
from suanli.audit.history import SettledBatch, SettledStatement
from suanli.audit.settling import FeeRule
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, NettingTask, batch_hash, net, pack, read_packed
from suanli.protocol.states import NodeState
from suanli.protocol.units import fee_rounded_down
from suanli.protocol.values import Address

ALICE, BOB, CAROL, NODE, OWNER, FEES = (f"0x{digit * 40}" for digit in "123456")
RECEIPT, OTHER = "0x" + "ab" * 32, "0x" + "cd" * 32
ZERO = "0x" + "00" * 32
FEE = FeeRule(basis_points=200, recipient=FEES)
NOW = 1_000


def books(balance: int = 10_000, epoch: int = 0) -> Books:
    """Alice and Bob have money; one node is connected."""
    made = Books()
    for buyer in (ALICE, BOB):
        made.accounts[buyer] = Account(balance=balance, epoch=epoch)
    add_node(made, NODE)
    return made


def add_node(made: Books, node: Address, owner: Address = OWNER) -> None:
    """Connects a node."""
    made.nodes[node] = Node(owner, NodeState.CONNECTED, 0, ZERO, ZERO, ZERO)


def task(
    buyer: Address = ALICE, amount: int = 99, receipt: str = RECEIPT, node: Address = NODE
) -> NettingTask:
    """A payment."""
    return NettingTask(buyer, node, amount, receipt)


def settled_batch(batch: Batch, signers: Sequence[Address | None] | None = None, **said: int) -> SettledBatch:
    """A batch as it landed; every party signed by its own key unless `signers` says otherwise."""
    packed = pack(batch)
    moved = net(batch, FEE.basis_points)
    arguments = {"batch": batch_hash(packed), "volume": moved.volume(), "fee": moved.fee} | said
    read = read_packed(packed)
    by = read.parties() if signers is None else tuple(signers)
    return SettledBatch(_event("BatchSettled", arguments), BatchCall(read, ()), by, NOW)


def settled_statement(
    amount: int, before: int = 0, signer: Address | None = ALICE, approved: bool = False, **said: int
) -> SettledStatement:
    """A statement between Alice and the node as it landed."""
    growth = amount - before
    arguments = {"paid": growth, "fee": fee_rounded_down(growth, FEE.basis_points)} | said
    statement = Statement(buyer=ALICE, node=NODE, amount=amount, receipts=1, receiptsRoot=RECEIPT)
    event = _event("StatementSettled", arguments)
    return SettledStatement(event, StatementCall(statement, "0x", "0x"), signer, NODE, approved, NOW)


def _event(name: str, arguments: dict[str, object]) -> Event:
    return Event(name, arguments, block=1, position=0, transaction="0x" + "77" * 32)
