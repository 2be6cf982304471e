"""No single change of a certificate goes unnoticed, whether or not the anchored hash is at hand."""

import base64
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.audit.clearing.certified import Depth, Scrutiny, check_certificate
from suanli.audit.clearing.round import open_round
from suanli.protocol.arrays import Outcome
from suanli.protocol.certificate import Certificate, Mechanism, decision_digest, outcome_of, read_certificate
from suanli.protocol.checks import all_passed
from suanli.protocol.columns import pack, unpack
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from tests.unit.audit.clearing.decided import certify, decide, expected
from tests.unit.audit.clearing.rounds import Arrays, bound_by_hand, payments_by_hand

COLUMNS = ("places", "payments")
TABLES = ("duals", "supports")
UNPROVABLE = {"iterations", "code", "started_from"}
"""Of these only the anchored hash says that they are the epoch's: they can be checked by deciding again."""


def _accepts(arrays: Arrays, certificate: Certificate, anchored: Certificate | None = None) -> bool:
    checks = check_certificate(open_round(*arrays), certificate, expected(anchored))
    for one in checks:
        assert one.passed or one.reason is Reason.CERTIFICATE_INVALID
    return all_passed(checks)


def _accepts_json(arrays: Arrays, changed: dict[str, Any], anchored: Certificate | None = None) -> bool:
    """Whether a certificate with this content is accepted; who cannot read it says why."""
    try:
        certificate = read_certificate(json.dumps(changed))
    except ProtocolError as refusal:
        return refusal.reason is not Reason.CERTIFICATE_INVALID
    return _accepts(arrays, certificate, anchored)


@cache
def _rich(start: int) -> tuple[Arrays, Certificate]:
    """A round with matches, duals and supports."""
    for seed in range(start, start + 400):
        arrays, outcome = decide(seed)
        if (outcome.provider >= 0).sum() > 2 and outcome.supports.any() and (outcome.provider < 0).any():
            return arrays, certify(outcome)
    raise AssertionError("no such round")


@pytest.fixture(params=range(0, 2000, 400))
def round_and_certificate(request: pytest.FixtureRequest) -> tuple[Arrays, Certificate]:
    return _rich(request.param)


def _changes_of_numbers(numbers: list[int]) -> Iterator[list[int]]:
    """Each element one more and one less, dropped, doubled, and swapped with each later one."""
    for at, number in enumerate(numbers):
        before, after = numbers[:at], numbers[at + 1 :]
        yield [*before, number + 1, *after]
        yield [*before, *after]
        yield [*before, number, number, *after]
        if number:
            yield [*before, number - 1, *after]
            yield [*before, 0, *after]
        for later in range(at + 1, len(numbers)):
            if numbers[later] != number:
                swapped = numbers.copy()
                swapped[at], swapped[later] = swapped[later], swapped[at]
                yield swapped
    yield [*numbers, 0]
    yield [*numbers, 1]


def _changes(certificate: Certificate) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every single change of a certificate's JSON, with the name of the field."""
    whole = certificate.to_json()
    other = "0x" + "5a" * 32
    for name in ("book", "book_root", "seed", "decision", "started_from"):
        yield name, whole | {name: other}
    yield "started_from", whole | {"started_from": None}
    for name in ("epoch", "welfare", "bound"):
        for by in (-1, 1):
            yield name, whole | {name: str(int(whole[name]) + by)}
        yield name, whole | {name: "0"}
    for name in ("providers", "items", "resources", "version"):
        for by in (-1, 1):
            yield name, whole | {name: whole[name] + by}
    yield "mechanism", whole | {"mechanism": Mechanism.CRITICAL.value}
    yield "code", whole | {"code": whole["code"] + "x"}
    for step in whole["iterations"]:
        yield "iterations", whole | {"iterations": whole["iterations"] | {step: 12345}}
        yield (
            "iterations",
            whole | {"iterations": {k: v for k, v in whole["iterations"].items() if k != step}},
        )
    for name in COLUMNS:
        for numbers in _changes_of_numbers(unpack(whole[name]).tolist()):
            yield name, whole | {name: pack(np.array(numbers, np.int64))}
    for name in TABLES:
        for part in ("gaps", "amounts"):
            for numbers in _changes_of_numbers(unpack(whole[name][part]).tolist()):
                yield name, whole | {name: whole[name] | {part: pack(np.array(numbers, np.int64))}}


def test_auditor_accepts_the_certificate_of_a_decision(
    round_and_certificate: tuple[Arrays, Certificate],
) -> None:
    arrays, certificate = round_and_certificate
    assert _accepts(arrays, certificate, certificate)
    again = read_certificate(certificate.canonical())
    assert again == certificate
    assert decision_digest(outcome_of(again)) == certificate.decision
    sampled = check_certificate(open_round(*arrays), certificate, expected(), Scrutiny(Depth.SAMPLE, seed=3))
    assert all_passed(sampled)


def test_every_single_change_is_refused(round_and_certificate: tuple[Arrays, Certificate]) -> None:
    arrays, certificate = round_and_certificate
    count = 0
    for name, changed in _changes(certificate):
        assert not _accepts_json(arrays, changed, certificate), name
        assert name in UNPROVABLE or not _accepts_json(arrays, changed), f"{name} without the anchored hash"
        count += 1
    assert count > 100


def test_every_field_that_is_left_out_or_added_is_refused() -> None:
    arrays, certificate = _rich(0)
    whole = certificate.to_json()
    for name in whole.keys() - {"version", "started_from"}:
        assert not _accepts_json(arrays, {key: value for key, value in whole.items() if key != name})
    assert not _accepts_json(arrays, whole | {"more": 1})
    assert _accepts_json(arrays, whole)


def test_a_consistent_lie_about_the_decision_is_refused() -> None:
    """Whoever changes the outcome can make its digest fit; the rules are what refuses it."""
    arrays, certificate = _rich(400)
    for name, changed in _changes(certificate):
        if name not in (*COLUMNS, *TABLES, "welfare", "bound"):
            continue
        try:
            lie = read_certificate(json.dumps(changed))
            outcome = outcome_of(lie)
        except ProtocolError:
            continue
        fitting = lie.model_copy(update={"decision": decision_digest(outcome)})
        assert (name in TABLES and _is_another_proof(arrays, outcome)) or not _accepts(arrays, fitting), name


def _is_another_proof(arrays: Arrays, outcome: Outcome) -> bool:
    """Whether other prices of capacity happen to prove the same bound and ask the same payments."""
    same_bound = bound_by_hand(arrays, outcome.duals) == outcome.bound
    return same_bound and payments_by_hand(arrays, outcome) == outcome.payment.tolist()


@given(st.data())
def test_any_text_in_a_column_is_read_in_one_way_or_refused(data: st.DataObject) -> None:
    text = data.draw(
        st.one_of(
            st.text("ABCDwxyz0189+/=", max_size=24),
            st.binary(max_size=24).map(lambda raw: base64.b64encode(raw).decode()),
        )
    )
    try:
        numbers = unpack(text)
    except ProtocolError as refusal:
        numbers, reason = None, refusal.reason
    assert reason is Reason.DOCUMENT_MALFORMED if numbers is None else pack(numbers) == text


@given(st.lists(st.integers(0, (1 << 63) - 1), max_size=40))
def test_columns_keep_their_numbers(numbers: list[int]) -> None:
    assert unpack(pack(np.array(numbers, np.int64))).tolist() == numbers
