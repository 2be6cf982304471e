"""Is a proposed allocation of an epoch's book allowed, and better than the epoch's own? Pure.

Whoever distrusts a market asks this before challenging it; the rules are the auditor's own.
"""

from collections import Counter

import numpy as np

from suanli.audit.clearing.encode import EncodedBook
from suanli.audit.clearing.feasibility import SHOWN, check_allocation, matched_of
from suanli.audit.finding import Finding
from suanli.protocol.arrays import NOBODY, Outcome
from suanli.protocol.challenges import Challenge
from suanli.protocol.checks import Check, all_passed, check
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


def judge_challenge(encoded: EncodedBook, book: Hash, welfare: int, challenge: Challenge) -> Finding:
    """Holds a challenge against the book with this hash and the `welfare` (micro-atoms) that was reached."""
    facts: dict[str, object] = {"matches": len(challenge.matches), "welfare reached": welfare}
    checks = [_about(book, challenge), *_known(encoded, challenge)]
    if all_passed(checks):
        matched = matched_of(encoded.round, _placed(encoded, challenge))
        checks += check_allocation(encoded.round, matched)
    if all_passed(checks):
        proposed = int(matched.pairs.surplus.sum())
        facts |= {"welfare proposed": proposed}
        detail = f"{proposed} micro-atoms, {welfare} were reached"
        checks.append(check("better", proposed > welfare, detail, Reason.CHALLENGE_NOT_BETTER))
    return Finding("challenge", challenge.content_hash(), facts, tuple(checks))


def _about(book: Hash, challenge: Challenge) -> Check:
    detail = f"it is to the book {challenge.book}, the epoch's is {book}"
    return check("challenged_book", challenge.book == book, detail, Reason.HASH_MISMATCH)


def _known(encoded: EncodedBook, challenge: Challenge) -> list[Check]:
    """Every match names a copy and a node of the round, and no copy twice."""
    copies, nodes = encoded.item_of, encoded.number_of
    named = Counter((match.order, match.task, match.attempt) for match in challenge.matches)
    wrong = [
        f"order {order} task {task} attempt {attempt}"
        for (order, task, attempt), times in named.items()
        if times > 1 or (order, task, attempt) not in copies
    ]
    strange = [match.node for match in challenge.matches if match.node not in nodes]
    return [
        _none("copies_known", wrong, "each is a copy of the book, once"),
        _none("nodes_known", strange, "each node is in the round"),
    ]


def _none(name: str, wrong: list[str], detail: str) -> Check:
    named = "; ".join(wrong[:SHOWN])
    return check(name, not wrong, f"not so: {named}" if wrong else detail, Reason.CERTIFICATE_INVALID)


def _placed(encoded: EncodedBook, challenge: Challenge) -> Outcome:
    provider = np.full(len(encoded.copies), NOBODY, np.int32)
    for match in challenge.matches:
        item = encoded.item_of[match.order, match.task, match.attempt]
        provider[item] = encoded.number_of[match.node]
    nothing = np.zeros_like(encoded.round.supply.capacity)
    return Outcome(provider, np.zeros(len(provider), np.int64), nothing, nothing, 0, 0)
