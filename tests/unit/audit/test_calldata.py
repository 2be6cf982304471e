"""Settlements are found in the calldata of any transaction, and nowhere else."""

from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from suanli.audit.calldata import (
    SETTLE_BATCH,
    SETTLE_STATEMENT,
    SETTLE_STATEMENTS,
    batch_call,
    selector,
    statement_calls,
)
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Batch, batch_hash, pack
from tests.unit.audit.settlements import ALICE, NODE
from tests.unit.protocol.strategies import batches

STATEMENT = Statement(buyer=ALICE, node=NODE, amount=7, receipts=2, receiptsRoot="0x" + "ee" * 32)
VALUES = (ALICE, NODE, 7, 2, b"\xee" * 32)
around = st.binary(max_size=100)


def call(function: tuple[str, tuple[str, ...]], *values: object) -> bytes:
    name, types = function
    return selector(name, types) + encode(types, values)


@given(batches(), around, around)
def test_a_batch_is_found_wherever_it_stands(batch: Batch, before: bytes, after: bytes) -> None:
    packed = pack(batch)
    signatures = bytes(range(128))
    found = batch_call(before + call(SETTLE_BATCH, packed, signatures) + after, batch_hash(packed))
    assert found is not None
    assert found.packed.tasks == batch.tasks
    assert found.signatures == ("0x" + signatures[:64].hex(), "0x" + signatures[64:].hex())


@given(batches())
def test_of_two_batches_the_one_that_the_log_names_is_taken(batch: Batch) -> None:
    other = Batch((batch.epoch + 1) % 2**64, batch.tasks)
    data = call(SETTLE_BATCH, pack(other), b"") + call(SETTLE_BATCH, pack(batch), b"")
    found = batch_call(data, batch_hash(pack(batch)))
    assert found is not None
    assert found.packed.epoch == batch.epoch


@given(around)
def test_a_batch_that_is_not_there_is_not_found(data: bytes) -> None:
    assert batch_call(data + selector(*SETTLE_BATCH) + data, "0x" + "00" * 32) is None


def test_statements_are_found_alone_and_in_lists() -> None:
    alone = call(SETTLE_STATEMENT, VALUES, b"\x01", b"\x02")
    listed = call(SETTLE_STATEMENTS, [(VALUES, b"\x03", b"\x04"), (VALUES, b"\x05", b"\x06")])
    found = statement_calls(b"\x00" * 5 + alone + listed)
    assert [one.statement for one in found] == [STATEMENT] * 3
    assert [one.buyer_signature for one in found] == ["0x01", "0x03", "0x05"]
    assert [one.node_signature for one in found] == ["0x02", "0x04", "0x06"]
