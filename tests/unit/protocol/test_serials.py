"""Marks name serials without loss, and only in the one form that the contract takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import (
    MAXIMUM_SERIAL,
    marks_hash,
    marks_of,
    mask_of,
    masks_of,
    reference_of,
    serials_of,
    word_of,
    word_range,
)
from tests.unit.protocol.strategies import value_or_reason

serial_sets = st.sets(st.integers(0, MAXIMUM_SERIAL) | st.integers(0, 1000), max_size=40)


def test_layout_is_the_documented_one() -> None:
    packed = marks_of([258, 0, 255])
    first = "00" * 8 + "80" + "00" * 30 + "01"
    second = "00" * 7 + "01" + "00" * 31 + "04"
    assert packed.hex() == first + second


@given(serial_sets)
def test_unpacking_gives_back_what_was_packed(serials: set[int]) -> None:
    assert serials_of(marks_of(serials)) == tuple(sorted(serials))


@given(serial_sets)
def test_each_serial_has_its_bit(serials: set[int]) -> None:
    masks = masks_of(serials)
    assert all(masks[word_of(serial)] & mask_of(serial) for serial in serials)
    assert sum(mask.bit_count() for mask in masks.values()) == len(serials)


@given(serial_sets)
def test_a_range_of_words_holds_every_serial_and_ends_with_one(serials: set[int]) -> None:
    words, touched = word_range(serials), {word_of(serial) for serial in serials}
    assert touched <= set(words) if len(words) < 1000 else touched
    assert not touched or (words[0], words[-1]) == (min(touched), max(touched))
    assert touched or not words


@given(st.binary(max_size=120))
def test_arbitrary_bytes_are_refused_or_canonical(data: bytes) -> None:
    assert value_or_reason(lambda: marks_of(serials_of(data))) in (data, Reason.BATCH_MISMATCH)


@pytest.mark.parametrize("serials", [[3, 3], [-1], [MAXIMUM_SERIAL + 1]], ids=["twice", "negative", "large"])
def test_what_is_no_set_of_serials_is_refused(serials: list[int]) -> None:
    with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
        marks_of(serials)


@pytest.mark.parametrize("order", [(1, 0), (1, 1)], ids=["descending", "repeated"])
def test_words_that_do_not_ascend_are_refused(order: tuple[int, int]) -> None:
    marks = b"".join(word.to_bytes(8, "big") + b"\x01" * 32 for word in order)
    with pytest.raises(ProtocolError, match="ascend"):
        serials_of(marks)


def test_marks_past_the_last_serial_and_empty_masks_are_refused() -> None:
    for odd in ((1 << 56).to_bytes(8, "big") + b"\x01" * 32, bytes(40)):
        with pytest.raises(ProtocolError, match="BATCH_MISMATCH"):
            serials_of(odd)


def test_hash_of_no_marks_is_that_of_nothing_and_a_reference_is_half_an_id() -> None:
    assert marks_hash(b"") == "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert reference_of("0x" + "ab" * 16 + "cd" * 16) == "0x" + "ab" * 16
