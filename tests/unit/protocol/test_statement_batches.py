"""Statements are packed without loss and in one form only, and cost each buyer what it signed to the atom."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.errors import ProtocolError
from suanli.protocol.messages import Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import marks_hash, marks_of
from suanli.protocol.statement_batches import (
    StatementRow,
    batch_hash,
    net,
    pack,
    payees,
    read_packed,
    row_of,
    unpack,
)
from tests.unit.protocol.strategies import addresses, hashes, value_or_reason

ALICE = "0x1111111111111111111111111111111111111111"
BOB = "0x2222222222222222222222222222222222222222"
NODE = "0x3333333333333333333333333333333333333333"
CAROL = "0x4444444444444444444444444444444444444444"
NOBODY = "0x" + "00" * 20
ROOT, BY_BUYER, BY_NODE = ("0x" + byte * size for byte, size in (("ab", 32), ("5c", 64), ("6d", 64)))
ROW = StatementRow(ALICE, NODE, CAROL, 258, 2, 0b101, ROOT, BY_BUYER, BY_NODE)

ROW_BYTES = 210
signatures = st.binary(min_size=64, max_size=64).map(lambda data: "0x" + data.hex())


@st.composite
def row_lists(draw: st.DrawFn) -> list[StatementRow]:
    """Rows of a few parties, every serial of a node once."""
    somebody = addresses.filter(lambda address: int(address, 16) > 0)
    buyers = draw(st.lists(somebody, min_size=1, max_size=4, unique=True))
    nodes = draw(st.lists(somebody, min_size=1, max_size=4, unique=True))
    named = {node: draw(st.sampled_from([*buyers, *nodes])) for node in nodes}
    amounts = st.integers(0, 2**64 - 1) | st.integers(0, 10_000)
    places = st.tuples(st.sampled_from(nodes), st.integers(0, 2**56 - 1) | st.integers(0, 3))
    rows = []
    for node, word in draw(st.lists(places, min_size=1, max_size=8, unique=True)):
        mask = draw(st.integers(1, 2**256 - 1) | st.integers(0, 255).map(lambda bit: 1 << bit))
        parts = [draw(part) for part in (hashes, signatures, signatures)]
        buyer, amount = draw(st.sampled_from(buyers)), draw(amounts)
        rows.append(StatementRow(buyer, node, named[node], amount, word, mask, *parts))
    return rows


def test_layout_is_the_documented_one() -> None:
    other = replace(ROW, buyer=BOB, amount=1, mask=1 << 255)
    tables = "020101" + "11" * 20 + "22" * 20 + "44" * 20 + "33" * 20 + "00"
    first = "01" + "00" + "0000000000000001" + "0000000000000002" + "80" + "00" * 31
    second = "00" + "00" + "0000000000000102" + "0000000000000002" + "00" * 31 + "05"
    rest = "ab" * 32 + "5c" * 64 + "6d" * 64
    assert pack([other, ROW]).hex() == tables + first + rest + second + rest


def test_a_row_stands_for_the_statement_that_both_signed() -> None:
    marks = marks_of([512, 514])
    statement = Statement(
        buyer=ALICE,
        node=NODE,
        payee=CAROL,
        amount=258,
        receipts=2,
        receiptsRoot=ROOT,
        marks=marks_hash(marks),
    )
    assert row_of(statement, [514, 512], BY_BUYER, BY_NODE) == ROW
    assert (ROW.statement(), ROW.serials(), ROW.marks()) == (statement, (512, 514), marks)


def test_a_row_holds_a_long_signature_in_its_short_form() -> None:
    long = "0x" + "5c" * 32 + "7d" * 32 + "1c"
    row = row_of(ROW.statement(), ROW.serials(), long, BY_NODE)
    assert row.buyer_signature == "0x" + "5c" * 32 + "fd" + "7d" * 31


@given(row_lists())
def test_unpacking_gives_back_what_was_packed(rows: list[StatementRow]) -> None:
    assert list(unpack(pack(rows))) == rows


@given(row_lists(), st.data())
def test_a_flipped_bit_makes_other_rows_or_none(rows: list[StatementRow], data: st.DataObject) -> None:
    packed = bytearray(pack(rows))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    other = value_or_reason(lambda: unpack(bytes(packed)))
    assert other is Reason.BATCH_MISMATCH or list(other) != rows


@given(row_lists(), st.binary(min_size=1, max_size=ROW_BYTES - 1))
def test_trailing_bytes_are_refused(rows: list[StatementRow], tail: bytes) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        read_packed(pack(rows) + tail)


@given(st.binary(max_size=600))
def test_arbitrary_bytes_are_refused_or_canonical(data: bytes) -> None:
    assert value_or_reason(lambda: pack(unpack(data))) in (data, Reason.BATCH_MISMATCH)


@given(row_lists())
def test_buyers_pay_what_nodes_earn_as_if_statements_came_one_by_one(rows: list[StatementRow]) -> None:
    paid, earned = Counter[str](), Counter[str]()
    for row in rows:
        paid[row.buyer] += row.amount
        earned[row.payee] += row.amount
    result = net(rows)
    assert (result.paid, result.credits(payees(rows)), result.fee) == (dict(paid), dict(earned), 0)
    assert result.volume() == sum(row.amount for row in rows)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [replace(ROW, amount=1 << 64)],
        [replace(ROW, amount=-1)],
        [replace(ROW, word=1 << 56)],
        [replace(ROW, mask=0)],
        [replace(ROW, mask=1 << 256)],
        [replace(ROW, buyer=NOBODY)],
        [replace(ROW, node=NOBODY)],
        [replace(ROW, payee=NOBODY)],
        [replace(ROW, buyer_signature=BY_BUYER[:-2])],
        [replace(ROW, node_signature="0x" + "aa" * 96)],
        [ROW, replace(ROW, buyer=BOB, mask=0b1100)],
        [ROW, replace(ROW, word=3, payee=BOB)],
        [replace(ROW, buyer=f"0x{at:040x}", word=at) for at in range(1, 257)],
    ],
    ids=[
        "empty",
        "amount too large",
        "amount negative",
        "serial too large",
        "no serial",
        "more than a word",
        "nobody pays",
        "nobody works",
        "nobody is paid",
        "signature too short",
        "signature of a contract",
        "serial twice",
        "two payees of a node",
        "256 buyers",
    ],
)
def test_what_cannot_be_packed_is_refused(rows: list[StatementRow]) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        pack(rows)


@pytest.mark.parametrize("serials", [(), (512,), (512, 515), (512, 514, 768), (512, 512)])
def test_a_row_is_refused_for_other_serials_than_the_signed_ones(serials: tuple[int, ...]) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        row_of(ROW.statement(), serials, BY_BUYER, BY_NODE)


def test_statement_over_two_words_or_too_large_an_amount_or_by_a_contract_has_no_row() -> None:
    wide = ROW.statement().model_copy(update={"receipts": 2, "marks": marks_hash(marks_of([0, 256]))})
    rich = ROW.statement().model_copy(update={"amount": 1 << 64})
    for statement, serials, signature in (
        (wide, (0, 256), BY_BUYER),
        (rich, ROW.serials(), BY_BUYER),
        (ROW.statement(), ROW.serials(), "0x" + "aa" * 96),
    ):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            row_of(statement, serials, signature, BY_NODE)


def test_indexes_past_the_tables_and_a_serial_twice_are_refused() -> None:
    packed = pack([ROW])
    row_at = len(packed) - ROW_BYTES
    stray_payee = packed[: row_at - 1] + b"\x01" + packed[row_at:]
    stray_buyer = packed[:row_at] + b"\x01" + packed[row_at + 1 :]
    stray_node = packed[: row_at + 1] + b"\x01" + packed[row_at + 2 :]
    for odd in (stray_payee, stray_buyer, stray_node, packed + packed[row_at:], packed[:row_at], b"\x00" * 3):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            read_packed(odd)


def test_auditor_reads_a_batch_with_idle_parties_that_no_signer_would_make() -> None:
    packed = pack([ROW])
    idle_buyer = b"\x02" + packed[1:23] + bytes.fromhex(BOB[2:]) + packed[23:]
    idle_payee = packed[:1] + b"\x02" + packed[2:43] + b"\x55" * 20 + packed[43:]
    for idle in (idle_buyer, idle_payee):
        assert read_packed(idle) == (ROW,)
        with pytest.raises(ProtocolError, match="no statement"):
            unpack(idle)


def test_batch_is_named_by_the_hash_of_its_bytes() -> None:
    packed = pack([ROW])
    assert batch_hash(packed) != batch_hash(packed[:-1] + b"\x00")
    assert len(batch_hash(packed)) == 66
