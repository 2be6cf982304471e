"""An epoch is accepted as the market publishes it, and refused when any part says something else."""

from dataclasses import replace
from functools import cache

import pytest
from eth_account import Account

from suanli.audit.clearing.certified import Depth, Scrutiny
from suanli.audit.clearing.challenge import judge_challenge
from suanli.audit.clearing.encode import encode
from suanli.audit.clearing.epoch import audit_epoch, read_papers
from suanli.protocol.anchoring import NOTHING
from suanli.protocol.challenges import Challenge
from suanli.protocol.errors import AuditError
from suanli.protocol.messages import Lease, Prices
from suanli.protocol.reasons import Reason
from tests.unit.audit.clearing.books import address, hash_, random_book
from tests.unit.audit.clearing.epochs import (
    COMMITTED,
    DOMAIN,
    EPOCH,
    Epoch,
    Shelf,
    cleared_epoch,
    own_challenge,
)


def _failed(epoch: Epoch) -> set[str]:
    return {one.name for one in audit_epoch(epoch.papers(), COMMITTED, EPOCH).failed()}


@cache
def _busy(start: int = 0) -> Epoch:
    """An epoch with matches, held copies among them."""
    for seed in range(start, start + 200):
        epoch = cleared_epoch(random_book(seed, nodes=10, orders=5, doubles=False))
        encoded = encode(epoch.book)
        if len(epoch.leases) > len(encoded.held) + 2 and encoded.held:
            return epoch
    raise AssertionError("no such book")


@pytest.mark.parametrize("block", range(6))
def test_epoch_is_accepted_as_the_market_clears_it(block: int) -> None:
    leases = 0
    for seed in range(block * 20, block * 20 + 20):
        epoch = cleared_epoch(random_book(seed, nodes=2 + seed % 9, orders=1 + seed % 5, doubles=False))
        finding = audit_epoch(epoch.papers(), COMMITTED, EPOCH)
        assert finding.passed, (seed, finding.failed())
        leases += len(epoch.leases)
    assert leases


def test_epoch_is_accepted_by_sample() -> None:
    finding = audit_epoch(_busy().papers(), COMMITTED, EPOCH, Scrutiny(Depth.SAMPLE, 5))
    assert finding.passed
    assert "bound_sampled" in {one.name for one in finding.all_checks()}


CHANGES = {
    "order": hash_(999),
    "task": 77,
    "attempt": 9,
    "ask": hash_(5),
    "node": address(3000),
    "minimumCharge": 123,
    "cap": 7_777_777,
}


@pytest.mark.parametrize("field", CHANGES)
def test_lease_that_was_not_decided_is_found(field: str) -> None:
    epoch = _busy()
    for at, lease in enumerate(epoch.leases):
        other = lease.model_copy(update={field: CHANGES[field]})
        assert {"leases_match", "matches_leased"} <= _failed(_with_leases(epoch, at, [other]))


def test_lease_that_is_a_micro_atom_dearer_is_found() -> None:
    epoch = _busy()
    for at, lease in enumerate(epoch.leases):
        dearer = lease.prices.model_copy(update={"fuel": lease.prices.fuel + 1})
        other = lease.model_copy(update={"prices": dearer})
        assert "leases_match" in _failed(_with_leases(epoch, at, [other]))


def test_lease_too_many_and_lease_too_few_are_found() -> None:
    epoch = _busy()
    twice = epoch.leases[0].model_copy(update={"serial": 1 << 20})
    assert _failed(_with_leases(epoch, 0, [epoch.leases[0], twice])) == {"leases_match"}
    assert _failed(_with_leases(epoch, 0, [])) == {"matches_leased"}


def test_lease_of_another_epoch_is_found() -> None:
    epoch = _busy()
    stray = epoch.leases[0].model_copy(update={"epoch": EPOCH + 1})
    assert _failed(_with_leases(epoch, 0, [stray])) == {"leases_of_epoch"}


HELD_CHANGES = {
    "prices": Prices(fuel=1 << 40, memoryFuel=0, ingress=0, egress=0),
    "cap": 0,
    "owner": address(3000),
}


@pytest.mark.parametrize("field", HELD_CHANGES)
def test_held_copy_that_no_buyer_can_have_taken_is_found(field: str) -> None:
    """An operator that writes a hold of its own into the book still keeps to what the order signed."""
    book, (copy, *_) = _busy().book, encode(_busy().book).held
    forged = copy.held.model_copy(update={field: HELD_CHANGES[field]})
    for order in book.orders:
        for task in order.tasks:
            if copy.held in task.held:
                held = tuple(forged if one == copy.held else one for one in task.held)
                tasks = tuple(
                    one.model_copy(update={"held": held}) if one == task else one for one in order.tasks
                )
                other = order.model_copy(update={"tasks": tasks})
    orders = tuple(other if one.order == other.order else one for one in book.orders)
    epoch = cleared_epoch(book.model_copy(update={"orders": orders}))
    assert _failed(epoch) == {"held_terms"}


def test_order_that_was_not_anchored_is_found() -> None:
    epoch = _busy()
    failed = _failed(replace(epoch, orders=epoch.orders[1:]))
    assert {"orders_anchored", "certificate_root"} <= failed


def test_certificate_of_another_book_is_found() -> None:
    epoch = _busy()
    other = epoch.book.model_copy(update={"now": epoch.book.now + 1})
    assert {"certificate_book", "certificate_seed"} <= _failed(replace(epoch, book=other))
    smaller = epoch.book.model_copy(update={"nodes": epoch.book.nodes[:3]})
    assert {"readable", "leases_match"} <= _failed(replace(epoch, book=smaller))


def test_anchor_that_the_operator_did_not_sign_is_found() -> None:
    shelf = Shelf()
    _busy().publish(shelf, signer=Account.from_key("0x" + "08" * 32))
    found = audit_epoch(read_papers(shelf, EPOCH), COMMITTED, EPOCH).failed()
    assert [one.name for one in found] == ["anchor_signature"]


def test_anchor_that_differs_from_the_chain_is_found() -> None:
    papers = _busy().papers()
    anchored = papers.evidence.anchor().id()
    for stored, passes in ((anchored, True), (NOTHING, True), (hash_(3), False)):
        finding = audit_epoch(papers, replace(COMMITTED, stored=stored, domain=DOMAIN), EPOCH)
        assert finding.passed == passes
    assert not audit_epoch(papers, COMMITTED, EPOCH + 1).passed


def test_document_that_is_missing_or_another_is_refused() -> None:
    shelf = Shelf()
    evidence = _busy().publish(shelf)
    for hash_of in (evidence.book, evidence.certificate, evidence.lease_messages, evidence.content_hash()):
        assert hash_of is not None
        kept = shelf.documents.pop(hash_of)
        with pytest.raises(AuditError) as missing:
            read_papers(shelf, EPOCH)
        assert missing.value.reason is Reason.EVIDENCE_MISSING
        shelf.documents[hash_of] = b'{"version": 1}'
        with pytest.raises(AuditError) as malformed:
            read_papers(shelf, EPOCH)
        assert malformed.value.reason is Reason.DOCUMENT_MALFORMED
        shelf.documents[hash_of] = kept
    other = _busy(100)
    shelf.documents[evidence.book] = other.book.canonical()
    with pytest.raises(AuditError) as swapped:
        read_papers(shelf, EPOCH)
    assert swapped.value.reason is Reason.HASH_MISMATCH
    with pytest.raises(AuditError) as unknown:
        read_papers(shelf, EPOCH + 1)
    assert unknown.value.reason is Reason.EVIDENCE_MISSING


def _reasons(epoch: Epoch, welfare: int, challenge: Challenge) -> set[Reason | None]:
    finding = judge_challenge(encode(epoch.book), epoch.book.content_hash(), welfare, challenge)
    return {one.reason for one in finding.failed()}


def test_challenge_must_be_better_and_allowed() -> None:
    epoch = _busy()
    own, welfare = own_challenge(epoch), epoch.certificate.welfare
    assert _reasons(epoch, welfare, own) == {Reason.CHALLENGE_NOT_BETTER}
    assert _reasons(epoch, welfare - 1, own) == set()
    first, *others = own.matches
    for matches in (
        [first, *own.matches],
        [first.model_copy(update={"attempt": 99}), *others],
        [first.model_copy(update={"node": address(4000)}), *others],
    ):
        assert _reasons(epoch, 0, own.model_copy(update={"matches": tuple(matches)})) == {
            Reason.CERTIFICATE_INVALID
        }
    elsewhere = own.model_copy(update={"book": hash_(4)})
    assert _reasons(epoch, 0, elsewhere) == {Reason.HASH_MISMATCH}


def test_challenge_that_breaks_a_rule_is_refused() -> None:
    epoch = _busy()
    own, encoded = own_challenge(epoch), encode(epoch.book)
    crowded = [match.model_copy(update={"node": own.matches[0].node}) for match in own.matches]
    free = encoded.nodes[encoded.number_of[own.matches[0].node]].free_slots
    assert len(crowded) > free or len(crowded) > 1
    proposed = own.model_copy(update={"matches": tuple(crowded)})
    assert _reasons(epoch, 0, proposed) == {Reason.CERTIFICATE_INVALID}


def _with_leases(epoch: Epoch, at: int, instead: list[Lease]) -> Epoch:
    return replace(epoch, leases=[*epoch.leases[:at], *instead, *epoch.leases[at + 1 :]])
