"""Whole numbers as one short text: LEB128 bytes in base64, one form for each list and no other. Pure.

Ten thousand providers' numbers take about 40 kB, where decimal digits would take 70. Not for secrets, not for
numbers of 63 bits and more.
"""

import base64
import binascii
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason

MAXIMUM_TEXT = 64 << 20
"""Characters of one column."""
Column = Annotated[str, Field(max_length=MAXIMUM_TEXT, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
"""Numbers from 0 to 2^63 - 1, packed."""
_BITS, _MORE = 7, 0x80
_LONGEST = 9
_SHIFTS = np.arange(_LONGEST, dtype=np.int64) * _BITS


def pack(numbers: NDArray[Any]) -> Column:
    """The text of a list. Raises ProtocolError(QUANTITY_OUT_OF_RANGE) for a negative number."""
    whole = np.asarray(numbers, np.int64).ravel()
    if whole.size and int(whole.min()) < 0:
        raise ProtocolError(Reason.QUANTITY_OUT_OF_RANGE, f"a column holds {int(whole.min())}")
    lengths = 1 + sum((whole >> shift > 0).astype(np.int64) for shift in _SHIFTS[1:])
    places = np.cumsum(lengths) - lengths
    packed = np.zeros(int(lengths.sum()), np.uint8)
    for at, shift in enumerate(_SHIFTS):
        there = lengths > at
        more = np.where(lengths[there] > at + 1, _MORE, 0)
        packed[places[there] + at] = (whole[there] >> shift) & (_MORE - 1) | more
    return base64.b64encode(packed.tobytes()).decode()


def unpack(text: Column) -> NDArray[np.int64]:
    """The list of a text. Raises ProtocolError(DOCUMENT_MALFORMED) unless `pack` gives this very text."""
    try:
        packed = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (binascii.Error, ValueError) as error:
        raise _malformed(f"is not base64: {error}") from error
    if not packed.size:
        return np.zeros(0, np.int64)
    last = np.flatnonzero(packed < _MORE)
    if not last.size or last[-1] != packed.size - 1:
        raise _malformed("ends within a number")
    starts = np.concatenate(([0], last[:-1] + 1))
    lengths = last - starts + 1
    if int(lengths.max()) > _LONGEST:
        raise _malformed(f"has a number of over {_LONGEST} bytes")
    place = np.arange(packed.size) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((packed & (_MORE - 1)).astype(np.int64) << (place * _BITS), starts)
    if pack(numbers) != text:
        raise _malformed("is not in its shortest form")
    return numbers


def _malformed(what: str) -> ProtocolError:
    return ProtocolError(Reason.DOCUMENT_MALFORMED, f"a column {what}")
