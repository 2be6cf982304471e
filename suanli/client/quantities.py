"""Amounts as people write them in a job file: fuel "20G", sizes "256MiB", durations "1h30m".

Pure text to whole numbers and back. Money is in `suanli.protocol.units`.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

FUEL_UNITS: Mapping[str, int] = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
SIZE_UNITS: Mapping[str, int] = {
    "B": 1,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
    "TiB": 1 << 40,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
}
DURATION_UNITS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400}

LATENCY_UNITS: Mapping[str, int] = {"ms": 1, "s": 1000}

_DURATION_PART = r"[0-9]{1,10}[smhd]"
FUEL_PATTERN = r"^[0-9]{1,18}(\.[0-9]{1,12})?[KMGT]?$"
SIZE_PATTERN = r"^[0-9]{1,18}(\.[0-9]{1,12})? ?(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)$"
DURATION_PATTERN = rf"^({_DURATION_PART})+$"
LATENCY_PATTERN = r"^[0-9]{1,9} ?(ms|s)$"
_NUMBER_AND_UNIT = re.compile(r"^(?P<number>[0-9.]+) ?(?P<unit>[A-Za-z]*)$")


def parse_fuel(text: str) -> int:
    """Units of fuel in "20G", "1.5M" or "300". Raises ValueError."""
    return _scaled(text, FUEL_PATTERN, FUEL_UNITS, "fuel is a number with K, M, G or T, like 20G")


def parse_size(text: str) -> int:
    """Bytes in "256MiB" or "1.5 GB". Raises ValueError."""
    return _scaled(text, SIZE_PATTERN, SIZE_UNITS, "a size is a number with a unit, like 256MiB")


def parse_duration(text: str) -> int:
    """Seconds in "90s", "10m" or "1h30m". Raises ValueError."""
    if not re.match(DURATION_PATTERN, text):
        raise ValueError(f"{text!r}: a duration is a whole number with s, m, h or d, like 90s or 1h30m")
    parts = re.findall(_DURATION_PART, text)
    units = [part[-1] for part in parts]
    if units != sorted(set(units), key="dhms".index):
        raise ValueError(f"{text!r}: a duration names each unit once, the largest first, like 1h30m")
    return sum(int(part[:-1]) * DURATION_UNITS[part[-1]] for part in parts)


def parse_latency(text: str) -> int:
    """Milliseconds in "50ms" or "1s". Raises ValueError."""
    return _scaled(text, LATENCY_PATTERN, LATENCY_UNITS, "a latency is a whole number of ms or s, like 50ms")


def format_fuel(fuel: int) -> str:
    """The shortest text that `parse_fuel` reads as exactly `fuel`."""
    return _shortest(fuel, {unit: FUEL_UNITS[unit] for unit in ("T", "G", "M", "K")}, "")


def about_fuel(fuel: int) -> str:
    """`fuel` to three digits for a table: 59300 -> "59.3K"."""
    for unit in ("T", "G", "M", "K"):
        if fuel >= FUEL_UNITS[unit]:
            return f"{fuel / FUEL_UNITS[unit]:.3g}{unit}"
    return str(fuel)


def format_size(size: int) -> str:
    """The shortest text in binary units that `parse_size` reads as exactly `size` bytes."""
    return _shortest(size, {unit: SIZE_UNITS[unit] for unit in ("TiB", "GiB", "MiB", "KiB")}, "B")


def format_duration(seconds: int) -> str:
    """The text that `parse_duration` reads as exactly `seconds`, like 1h30m."""
    parts = []
    for unit in "dhms":
        count, seconds = divmod(seconds, DURATION_UNITS[unit])
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _scaled(text: str, pattern: str, units: Mapping[str, int], rule: str) -> int:
    match = _NUMBER_AND_UNIT.match(text)
    if match is None or not re.match(pattern, text):
        raise ValueError(f"{text!r}: {rule}{_unit_hint(match, units)}")
    amount = Fraction(match["number"]) * units[match["unit"]]
    if amount.denominator != 1:
        raise ValueError(f"{text!r} is not a whole number of the smallest unit")
    return int(amount)


def _unit_hint(match: re.Match[str] | None, units: Mapping[str, int]) -> str:
    written = match["unit"].lower() if match else ""
    close = [unit for unit in units if unit and written and unit.lower() == written]
    return f" (did you mean {match['number']}{close[0]}?)" if match and close else ""


def _shortest(amount: int, units: Mapping[str, int], smallest: str) -> str:
    for unit, size in units.items():
        if amount and amount % size == 0:
            return f"{amount // size}{unit}"
    return f"{amount}{smallest}"
