"""Settled nettings, listed or by root: all parties signed, epochs and serials are new, sums right. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from suanli.audit.books.state import Books
from suanli.audit.settled import SettledBatch, SettledRoot
from suanli.audit.settling.consent import buyer_consent, node_consent, payee_is_owner, serials_once
from suanli.audit.settling.fees import FeeRule
from suanli.protocol import netting, root_netting
from suanli.protocol.checks import Check, check
from suanli.protocol.netting import Net
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

Landed = SettledBatch | SettledRoot


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a netting does: money moved, the account paid for each node, each node's serials, its tasks."""

    moved: Net
    payees: Mapping[Address, Address]
    serials: Mapping[Address, Iterable[int]]
    tasks: int


def settle_batch(books: Books, settled: SettledBatch, fee: FeeRule) -> list[Check]:
    """Moves the money of a listed batch; its fee is rounded down per task."""
    packed = settled.call.packed
    serials = {node: [task.serial for task in packed.tasks if task.node == node] for node in packed.nodes}
    moved = netting.net(packed, fee.basis_points)
    return _settle(books, settled, _Effect(moved, packed.payees, serials, len(packed.tasks)), fee)


def settle_root(books: Books, settled: SettledRoot, fee: FeeRule) -> list[Check]:
    """Moves the money of a batch by root; its fee is rounded down per node."""
    packed, said = settled.call.packed, settled.event.arguments
    serials = {node: row.serials() for node, row in packed.nodes.items()}
    moved = root_netting.net(packed, fee.basis_points)
    checks = _settle(books, settled, _Effect(moved, packed.payees(), serials, packed.tasks), fee)
    named = (said["root"], said["tasks"]) == (packed.root, packed.tasks)
    return [*checks, check("root", named, f"{packed.tasks} tasks under {packed.root}")]


def _settle(books: Books, settled: Landed, effect: _Effect, fee: FeeRule) -> list[Check]:
    moved, epoch = effect.moved, settled.call.packed.epoch
    checks = [*_consent(books, settled, effect), *_sums(books, settled, effect)]
    repeated: list[str] = []
    for buyer in settled.call.packed.buyers:
        books.accounts[buyer].balance -= moved.paid.get(buyer, 0)
        books.accounts[buyer].epoch = epoch
    for node, payee in effect.payees.items():
        repeated += books.serials.take(node, effect.serials[node], settled.event.transaction)
        books.give(payee, moved.earned.get(node, 0))
    books.give(fee.recipient, moved.fee)
    return [*checks, serials_once(repeated)]


def _consent(books: Books, settled: Landed, effect: _Effect) -> Iterator[Check]:
    parties, signers = settled.call.packed.parties(), settled.signers
    yield check(
        "signatures", len(signers) == len(parties), f"{len(signers)} of {len(parties)} parties signed"
    )
    by = dict(zip(range(len(parties)), signers, strict=False))
    buyers = settled.call.packed.buyers
    for place, buyer in enumerate(buyers):
        if place in by:
            amount = effect.moved.paid.get(buyer, 0)
            yield buyer_consent(books, buyer, by[place], amount, settled.event.at)
    for place, (node, payee) in enumerate(effect.payees.items(), start=len(buyers)):
        if place in by:
            yield node_consent(books, node, by[place].key)
        yield payee_is_owner(books, node, payee)


def _sums(books: Books, settled: Landed, effect: _Effect) -> Iterator[Check]:
    moved, said, packed = effect.moved, settled.event.arguments, settled.call.packed
    epoch = packed.epoch
    fresh = all(books.accounts[buyer].epoch < epoch <= settled.event.at for buyer in packed.buyers)
    fresh = fresh and said["epoch"] == epoch
    funded = all(books.accounts[buyer].balance >= amount for buyer, amount in moved.paid.items())
    volume, earned = moved.volume(), sum(moved.earned.values())
    yield check("epoch", fresh, f"epoch {epoch} is new to every buyer", Reason.EPOCH_STALE)
    yield check("funds", funded, "every buyer held what they pay", Reason.BALANCE_TOO_SMALL)
    yield check("volume", said["volume"] == volume, f"{volume} atoms in {effect.tasks} tasks")
    yield check("fee", said["fee"] == moved.fee, f"{moved.fee} atoms, {said['fee']} by the log")
    yield check("conservation", volume == earned + moved.fee, f"{volume} = {earned} + {moved.fee}")
