"""A batch by root says the same as the listed one in less space, and has one form only."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol import netting
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import receipts_root
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.reasons import Reason
from suanli.protocol.root_netting import (
    RootNode,
    batch_hash,
    message,
    net,
    pack,
    read_packed,
    root_form,
    unpack,
)
from tests.unit.protocol.strategies import batches, value_or_reason

ALICE = "0x1111111111111111111111111111111111111111"
NODE = "0x3333333333333333333333333333333333333333"
CAROL = "0x4444444444444444444444444444444444444444"
RECEIPTS = tuple("0x" + byte * 32 for byte in ("ab", "cd"))
TASKS = tuple(NettingTask(ALICE, NODE, 5, id_, 768 + 256 * at) for at, id_ in enumerate(RECEIPTS))
BATCH = root_form(Batch(7, TASKS, {NODE: CAROL}))
ROW = RootNode(CAROL, 10, 3, (1, 1))


def test_layout_is_the_documented_one() -> None:
    head = "0000000000000007" + "01" + "01" + "01" + "00000002" + receipts_root(RECEIPTS)[2:]
    buyer = "11" * 20 + "000000000000000a"
    node = "33" * 20 + "00" + "000000000000000a" + "00000000000003" + "02"
    mask = "00" * 31 + "01"
    assert pack(BATCH).hex() == head + buyer + "44" * 20 + node + mask + mask


@given(batches())
def test_unpacking_gives_back_what_was_packed(batch: Batch) -> None:
    form = root_form(batch)
    assert unpack(pack(form)) == form


@given(batches(), st.data())
def test_a_flipped_bit_makes_another_batch_or_none(batch: Batch, data: st.DataObject) -> None:
    packed = bytearray(pack(root_form(batch)))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    other = value_or_reason(lambda: unpack(bytes(packed)))
    assert other is Reason.BATCH_MISMATCH or (
        other != root_form(batch) and message(other) != message(root_form(batch))
    )


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_or_canonical(data: bytes) -> None:
    assert value_or_reason(lambda: pack(unpack(data))) in (data, Reason.BATCH_MISMATCH)


@given(batches())
def test_without_a_fee_it_moves_what_the_listed_batch_moves(batch: Batch) -> None:
    assert net(root_form(batch), 0) == netting.net(batch, 0)


@given(batches(), st.integers(0, 1000))
def test_it_conserves_to_the_atom_and_marks_the_same_serials(batch: Batch, fee: int) -> None:
    form = root_form(batch)
    assert sum(net(form, fee).deltas().values()) + net(form, fee).fee == 0
    marked = {(node, serial) for node, row in form.nodes.items() for serial in row.serials()}
    assert marked == {(task.node, task.serial) for task in batch.tasks}
    assert form.root == receipts_root([task.receipt for task in batch.in_order()])


def test_signed_message_covers_the_whole_packed_batch() -> None:
    assert (message(BATCH).epoch, message(BATCH).batch) == (7, batch_hash(pack(BATCH)))


@pytest.mark.parametrize(
    "batch",
    [
        replace(BATCH, tasks=0),
        replace(BATCH, tasks=3),
        replace(BATCH, epoch=1 << 64),
        replace(BATCH, debits={ALICE: 9}),
        replace(BATCH, nodes={NODE: replace(ROW, first_word=1 << 56, masks=())}),
        replace(BATCH, nodes={NODE: replace(ROW, first_word=(1 << 56) - 1)}),
        replace(BATCH, nodes={NODE: replace(ROW, first_word=0, masks=(3, *[0] * 255))}),
        replace(BATCH, nodes={NODE: replace(ROW, masks=(1,))}),
        replace(BATCH, nodes={"0x" + "00" * 20: ROW}),
    ],
    ids=[
        "no tasks",
        "a task too many",
        "epoch",
        "unbalanced",
        "first word",
        "last word",
        "words",
        "a mask lacking",
        "nobody",
    ],
)
def test_what_cannot_be_packed_is_refused(batch: object) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        pack(batch)  # type: ignore[arg-type]


def test_masks_too_few_or_too_many_are_refused() -> None:
    packed = pack(BATCH)
    for odd in (packed[:-32], packed + bytes(32), packed[:-1], packed[:40]):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            read_packed(odd)
