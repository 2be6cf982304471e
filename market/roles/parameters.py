"""What an operator chooses for a deployment: options and a TOML file, checked before anything is sent.

The file's keys are the fields of `DeploymentParameters`, with those of `CourtRules` in the table `court`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from suanli.protocol.court_rules import CourtRules
from suanli.protocol.deployment import DeploymentParameters
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

COURT = "court"
ACCOUNTS = ("fee_recipient", "token", "governor", "pauser")
_NOBODY = "0x" + "00" * 20
_ADDRESS: TypeAdapter[Address] = TypeAdapter(Address)


def chosen(
    file: Path | None, options: Mapping[str, Any], fee_recipient: Address, development: bool
) -> DeploymentParameters:
    """The parameters from a file and options, which go before it; those that are None were not chosen.

    Raises MarketError or ProtocolError(SETTINGS_INVALID).
    """
    named = {name: value for name, value in options.items() if value is not None}
    found = {} if file is None else read_file(file)
    return parameters(found | named, fee_recipient=fee_recipient, development=development)


def read_file(path: Path) -> dict[str, Any]:
    """The choices in a TOML file. Raises MarketError(SETTINGS_INVALID)."""
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise _invalid(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _invalid(f"{path} is not TOML: {error}") from error
    return document


def parameters(
    chosen: Mapping[str, Any], *, fee_recipient: Address, development: bool
) -> DeploymentParameters:
    """The contracts' parameters: what was chosen, else the protocol's default, or a short one in development.

    Without a choice `fee_recipient` gets the fees. Raises MarketError or ProtocolError(SETTINGS_INVALID).
    """
    _check_names(chosen, (field.name for field in fields(DeploymentParameters)), "")
    values = {name: _value(name, value) for name, value in chosen.items() if name != COURT}
    rules = CourtRules.development() if development else CourtRules()
    court = replace(rules, **_court(chosen.get(COURT, {})))
    recipient = values.pop("fee_recipient", fee_recipient)
    make = DeploymentParameters.development if development else DeploymentParameters
    return make(fee_recipient=recipient, court=court, **values)


def _court(chosen: Any) -> dict[str, int]:
    if not isinstance(chosen, Mapping):
        raise _invalid(f"{COURT} is a table of the court's rules")
    _check_names(chosen, (field.name for field in fields(CourtRules)), f"{COURT}.")
    return {name: _whole(f"{COURT}.{name}", value) for name, value in chosen.items()}


def _check_names(chosen: Iterable[str], known: Iterable[str], prefix: str) -> None:
    names = sorted(known)
    for name in chosen:
        if name not in names:
            raise _invalid(f"there is no parameter {prefix}{name}; there are {', '.join(names)}")


def _value(name: str, value: Any) -> Any:
    return _account(name, value) if name in ACCOUNTS else _whole(name, value)


def _whole(name: str, value: Any) -> int:
    if type(value) is not int or value < 0:
        raise _invalid(f"{name} is a whole number from 0 on, not {value!r}")
    return value


def _account(name: str, value: Any) -> Address:
    try:
        address = _ADDRESS.validate_python(value)
    except ValidationError as error:
        raise _invalid(f"{name} is an address, not {value!r}: {error.errors()[0]['msg']}") from error
    if address == _NOBODY:
        raise _invalid(f"{name} is nobody's address")
    return address


def _invalid(detail: str) -> MarketError:
    return MarketError(Reason.SETTINGS_INVALID, detail)
