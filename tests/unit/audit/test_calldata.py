"""Settlements are found in the calldata of any transaction, and nowhere else."""

from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from suanli.audit.calldata import (
    SETTLE_BATCH,
    SETTLE_RESERVED,
    SETTLE_ROOT,
    SETTLE_STATEMENT,
    SETTLE_STATEMENTS,
    Call,
    batch_call,
    root_call,
    row_calls,
    selector,
    statement_calls,
)
from suanli.protocol import root_netting, statement_batches
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, batch_hash, pack, packed_form
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.statement_batches import StatementRow
from tests.unit.audit.settlements import ALICE, NODE, OWNER
from tests.unit.protocol.strategies import batches

MARKS = marks_of((3, 300))
STATEMENT = Statement(
    buyer=ALICE,
    node=NODE,
    payee=OWNER,
    amount=7,
    receipts=2,
    receiptsRoot="0x" + "ee" * 32,
    marks=marks_hash(MARKS),
)
VALUES = (ALICE, NODE, OWNER, 7, 2, b"\xee" * 32, bytes.fromhex(STATEMENT.marks[2:]))
around = st.binary(max_size=100)


def call(function: Call, *values: object) -> bytes:
    return selector(function) + encode(function[1], values)


@given(batches(), around, around)
def test_a_batch_is_found_wherever_it_stands(batch: Batch, before: bytes, after: bytes) -> None:
    packed = pack(batch)
    signatures = bytes(range(128))
    found = batch_call(before + call(SETTLE_BATCH, packed, signatures) + after, batch_hash(packed))
    assert found is not None
    assert found.packed == packed_form(batch)
    assert found.signatures == signatures


@given(batches(), around, around)
def test_a_batch_by_root_is_found_wherever_it_stands(batch: Batch, before: bytes, after: bytes) -> None:
    form = root_netting.root_form(batch)
    packed = root_netting.pack(form)
    found = root_call(before + call(SETTLE_ROOT, packed, b"\x01") + after, batch_hash(packed))
    assert found is not None
    assert (found.packed, found.signatures) == (form, b"\x01")


@given(batches())
def test_of_two_batches_the_one_that_the_log_names_is_taken(batch: Batch) -> None:
    other = Batch((batch.epoch + 1) % 2**64, batch.tasks, batch.payees)
    data = call(SETTLE_BATCH, pack(other), b"") + call(SETTLE_BATCH, pack(batch), b"")
    found = batch_call(data, batch_hash(pack(batch)))
    assert found is not None
    assert found.packed.epoch == batch.epoch


@given(around)
def test_a_batch_that_is_not_there_is_not_found(data: bytes) -> None:
    assert batch_call(data + selector(SETTLE_BATCH) + data, "0x" + "00" * 32) is None


def test_statements_are_found_alone_and_with_a_reservation() -> None:
    alone = call(SETTLE_STATEMENT, VALUES, MARKS, b"\x01", b"\x02")
    reserved = call(SETTLE_RESERVED, VALUES, MARKS, b"\x0d" * 32, b"\x07", b"\x08", b"\x09")
    found = statement_calls(b"\x00" * 5 + alone + reserved)
    assert [one.statement for one in found] == [STATEMENT] * 2
    assert [one.serials for one in found] == [(3, 300)] * 2
    assert [one.buyer_signature for one in found] == ["0x01", "0x07"]
    assert [one.node_signature for one in found] == ["0x02", "0x08"]
    assert [one.order for one in found] == [None, "0x" + "0d" * 32]
    assert found[1].guardian_signature == "0x09"


@given(around, around)
def test_packed_statements_are_found_by_their_hash(before: bytes, after: bytes) -> None:
    signatures = tuple("0x" + f"{number:02x}" * 32 + "01" * 32 for number in (1, 2))
    rows = [
        StatementRow(ALICE, NODE, OWNER, 7, word, 0b1001, "0x" + "ee" * 32, *signatures) for word in (0, 3)
    ]
    packed = statement_batches.pack(rows)
    data = before + call(SETTLE_STATEMENTS, packed) + after
    found = row_calls(data, statement_batches.batch_hash(packed))
    assert found is not None
    assert [one.statement for one in found] == [row.statement() for row in rows]
    assert [one.serials for one in found] == [(0, 3), (768, 771)]
    assert {(one.buyer_signature, one.node_signature) for one in found} == {signatures}
    assert row_calls(data, "0x" + "00" * 32) is None


def test_a_statement_with_marks_that_the_contract_refuses_is_not_one() -> None:
    assert statement_calls(call(SETTLE_STATEMENT, VALUES, MARKS[:-1], b"", b"")) == []
