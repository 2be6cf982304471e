"""Applies settlements to the auditor's books, and says whether each one kept the rules as it landed. Pure.

The rules are those of `contracts/interfaces/ISettlement.sol`; here they are worked out a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from suanli.audit.books import Books
from suanli.audit.history import Settled, SettledBatch, SettledStatement
from suanli.protocol.checks import Check, check
from suanli.protocol.netting import Net, net
from suanli.protocol.reasons import Reason
from suanli.protocol.units import fee_rounded_down
from suanli.protocol.values import Address


@dataclass(frozen=True, slots=True)
class FeeRule:
    """The deployment's fee for good: hundredths of a percent, and who receives it."""

    basis_points: int
    recipient: Address


def settle(books: Books, settled: Settled, fee: FeeRule) -> list[Check]:
    """Moves the money of one settlement in `books`; the checks say what was right before it moved."""
    if isinstance(settled, SettledBatch):
        return _settle_batch(books, settled, fee)
    return _settle_statement(books, settled, fee)


def _settle_batch(books: Books, settled: SettledBatch, fee: FeeRule) -> list[Check]:
    packed = settled.call.packed
    moved = net(packed, fee.basis_points)
    checks = [*_batch_consent(books, settled, moved), *_batch_sums(books, settled, moved)]
    for buyer in packed.buyers:
        account = books.accounts[buyer]
        account.balance -= moved.paid.get(buyer, 0)
        account.epoch = packed.epoch
    for node in packed.nodes:
        books.accounts[_owner(books, node)].balance += moved.earned.get(node, 0)
    books.accounts[fee.recipient].balance += moved.fee
    for task in packed.tasks:
        books.paid_receipts.setdefault(task.receipt, settled.event.transaction)
    return checks


def _batch_consent(books: Books, settled: SettledBatch, moved: Net) -> Iterator[Check]:
    packed, signers = settled.call.packed, settled.signers
    complete = len(signers) == len(packed.parties())
    yield check("signatures", complete, f"{len(signers)} of {len(packed.parties())} parties signed")
    for buyer, signer in zip(packed.buyers, signers, strict=False):
        yield _buyer_consent(books, buyer, signer, moved.paid.get(buyer, 0), settled.at)
    for node, signer in zip(packed.nodes, signers[len(packed.buyers) :], strict=False):
        yield _node_consent(books, node, signer)


def _batch_sums(books: Books, settled: SettledBatch, moved: Net) -> Iterator[Check]:
    packed, said = settled.call.packed, settled.event.arguments
    fresh = all(books.accounts[buyer].epoch < packed.epoch <= settled.at for buyer in packed.buyers)
    funded = all(books.accounts[buyer].balance >= amount for buyer, amount in moved.paid.items())
    earned = sum(moved.earned.values())
    repeated = _paid_before(books, settled)
    yield check("epoch", fresh, f"epoch {packed.epoch} is new to every buyer", Reason.EPOCH_STALE)
    yield check("funds", funded, "every buyer held what they pay", Reason.BALANCE_TOO_SMALL)
    yield check(
        "volume", said["volume"] == moved.volume(), f"{moved.volume()} atoms in {len(packed.tasks)} tasks"
    )
    yield check("fee", said["fee"] == moved.fee, f"{moved.fee} atoms, {said['fee']} by the log")
    yield check(
        "conservation", moved.volume() == earned + moved.fee, f"{moved.volume()} = {earned} + {moved.fee}"
    )
    yield check(
        "receipts_once", not repeated, repeated or "no receipt is paid twice", Reason.MESSAGE_REPLAYED
    )


def _paid_before(books: Books, settled: SettledBatch) -> str:
    seen = dict(books.paid_receipts)
    for task in settled.call.packed.tasks:
        if task.receipt in seen:
            return f"{task.receipt} was already paid in {seen[task.receipt]}"
        seen[task.receipt] = settled.event.transaction
    return ""


def _settle_statement(books: Books, settled: SettledStatement, fee: FeeRule) -> list[Check]:
    statement, said = settled.call.statement, settled.event.arguments
    pair = (statement.buyer, statement.node)
    growth = statement.amount - books.statements[pair]
    part = fee_rounded_down(growth, fee.basis_points)
    buyer = books.accounts[statement.buyer]
    checks = [
        _node_consent(books, statement.node, settled.node_signer),
        _statement_consent(books, settled, growth),
        check("volume", said["paid"] == growth > 0, f"{growth} atoms, {said['paid']} by the log"),
        check("fee", said["fee"] == part, f"{part} atoms, {said['fee']} by the log"),
        check("funds", buyer.balance >= growth, "the buyer held what they pay", Reason.BALANCE_TOO_SMALL),
    ]
    books.statements[pair] = statement.amount
    buyer.balance -= growth
    books.accounts[_owner(books, statement.node)].balance += growth - part
    books.accounts[fee.recipient].balance += part
    return checks


def _statement_consent(books: Books, settled: SettledStatement, growth: int) -> Check:
    buyer = settled.call.statement.buyer
    if settled.contract_approved:
        return check("buyer_consent", True, f"the contract {buyer} approved (ERC-1271)")
    return _buyer_consent(books, buyer, settled.buyer_signer, growth, settled.at)


def _node_consent(books: Books, node: Address, signer: Address | None) -> Check:
    if node not in books.nodes:
        return check("node_consent", False, f"node {node} was never connected", Reason.NODE_NOT_CONNECTED)
    return check("node_consent", signer == node, f"node {node} by its key", Reason.SIGNATURE_INVALID)


def _buyer_consent(books: Books, buyer: Address, signer: Address | None, amount: int, at: int) -> Check:
    """By the buyer's own key, or by a delegate whose cap the payment draws."""
    if signer == buyer or signer is None:
        return check(
            "buyer_consent", signer is not None, f"buyer {buyer} by own key", Reason.SIGNATURE_INVALID
        )
    grant = books.grants[buyer, signer]
    allowed = grant.expiry >= at and grant.remaining >= amount
    detail = f"buyer {buyer} by delegate {signer}: {amount} of {grant.remaining} atoms left"
    grant.remaining -= amount
    return check("buyer_consent", allowed, detail, Reason.DELEGATION_EXCEEDED)


def _owner(books: Books, node: Address) -> Address:
    known = books.nodes.get(node)
    return node if known is None else known.owner
