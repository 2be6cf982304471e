"""`trace`: from any id to everything that hangs on it, both ways, with every check on the way.

An id may be an urn, a transaction, batch, statement, receipt, lease, dispute, order, task, node or account.
"""

import re
from collections.abc import Callable
from typing import NoReturn

from suanli.audit.case import Case
from suanli.audit.finding import Finding
from suanli.audit.orders import order_finding
from suanli.audit.parties import account_finding, node_finding
from suanli.audit.payments import paid_receipt
from suanli.audit.replay import Judged
from suanli.audit.settled import SettledStatement
from suanli.audit.settlements import claim_finding, settlement_finding, transaction_finding
from suanli.protocol.checks import check
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import AuditError
from suanli.protocol.identifiers import ADDRESS_KINDS, CONTENT_KINDS, Urn, UrnKind, make_urn, parse_urn
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import reference_of
from suanli.protocol.values import Address, Hash

_HASH = re.compile(r"^0x[0-9a-fA-F]{64}$")
_ADDRESS = re.compile(r"^0x[0-9a-fA-F]{40}$")


def trace(case: Case, text: str) -> Finding:
    """Unfolds what `text` names. Raises AuditError(NOT_FOUND) and ProtocolError(URN_UNKNOWN)."""
    chain_id = case.chain.deployment.chain_id
    if _HASH.match(text):
        return _any_hash(case, text.lower())
    if _ADDRESS.match(text):
        return _address(case, make_urn(chain_id, UrnKind.ACCOUNT, text).value)
    urn = parse_urn(text)
    if urn.chain_id != chain_id:
        raise AuditError(
            Reason.WRONG_CHAIN, f"the urn is on chain {urn.chain_id}, the deployment on {chain_id}"
        )
    return _urn(case, urn)


def _urn(case: Case, urn: Urn) -> Finding:
    if urn.kind in ADDRESS_KINDS:
        return _address(case, urn.value)
    if urn.kind in CONTENT_KINDS:
        return _content(case, urn)
    if urn.kind is UrnKind.TASK:
        return order_finding(case, urn.value, urn.index) or _not_found(urn.value)
    return HASH_KINDS[urn.kind](case, urn.value) or _not_found(urn.value)


def _any_hash(case: Case, hash_: Hash) -> Finding:
    for find in (*HASH_KINDS.values(), _claim):
        found = find(case, hash_)
        if found is not None:
            return found
    return _not_found(hash_)


def _transaction(case: Case, hash_: Hash) -> Finding | None:
    if hash_ in case.paying_transactions:
        return transaction_finding(case, hash_)
    if (found := case.chain.transaction(hash_)) is None:
        return None
    here = [
        node_finding(case, address)
        for address, node in case.replay.books.nodes.items()
        if node.transaction == hash_
    ]
    return Finding("transaction", hash_, {"block": found.block, "from": found.sender}, (), tuple(here))


def _settlement(case: Case, hash_: Hash) -> Finding | None:
    """One settlement; of packed statements, named by the hash of their batch, the transaction with all."""
    for judged in case.replay.settlements:
        if hash_ in _names(judged):
            return settlement_finding(case, judged)
        if hash_ == judged.settled.event.arguments.get("batch"):
            return transaction_finding(case, judged.transaction)
    return None


def _names(judged: Judged) -> tuple[Hash, ...]:
    if isinstance(judged.settled, SettledStatement):
        return judged.settled.call.statement.id(), judged.settled.call.statement.receiptsRoot
    return judged.settled.netting().id(), judged.settled.event.arguments["batch"]


def _claim(case: Case, hash_: Hash) -> Finding | None:
    """A claim by the id of its dispute; one named by its lease is found with the lease."""
    for claim in case.replay.books.claims.values():
        if claim.dispute is not None and claim.dispute.id == hash_:
            return claim_finding(case, claim)
    return None


def _receipt(case: Case, hash_: Hash) -> Finding | None:
    known = case.bundle(hash_) is not None or case.payments.by_reference(reference_of(hash_))
    return paid_receipt(case, hash_) if known else None


def _lease(case: Case, hash_: Hash) -> Finding | None:
    claim = case.replay.books.claims.get(hash_)
    hint = [] if claim is None else case.store.receipts_of(claim.order)
    found = _leased(case, hash_, hint) or _leased(case, hash_, case.rooted_receipts)
    if not found:
        return None if claim is None else claim_finding(case, claim)
    single = check(
        "one_receipt", len(found) == 1, f"{len(found)} receipts for the lease", Reason.MESSAGE_REPLAYED
    )
    return Finding("lease", hash_, {}, (single,), tuple(paid_receipt(case, receipt) for receipt in found))


def _leased(case: Case, lease: Hash, hint: list[Hash]) -> list[Hash]:
    return list(case.receipts_where(lambda bundle: bundle.lease.message.id() == lease, hint))


def _job(case: Case, hash_: Hash) -> Finding | None:
    return order_finding(case, hash_)


HASH_KINDS: dict[UrnKind, Callable[[Case, Hash], Finding | None]] = {
    UrnKind.TRANSACTION: _transaction,
    UrnKind.BATCH: _settlement,
    UrnKind.RECEIPT: _receipt,
    UrnKind.JOB: _job,
    UrnKind.LEASE: _lease,
}
"""How each kind of hash is found, the cheapest search first."""


def _address(case: Case, address: Address) -> Finding:
    if address in case.replay.books.nodes:
        return node_finding(case, address)
    if address in case.replay.books.accounts:
        return account_finding(case, address)
    return _not_found(address)


def _content(case: Case, urn: Urn) -> Finding:
    document = case.blob(urn.value)
    if document is None:
        raise AuditError(Reason.EVIDENCE_MISSING, f"the store holds no content for {urn}")
    same = check(
        "content_hash", content_hash(document) == urn.value, "SHA-256 of the content", Reason.HASH_MISMATCH
    )
    return Finding(urn.kind.value, urn.value, {"bytes": len(document)}, (same,))


def _not_found(what: str) -> NoReturn:
    raise AuditError(Reason.NOT_FOUND, f"neither the chain nor the evidence store knows {what}")
