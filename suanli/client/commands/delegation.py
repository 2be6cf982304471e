"""`suanli account delegate` and `revoke`: let a key order and co-sign up to a cap, and take that back."""

import time
from typing import Annotated

import typer
from eth_utils.address import is_address, to_checksum_address

from suanli.client.commands.console import money
from suanli.client.commands.money import OwnTransaction
from suanli.client.commands.options import Common, command
from suanli.client.market import Suanli
from suanli.client.quantities import parse_duration
from suanli.protocol.units import parse_money
from suanli.protocol.values import Address

DelegateArgument = Annotated[
    str,
    typer.Argument(
        metavar="DELEGATE", help="An address, or `operator` for the market's own key.", show_default=False
    ),
]
_CAP = typer.Option("--cap", help="The most that it may sign away in all, in tokens.", show_default=False)
_FOR = typer.Option("--for", help="How long, like 12h or 30d.")
_OPERATOR = "operator"


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli account`."""
    command(app, "delegate")(delegate)
    command(app, "revoke")(revoke)


def delegate(
    common: Common,
    delegate_key: DelegateArgument,
    cap: Annotated[str, _CAP],
    duration: Annotated[str, _FOR] = "30d",
    own_transaction: OwnTransaction = False,
) -> None:
    """Let a key order and co-sign settlements for this account, up to a cap, for a time."""
    with common.signed_in() as suanli:
        address = _address(delegate_key, suanli)
        atoms, seconds = _cap_atoms(cap, suanli), _seconds(duration)
        expiry = int(time.time()) + seconds
        transaction = suanli.delegates.add(
            suanli.key, address, atoms, expiry, own_transaction=own_transaction
        )
        common.out.show(
            {"delegate": address, "cap": str(atoms), "expiry": expiry, "transaction": transaction},
            f"{address} may sign for you, {money(atoms, suanli.deployment)} in all, for {duration}\n"
            f"Transaction: {transaction}\nTake it back: suanli account revoke {delegate_key}",
        )


def revoke(common: Common, delegate_key: DelegateArgument, own_transaction: OwnTransaction = False) -> None:
    """Take a delegation back at once."""
    with common.signed_in() as suanli:
        address = _address(delegate_key, suanli)
        transaction = suanli.delegates.revoke(suanli.key, address, own_transaction=own_transaction)
        common.out.show(
            {"delegate": address, "transaction": transaction},
            f"{address} may no longer sign for {suanli.account}\nTransaction: {transaction}",
        )


def _address(text: str, suanli: Suanli) -> Address:
    if text == _OPERATOR:
        return suanli.deployment.operator
    if not is_address(text):
        raise typer.BadParameter(f"{text!r} is neither an address nor `operator`", param_hint="DELEGATE")
    return to_checksum_address(text)


def _cap_atoms(text: str, suanli: Suanli) -> int:
    try:
        return parse_money(text, suanli.deployment.token_decimals)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--cap") from error


def _seconds(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from error
