"""Amounts, durations and qualities as people type them in options. Raises ClientError(SETTINGS_INVALID)."""

import re

from suanli.protocol.auctions import QualityRule, quality_label
from suanli.protocol.errors import ClientError, ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import parse_money
from suanli.protocol.values import Hash
from suanli.protocol.wire.accounts import Deployment

QUALITY_BITS = 64
MONEY_BITS = 96
TASK_BITS = 32
"""What `AuctionTerms` holds its numbers in."""

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,10}[smhd])+", re.ASCII)
_DURATION_BITS = 62
"""So that the sum of some and a moment fits the 64 bits of a contract's time."""
_MOST_DIGITS = 78
"""Of a number of 256 bits."""
_HASH = re.compile(r"0x[0-9a-f]{64}")


def whole(name: str, text: str, bits: int) -> int:
    """A whole number in decimal digits that fits an unsigned integer of so many bits."""
    if not (text.isascii() and text.isdecimal()):
        raise ClientError(Reason.SETTINGS_INVALID, f"{name}: {text!r} is no whole number")
    return fitting(name, int(text) if len(text) <= _MOST_DIGITS else 1 << bits, bits)


def fitting(name: str, value: int, bits: int) -> int:
    """A number that fits an unsigned integer of so many bits, as the contracts hold it."""
    if not 0 <= value < 1 << bits:
        raise ClientError(Reason.SETTINGS_INVALID, f"{name}: the value is not within 0 to 2^{bits} - 1")
    return value


def atoms(name: str, text: str, deployment: Deployment) -> int:
    """An amount of whole tokens, such as `12.5`, in atoms."""
    try:
        return parse_money(text, deployment.token_decimals)
    except ValueError as error:
        raise ClientError(Reason.SETTINGS_INVALID, f"{name}: {error}") from error


def seconds(name: str, text: str) -> int:
    """A duration such as `90s`, `30m` or `1d12h` in seconds."""
    if not _DURATION.fullmatch(text):
        detail = f"{name}: {text!r} is no duration; write 90s, 30m, 2h or 1d12h"
        raise ClientError(Reason.SETTINGS_INVALID, detail)
    parts = re.findall(r"([0-9]+)([smhd])", text)
    return fitting(name, sum(int(count) * _UNITS[unit] for count, unit in parts), _DURATION_BITS)


def hash_given(name: str, text: str) -> Hash:
    """An id of 32 bytes, 0x-hex."""
    if not _HASH.fullmatch(text.lower()):
        raise ClientError(Reason.SETTINGS_INVALID, f"{name}: {text!r} is no id of 32 bytes")
    return text.lower()


def quality_rule(text: str, deployment: Deployment) -> QualityRule:
    """`LABEL:MOST:WEIGHT`, the weight in tokens for each unit, such as `hours:10:0.05`."""
    label, _, rest = text.partition(":")
    most, _, weight = rest.partition(":")
    if not (most.isascii() and most.isdecimal()) or not weight:
        detail = f"--quality: {text!r} is not LABEL:MOST:WEIGHT, such as hours:10:0.05"
        raise ClientError(Reason.SETTINGS_INVALID, detail)
    try:
        weight_ = fitting("--quality", atoms("--quality", weight, deployment), QUALITY_BITS)
        return QualityRule(quality_label(label), whole("--quality", most, QUALITY_BITS), weight_)
    except ProtocolError as error:
        raise ClientError(Reason.SETTINGS_INVALID, f"--quality: {error.detail}") from error


def label_text(label: Hash) -> str:
    """A quality's label as it was typed."""
    return bytes.fromhex(label[2:]).rstrip(b"\0").decode("ascii", "replace")
