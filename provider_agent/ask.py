"""The node's offer: from the file that a contributor edits to the message that the node signs.

Prices in the file are tokens per unit, as people count; in the message they are micro-atoms per unit.
"""

import os
import re
import tomllib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Ask, Limits, Prices
from suanli.protocol.reasons import Reason
from suanli.protocol.units import (
    BYTES_PER_MEBIBYTE,
    FUEL_PER_GIGAFUEL,
    MICRO_ATOMS_PER_ATOM,
    parse_money,
)
from suanli.protocol.values import Address

_TEMPLATE = """\
# What this machine lends, and for how much. A running agent notices changes within a few seconds.

# Tasks that run at the same time; each takes one core.
slots = {slots}

# The least that any task pays, in {symbol}.
minimum_charge = "0.0001"

# Prices in {symbol}. A gigafuel is about 10^9 WebAssembly instructions: one second of one core, more or less.
[prices]
gigafuel = "0.0005"          # work
gibibyte_gigafuel = "0.0001" # memory held while working
mebibyte_in = "0.00001"      # module and input files
mebibyte_out = "0.00002"     # output files

# The most that one task may take.
[limits]
gigafuel = {gigafuel}
memory_mebibytes = {memory}
input_mebibytes = 512
output_mebibytes = 256
wall_seconds = 3600
"""
_GIGAFUEL_LIMIT = 3600
_LINE = re.compile(r"^(?P<key>\w+) *= *[^#]*?(?P<comment> *(#.*)?)$")
_PRICES = {
    "fuel": "gigafuel",
    "memoryFuel": "gibibyte_gigafuel",
    "ingress": "mebibyte_in",
    "egress": "mebibyte_out",
}


def default_ask(symbol: str, cores: int, memory_bytes: int) -> str:
    """The text of a new `ask.toml`: a quarter of the memory, all cores but one for the owner."""
    slots = max(1, cores - 1)
    memory = max(64, memory_bytes // 4 // slots // BYTES_PER_MEBIBYTE // 64 * 64)
    return _TEMPLATE.format(symbol=symbol, slots=slots, memory=min(memory, 4096), gigafuel=_GIGAFUEL_LIMIT)


def default_ask_here(symbol: str, memory_bytes: int) -> str:
    """The text of a new `ask.toml` for this machine."""
    return default_ask(symbol, os.cpu_count() or 1, memory_bytes)


def parse_ask(path: Path, node: Address, decimals: int, expiry: int, nonce: int) -> Ask:
    """The ask in a file. Raises NodeError(SETTINGS_INVALID) with the name of what is wrong."""
    try:
        value = tomllib.loads(path.read_text())
        limits = value["limits"]
        return Ask(
            node=node,
            prices=Prices(
                **{field: _micro_atoms(value["prices"][name], decimals) for field, name in _PRICES.items()}
            ),
            minimumCharge=parse_money(str(value["minimum_charge"]), decimals),
            slots=_whole(value["slots"]),
            limits=Limits(
                fuel=_whole(limits["gigafuel"]) * FUEL_PER_GIGAFUEL,
                memoryBytes=_whole(limits["memory_mebibytes"]) * BYTES_PER_MEBIBYTE,
                inputBytes=_whole(limits["input_mebibytes"]) * BYTES_PER_MEBIBYTE,
                outputBytes=_whole(limits["output_mebibytes"]) * BYTES_PER_MEBIBYTE,
                wallSeconds=_whole(limits["wall_seconds"]),
            ),
            expiry=expiry,
            nonce=nonce,
        )
    except KeyError as error:
        raise _invalid(path, f"{error.args[0]} is missing") from error
    except (OSError, TypeError, ValueError, InvalidOperation) as error:
        raise _invalid(path, str(error)) from error


def same_offer(one: Ask, other: Ask) -> bool:
    """Whether two asks differ at most in expiry and nonce."""
    return one.model_copy(update={"expiry": other.expiry, "nonce": other.nonce}) == other


def _micro_atoms(text: Any, decimals: int) -> int:
    """A price in tokens as micro-atoms."""
    try:
        scaled = Decimal(str(text)).scaleb(decimals) * MICRO_ATOMS_PER_ATOM
    except InvalidOperation:
        raise ValueError(f"{text!r} is no price in tokens") from None
    if scaled != scaled.to_integral_value() or scaled < 0:
        raise InvalidOperation(f"{text} has too many decimals or is negative")
    return int(scaled)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise TypeError(f"{value!r} is not a positive whole number")
    return value


def _invalid(path: Path, what: str) -> NodeError:
    return NodeError(Reason.SETTINGS_INVALID, f"{path}: {what}")


def set_value(path: Path, name: str, value: str, check: Callable[[Path], object]) -> None:
    """Changes one line of an ask file and keeps its comment; nothing changes when `check` raises.

    `name` is the key with its section (`prices.gigafuel`). Raises NodeError(SETTINGS_INVALID).
    """
    section, _, key = name.rpartition(".")
    quoted = f'"{value}"' if section == "prices" or key == "minimum_charge" else value
    lines, here, found = path.read_text().splitlines(), "", False
    for index, line in enumerate(lines):
        match = _LINE.match(line)
        if line.startswith("["):
            here = line.strip("[] ")
        elif match and here == section and match["key"] == key:
            lines[index] = f"{key} = {quoted}{match['comment']}"
            found = True
    if not found:
        raise _invalid(path, f"there is no {name}")
    trial = path.with_suffix(".trial")
    trial.write_text("\n".join(lines) + "\n")
    try:
        check(trial)
    except NodeError:
        trial.unlink()
        raise
    trial.replace(path)
