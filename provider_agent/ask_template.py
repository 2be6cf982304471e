"""The text of `ask.toml`: how a new one looks, and how one line of it is changed.

Comments are the contributor's: what is changed keeps them.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from provider_agent.ask import invalid
from suanli.protocol.errors import NodeError
from suanli.protocol.units import BYTES_PER_MEBIBYTE

_TEMPLATE = """\
# What this machine lends, and for how much. A running agent notices changes within a few seconds.

# Tasks that run at the same time; each takes one core.
slots = {slots}

# The least that any task pays, in {symbol}.
minimum_charge = "0.0001"

# What else buyers may want to know. Say as much as you like: remove the first # of a line.
# region = "eu-west"          # where the machine stands: lower-case words joined by hyphens
# labels = ["tier:home"]      # what it is or has
# carbon = 300                # grams of CO2e for a kilowatt-hour of its electricity
# watts = 12                  # what one busy slot draws beyond the idle machine
# surge = {{"75%" = "125%"}}    # from 75 % of the slots in use on, 125 % of the prices

# Prices in {symbol}. A gigafuel is about 10^9 WebAssembly instructions: one second of one core, more or less.
[prices]
gigafuel = "0.0005"          # work
gibibyte_gigafuel = "0.0001" # memory held while working
mebibyte_in = "0.00001"      # module and input files
mebibyte_out = "0.00002"     # output files

# Prices by themselves: [prices] is then where they start, until rounds have cleared.
[auto]
enabled = false
electricity = "0"            # {symbol} for a kilowatt-hour: work pays at least what it takes; needs watts
rounds = 20                  # follow the median price of so many past rounds
share = "100%"               # ask for this part of it

# The most that one task may take.
[limits]
gigafuel = {gigafuel}
memory_mebibytes = {memory}
input_mebibytes = 512
output_mebibytes = 256
wall_seconds = 3600
"""
_GIGAFUEL_LIMIT = 3600
_LINE = re.compile(r"^(?:# )?(?P<key>\w+) *= *[^#]*?(?P<comment> *(#.*)?)$")
_TEXTS = frozenset({"minimum_charge", "region", "electricity", "share"})


def default_ask(symbol: str, cores: int, memory_bytes: int) -> str:
    """The text of a new `ask.toml`: a quarter of the memory, all cores but one for the owner."""
    slots = max(1, cores - 1)
    memory = max(64, memory_bytes // 4 // slots // BYTES_PER_MEBIBYTE // 64 * 64)
    return _TEMPLATE.format(symbol=symbol, slots=slots, memory=min(memory, 4096), gigafuel=_GIGAFUEL_LIMIT)


def default_ask_here(symbol: str, memory_bytes: int) -> str:
    """The text of a new `ask.toml` for this machine."""
    return default_ask(symbol, os.cpu_count() or 1, memory_bytes)


def set_value(path: Path, name: str, value: str, check: Callable[[Path], object]) -> None:
    """Changes one line of an ask file and keeps its comment; nothing changes when `check` raises.

    `name` is the key with its section (`prices.gigafuel`); a line that is commented out counts from then on.
    Raises NodeError(SETTINGS_INVALID).
    """
    section, _, key = name.rpartition(".")
    quoted = f'"{value}"' if section == "prices" or key in _TEXTS else value
    lines, here, found = path.read_text().splitlines(), "", False
    for index, line in enumerate(lines):
        match = _LINE.match(line)
        if line.startswith("["):
            here = line.strip("[] ")
        elif match and here == section and match["key"] == key:
            lines[index] = f"{key} = {quoted}{match['comment']}"
            found = True
    if not found:
        raise invalid(path, f"there is no {name}")
    trial = path.with_suffix(".trial")
    trial.write_text("\n".join(lines) + "\n")
    try:
        check(trial)
    except NodeError:
        trial.unlink()
        raise
    trial.replace(path)
