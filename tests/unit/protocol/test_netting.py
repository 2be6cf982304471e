"""A batch is packed without loss, refused when it is not canonical, and conserves every atom."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.errors import ProtocolError
from suanli.protocol.netting import (
    Batch,
    NettingTask,
    batch_hash,
    message,
    net,
    pack,
    packed_form,
    read_packed,
    unpack,
)
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import MAXIMUM_WORDS, SERIALS_PER_WORD
from suanli.protocol.units import BASIS_POINTS
from tests.unit.protocol.strategies import batches, value_or_reason

ALICE = "0x1111111111111111111111111111111111111111"
BOB = "0x2222222222222222222222222222222222222222"
NODE = "0x3333333333333333333333333333333333333333"
OTHER_NODE = "0x5555555555555555555555555555555555555555"
CAROL = "0x4444444444444444444444444444444444444444"
RECEIPT = "0x" + "ab" * 32
OTHER_RECEIPT = "0x" + "cd" * 32
THIRD_RECEIPT = "0x" + "ef" * 32
OWNERS = {NODE: CAROL}
TOO_FAR = MAXIMUM_WORDS * SERIALS_PER_WORD
fees = st.integers(0, BASIS_POINTS)


def test_layout_is_the_documented_one() -> None:
    tasks = (
        NettingTask(BOB, NODE, 258, RECEIPT, 520),
        NettingTask(ALICE, NODE, 1, OTHER_RECEIPT, 3),
        NettingTask(ALICE, OTHER_NODE, 2, THIRD_RECEIPT, (1 << 64) - 1),
    )
    packed = pack(Batch(7, tasks, OWNERS | {OTHER_NODE: CAROL}))
    head = "0000000000000007" + "02" + "01" + "02"
    parties = "11" * 20 + "22" * 20 + "44" * 20
    nodes = "33" * 20 + "00" + "00" * 7 + "03" + "55" * 20 + "00" + "ff" * 7 + "01"
    first = "00" * 31 + "08" + "00" + "0000000000000001" + "cd" * 16
    third = "00" * 30 + "0100" + "01" + "0000000000000102" + "ab" * 16
    other = "80" + "00" * 31 + "00" + "0000000000000002" + "ef" * 16
    assert packed.hex() == head + parties + nodes + first + "00" * 32 + third + other


@given(batches())
def test_unpacking_gives_back_what_was_packed(batch: Batch) -> None:
    assert unpack(pack(batch)) == packed_form(batch)


@given(batches(), st.data())
def test_no_second_encoding_of_a_batch_is_accepted(batch: Batch, data: st.DataObject) -> None:
    packed = bytearray(pack(batch))
    position = data.draw(st.integers(0, len(packed) - 1))
    packed[position] ^= 1 << data.draw(st.integers(0, 7))
    other = value_or_reason(lambda: unpack(bytes(packed)))
    assert other is Reason.BATCH_MISMATCH or other != packed_form(batch)


@given(batches(), st.binary(min_size=1, max_size=80))
def test_trailing_bytes_are_refused(batch: Batch, tail: bytes) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        unpack(pack(batch) + tail)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    found = value_or_reason(lambda: unpack(data))
    assert found is Reason.BATCH_MISMATCH or found.tasks


@given(batches(), fees)
def test_netting_conserves_to_the_atom(batch: Batch, fee: int) -> None:
    result = net(batch, fee)
    assert sum(result.deltas().values()) + result.fee == 0
    assert result.volume() == sum(task.amount for task in batch.tasks)
    assert result.volume() == sum(result.earned.values()) + result.fee


@given(batches(), fees)
def test_netting_equals_applying_tasks_one_by_one(batch: Batch, fee: int) -> None:
    changes, fees_taken = Counter[str](), 0
    for task in batch.tasks:
        alone = net(Batch(batch.epoch, (task,), batch.payees), fee)
        changes.update(alone.deltas())
        fees_taken += alone.fee
    assert (dict(changes), fees_taken) == (net(batch, fee).deltas(), net(batch, fee).fee)


def test_fee_is_rounded_down_on_each_task() -> None:
    tasks = tuple(
        NettingTask(ALICE, NODE, 99, id_, place) for place, id_ in enumerate((RECEIPT, OTHER_RECEIPT))
    )
    assert net(Batch(1, tasks, OWNERS), 200).fee == 2
    assert net(Batch(1, tasks, OWNERS), 200).earned == {NODE: 196}
    assert net(Batch(1, tasks, OWNERS), 200).credits(OWNERS) == {CAROL: 196}


def test_signed_message_covers_the_whole_packed_batch() -> None:
    batch = Batch(7, (NettingTask(ALICE, NODE, 5, RECEIPT, 0),), OWNERS)
    assert message(batch).epoch == 7
    assert message(batch).batch == batch_hash(pack(batch))


def one(**changes: object) -> Batch:
    """A batch of one task, with changes to it."""
    task = {"buyer": ALICE, "node": NODE, "amount": 1, "receipt": RECEIPT, "serial": 0} | changes
    return Batch(1, (NettingTask(**task),), {task["node"]: CAROL})  # type: ignore[arg-type, dict-item]


def two(first: NettingTask, second: NettingTask) -> Batch:
    """A batch of two tasks of the same node."""
    return Batch(1, (first, second), OWNERS)


@pytest.mark.parametrize(
    "batch",
    [
        Batch(1, (), OWNERS),
        one(amount=1 << 64),
        one(amount=-1),
        Batch(1 << 64, one().tasks, OWNERS),
        two(NettingTask(ALICE, NODE, 1, RECEIPT, 0), NettingTask(BOB, NODE, 1, RECEIPT, 0)),
        two(NettingTask(ALICE, NODE, 1, RECEIPT, 0), NettingTask(ALICE, NODE, 1, OTHER_RECEIPT, 0)),
        two(NettingTask(ALICE, NODE, 1, RECEIPT, 7), NettingTask(BOB, NODE, 1, OTHER_RECEIPT, 7)),
        two(NettingTask(ALICE, NODE, 1, RECEIPT, 255), NettingTask(BOB, NODE, 1, OTHER_RECEIPT, TOO_FAR)),
        one(serial=1 << 64),
        one(serial=-1),
        one(buyer="0x" + "00" * 20),
        Batch(1, one().tasks, {NODE: "0x" + "00" * 20}),
        Batch(1, one().tasks, {}),
        Batch(
            1,
            tuple(NettingTask(f"0x{at:040x}", NODE, 1, f"0x{at:064x}", at) for at in range(1, 257)),
            OWNERS,
        ),
    ],
    ids=[
        "empty",
        "amount too large",
        "negative",
        "epoch too large",
        "receipt twice",
        "serial twice",
        "serial twice for two buyers",
        "serials too far apart",
        "serial too large",
        "serial negative",
        "nobody pays",
        "nobody is paid",
        "no payee",
        "256 buyers",
    ],
)
def test_what_cannot_be_packed_is_refused(batch: Batch) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        pack(batch)


def test_two_nodes_may_be_paid_for_the_same_number() -> None:
    tasks = (NettingTask(ALICE, NODE, 1, RECEIPT, 7), NettingTask(ALICE, OTHER_NODE, 1, OTHER_RECEIPT, 7))
    batch = Batch(1, tasks, OWNERS | {OTHER_NODE: CAROL})
    assert batch.serials() == {NODE: (7,), OTHER_NODE: (7,)}
    assert unpack(pack(batch)).tasks[0].serial == unpack(pack(batch)).tasks[1].serial == 7


HEAD_AND_BUYER, PAYEE, NODE_ROW = 31, 51, 80
"""Where the tables of a batch of one task end."""


def test_a_batch_that_ends_early_names_nobody_or_has_no_task_is_refused() -> None:
    packed = pack(one())
    nobody = packed[:11] + bytes(20) + packed[HEAD_AND_BUYER:]
    no_task = packed[:NODE_ROW] + bytes(32)
    no_word = packed[: NODE_ROW - 1] + b"\x00"
    for odd in (packed[:-1], packed[:NODE_ROW], packed[:60], nobody, no_task, no_word, b"\x00" * 11, b""):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            read_packed(odd)


def test_a_task_or_node_that_points_past_its_table_is_refused() -> None:
    packed = pack(one())
    buyer = packed[: NODE_ROW + 32] + b"\x01" + packed[NODE_ROW + 33 :]
    payee = packed[: PAYEE + 20] + b"\x01" + packed[PAYEE + 21 :]
    for odd, table in ((buyer, "past the buyers"), (payee, "past the payees")):
        with pytest.raises(ProtocolError, match=table):
            read_packed(odd)


def test_words_past_the_last_serial_are_refused() -> None:
    packed = pack(one(serial=(1 << 64) - 1))
    with pytest.raises(ProtocolError, match="do not fit uint64"):
        read_packed(packed[: NODE_ROW - 1] + b"\x02" + packed[NODE_ROW:] + bytes(32))


def test_auditor_reads_a_batch_with_an_idle_party_that_no_signer_would_accept() -> None:
    packed = pack(one())
    idle = packed[:8] + b"\x02" + packed[9:HEAD_AND_BUYER] + bytes.fromhex(BOB[2:]) + packed[HEAD_AND_BUYER:]
    assert read_packed(idle).parties() == (ALICE, BOB, NODE)
    with pytest.raises(ProtocolError, match="no task"):
        unpack(idle)


def test_signer_refuses_a_word_without_a_first_or_last_serial_and_an_idle_payee() -> None:
    packed = pack(one(serial=256))
    table, body = packed[: NODE_ROW - 8], packed[NODE_ROW:]
    early = table + bytes(7) + b"\x02" + bytes(32) + body
    late = table + bytes(6) + b"\x01\x02" + body + bytes(32)
    idle = packed[:9] + b"\x02" + packed[10:PAYEE] + b"\x66" * 20 + packed[PAYEE:]
    for odd in (early, late, idle):
        assert [task.serial for task in read_packed(odd).tasks] == [256]
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            unpack(odd)
