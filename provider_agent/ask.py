"""The file in which a contributor says what the machine lends and for how much, read as values.

Prices in the file are tokens per unit, as people count; here they are micro-atoms per unit. What the node
then offers is put together in `offer`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Limits, Prices
from suanli.protocol.offering import AutoPrice, Offering, SurgeStep
from suanli.protocol.reasons import Reason
from suanli.protocol.units import (
    BYTES_PER_MEBIBYTE,
    FUEL_PER_GIGAFUEL,
    MICRO_ATOMS_PER_ATOM,
    parse_money,
    parse_share,
)

_PRICES = {
    "fuel": "gigafuel",
    "memoryFuel": "gibibyte_gigafuel",
    "ingress": "mebibyte_in",
    "egress": "mebibyte_out",
}
_DEFAULT_ROUNDS = 20
_DEFAULT_SHARE = "100%"


@dataclass(frozen=True, slots=True)
class AskFile:
    """What `ask.toml` says. `stated` lacks what the agent knows itself: the speed, and how prices came about.

    With `auto`, `prices` are those to start with.
    """

    prices: Prices
    minimum_charge: int
    slots: int
    limits: Limits
    stated: Offering
    auto: AutoPrice | None


def read_ask_file(path: Path, decimals: int) -> AskFile:
    """The file's content. Raises NodeError(SETTINGS_INVALID) with the name of what is wrong."""
    try:
        value = tomllib.loads(path.read_text())
        prices = {field: _micro_atoms(value["prices"][name], decimals) for field, name in _PRICES.items()}
        start = Prices.model_validate(prices)
        return AskFile(
            prices=start,
            minimum_charge=parse_money(str(value["minimum_charge"]), decimals),
            slots=_whole(value["slots"]),
            limits=_limits(value["limits"]),
            stated=_stated(value),
            auto=_auto(value.get("auto", {}), start, decimals),
        )
    except KeyError as error:
        raise invalid(path, f"{error.args[0]} is missing") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise invalid(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (OSError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise invalid(path, str(error)) from error


def invalid(path: Path, what: str) -> NodeError:
    """The error that names what is wrong with the file."""
    return NodeError(Reason.SETTINGS_INVALID, f"{path}: {what}")


def _limits(value: Mapping[str, Any]) -> Limits:
    return Limits(
        fuel=_whole(value["gigafuel"]) * FUEL_PER_GIGAFUEL,
        memoryBytes=_whole(value["memory_mebibytes"]) * BYTES_PER_MEBIBYTE,
        inputBytes=_whole(value["input_mebibytes"]) * BYTES_PER_MEBIBYTE,
        outputBytes=_whole(value["output_mebibytes"]) * BYTES_PER_MEBIBYTE,
        wallSeconds=_whole(value["wall_seconds"]),
    )


def _stated(value: Mapping[str, Any]) -> Offering:
    steps = [
        SurgeStep(used_share_basis_points=parse_share(str(used)), price_basis_points=parse_share(str(price)))
        for used, price in value.get("surge", {}).items()
    ]
    return Offering(
        region=value.get("region"),
        labels=tuple(value.get("labels", ())),
        carbon_grams_per_kilowatt_hour=value.get("carbon"),
        watts_per_slot=value.get("watts"),
        surge=tuple(sorted(steps, key=lambda step: step.used_share_basis_points)),
    )


def _auto(value: Mapping[str, Any], start: Prices, decimals: int) -> AutoPrice | None:
    enabled = value.get("enabled", False)
    if not isinstance(enabled, bool):
        raise TypeError(f"auto.enabled is true or false, not {enabled!r}")
    if not enabled:
        return None
    return AutoPrice(
        epoch=0,
        rounds=value.get("rounds", _DEFAULT_ROUNDS),
        share_basis_points=parse_share(str(value.get("share", _DEFAULT_SHARE))),
        start=start,
        electricity_atoms_per_kilowatt_hour=parse_money(str(value.get("electricity", "0")), decimals),
    )


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
