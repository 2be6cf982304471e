"""A batch is packed without loss, refused when it is not canonical, and conserves every atom."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.errors import ProtocolError
from suanli.protocol.netting import Batch, NettingTask, batch_hash, message, net, pack, read_packed, unpack
from suanli.protocol.reasons import Reason
from suanli.protocol.units import BASIS_POINTS
from tests.unit.protocol.strategies import batches, value_or_reason

ALICE = "0x1111111111111111111111111111111111111111"
BOB = "0x2222222222222222222222222222222222222222"
NODE = "0x3333333333333333333333333333333333333333"
RECEIPT = "0x" + "ab" * 32
OTHER_RECEIPT = "0x" + "cd" * 32
fees = st.integers(0, BASIS_POINTS)


def test_layout_is_the_documented_one() -> None:
    packed = pack(
        Batch(7, (NettingTask(BOB, NODE, 258, RECEIPT), NettingTask(ALICE, NODE, 1, OTHER_RECEIPT)))
    )
    head = "0000000000000007" + "02" + "01"
    parties = "11" * 20 + "22" * 20 + "33" * 20
    tasks = "01" + "00" + "0000000000000102" + "ab" * 32 + "00" + "00" + "0000000000000001" + "cd" * 32
    assert packed.hex() == head + parties + tasks


@given(batches())
def test_unpacking_gives_back_what_was_packed(batch: Batch) -> None:
    assert unpack(pack(batch)) == batch


@given(batches(), st.data())
def test_no_second_encoding_of_a_batch_is_accepted(batch: Batch, data: st.DataObject) -> None:
    packed = bytearray(pack(batch))
    position = data.draw(st.integers(0, len(packed) - 1))
    packed[position] ^= 1 << data.draw(st.integers(0, 7))
    other = value_or_reason(lambda: unpack(bytes(packed)))
    assert other is Reason.BATCH_MISMATCH or (other != batch and message(other) != message(batch))


@given(batches(), st.binary(min_size=1, max_size=41))
def test_trailing_bytes_are_refused(batch: Batch, tail: bytes) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        unpack(pack(batch) + tail)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_or_canonical(data: bytes) -> None:
    assert value_or_reason(lambda: pack(unpack(data))) in (data, Reason.BATCH_MISMATCH)


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
        alone = net(Batch(batch.epoch, (task,)), fee)
        changes.update(alone.deltas())
        fees_taken += alone.fee
    assert (dict(changes), fees_taken) == (net(batch, fee).deltas(), net(batch, fee).fee)


def test_fee_is_rounded_down_on_each_task() -> None:
    tasks = tuple(NettingTask(ALICE, NODE, 99, receipt) for receipt in (RECEIPT, OTHER_RECEIPT))
    assert net(Batch(1, tasks), 200).fee == 2
    assert net(Batch(1, tasks), 200).earned == {NODE: 196}


def test_signed_message_covers_the_whole_packed_batch() -> None:
    batch = Batch(7, (NettingTask(ALICE, NODE, 5, RECEIPT),))
    assert message(batch).epoch == 7
    assert message(batch).batch == batch_hash(pack(batch))


@pytest.mark.parametrize(
    "batch",
    [
        Batch(1, ()),
        Batch(1, (NettingTask(ALICE, NODE, 1 << 64, RECEIPT),)),
        Batch(1, (NettingTask(ALICE, NODE, -1, RECEIPT),)),
        Batch(1 << 64, (NettingTask(ALICE, NODE, 1, RECEIPT),)),
        Batch(1, (NettingTask(ALICE, NODE, 1, RECEIPT), NettingTask(BOB, NODE, 1, RECEIPT))),
        Batch(1, (NettingTask("0x" + "00" * 20, NODE, 1, RECEIPT),)),
        Batch(1, tuple(NettingTask(f"0x{at:040x}", NODE, 1, f"0x{at:064x}") for at in range(1, 257))),
    ],
    ids=["empty", "amount too large", "negative", "epoch too large", "receipt twice", "nobody", "256 buyers"],
)
def test_what_cannot_be_packed_is_refused(batch: Batch) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        pack(batch)


def test_a_packed_batch_of_nobody_or_of_nothing_is_refused() -> None:
    packed = pack(Batch(7, (NettingTask(ALICE, NODE, 5, RECEIPT),)))
    for odd in (packed[:50], packed[:10] + bytes(20) + packed[30:], b"\x00" * 10, b""):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            read_packed(odd)


def test_auditor_reads_a_batch_with_an_idle_party_that_no_signer_would_accept() -> None:
    one = pack(Batch(7, (NettingTask(ALICE, NODE, 5, RECEIPT),)))
    packed = one[:8] + b"\x02\x01" + one[10:30] + bytes.fromhex(BOB[2:]) + one[30:]
    assert read_packed(packed).parties() == (ALICE, BOB, NODE)
    with pytest.raises(ProtocolError, match="no task"):
        unpack(packed)
