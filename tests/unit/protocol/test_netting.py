"""A batch is packed without loss, refused when it is not canonical, and conserves every atom."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.errors import ProtocolError
from suanli.protocol.netting import (
    OFFSETS,
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
from suanli.protocol.units import BASIS_POINTS
from tests.unit.protocol.strategies import batches, value_or_reason

ALICE = "0x1111111111111111111111111111111111111111"
BOB = "0x2222222222222222222222222222222222222222"
NODE = "0x3333333333333333333333333333333333333333"
CAROL = "0x4444444444444444444444444444444444444444"
RECEIPT = "0x" + "ab" * 32
OTHER_RECEIPT = "0x" + "cd" * 32
OWNERS = {NODE: CAROL}
fees = st.integers(0, BASIS_POINTS)


def test_layout_is_the_documented_one() -> None:
    tasks = (NettingTask(BOB, NODE, 258, RECEIPT, 520), NettingTask(ALICE, NODE, 1, OTHER_RECEIPT, 3))
    packed = pack(Batch(7, tasks, OWNERS))
    head = "0000000000000007" + "02" + "01" + "01"
    buyers = "11" * 20 + "00" * 8 + "22" * 20 + "0000000000000200"
    first = "00" + "00" + "0000000000000001" + "0003" + "cd" * 16
    second = "01" + "00" + "0000000000000102" + "0008" + "ab" * 16
    assert packed.hex() == head + buyers + "44" * 20 + "33" * 20 + "00" + first + second


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


@given(batches(), st.binary(min_size=1, max_size=27))
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
        two(NettingTask(ALICE, NODE, 1, RECEIPT, 9), NettingTask(ALICE, NODE, 1, OTHER_RECEIPT, OFFSETS)),
        one(serial=1 << 64),
        one(serial=-1),
        one(buyer="0x" + "00" * 20),
        Batch(1, one().tasks, {NODE: "0x" + "00" * 20}),
        Batch(1, one().tasks, {}),
        Batch(
            1,
            tuple(NettingTask(f"0x{at:040x}", NODE, 1, f"0x{at:064x}", 0) for at in range(1, 257)),
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


def test_a_packed_batch_of_nobody_of_nothing_or_off_its_word_is_refused() -> None:
    packed = pack(one())
    unaligned = packed[:38] + b"\x01" + packed[39:]
    for odd in (packed[:80], packed[:11] + bytes(20) + packed[31:], unaligned, b"\x00" * 11, b""):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            read_packed(odd)


def test_tasks_out_of_order_or_with_one_serial_twice_are_refused() -> None:
    packed = pack(two(NettingTask(ALICE, NODE, 1, RECEIPT, 0), NettingTask(ALICE, NODE, 1, OTHER_RECEIPT, 1)))
    head, first, second = packed[:-56], packed[-56:-28], packed[-28:]
    for odd in (head + second + first, head + first + first):
        with pytest.raises(ProtocolError, match="ascend"):
            read_packed(odd)


def test_auditor_reads_a_batch_with_an_idle_party_that_no_signer_would_accept() -> None:
    packed = pack(one())
    idle = packed[:8] + b"\x02" + packed[9:39] + bytes.fromhex(BOB[2:]) + bytes(8) + packed[39:]
    assert read_packed(idle).parties() == (ALICE, BOB, NODE)
    with pytest.raises(ProtocolError, match="no task"):
        unpack(idle)


def test_signer_refuses_a_base_below_the_first_serial_and_an_idle_payee() -> None:
    low = pack(one(serial=256))
    low = low[:31] + bytes(8) + low[39:-18] + b"\x01\x00" + low[-16:]
    idle = pack(one())
    idle = idle[:9] + b"\x02" + idle[10:59] + b"\x55" * 20 + idle[59:]
    for odd in (low, idle):
        assert read_packed(odd).tasks
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            unpack(odd)
