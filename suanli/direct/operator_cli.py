"""`suanli operator`: an operator's bond, which answers for its anchors and leases; and its way back."""

from typing import Annotated, Any

import typer

from suanli.direct.chain import Chain
from suanli.direct.console import Common, address_given, command
from suanli.direct.screen import moment, money, table
from suanli.protocol.values import Address, Hash

operator_app = typer.Typer(no_args_is_help=True, help="An operator's bond, by its own key.")


@command(operator_app, "bond")
def bond(common: Common) -> None:
    """Bond one's key from its balance, or keep a bond that is on its way out. Repeats are harmless."""
    chain, key = common.acting()
    amount, _, releasable_at, _ = _record(chain, key.address)
    whole = amount and not releasable_at
    _show(common, chain, key.address, None if whole else chain.send(key, "EpochAnchors", "bond"))


@command(operator_app, "unbond")
def unbond(common: Common) -> None:
    """Start the way out; faults are proved until the bond is withdrawn. Repeats are harmless."""
    chain, key = common.acting()
    releasable_at = _record(chain, key.address)[2]
    _show(common, chain, key.address, None if releasable_at else chain.send(key, "EpochAnchors", "unbond"))


@command(operator_app, "withdraw-bond")
def withdraw_bond(common: Common) -> None:
    """Return the bond to one's balance when its time has come. Repeats are harmless."""
    chain, key = common.acting()
    amount = _record(chain, key.address)[0]
    hash_ = chain.send(key, "EpochAnchors", "withdrawBond") if amount else None
    _show(common, chain, key.address, hash_)


@command(operator_app, "show")
def show(
    common: Common,
    operator: Annotated[
        str | None, typer.Argument(help="Whose bond; else the deployment's operator.")
    ] = None,
) -> None:
    """An operator's bond, since when promises count, when it comes free, the last epoch anchored."""
    chain = common.chain()
    named = chain.deployment.operator if operator is None else address_given("OPERATOR", operator)
    _show(common, chain, named, None)


def _record(chain: Chain, operator: Address) -> tuple[int, int, int, int]:
    amount, bonded_at, releasable_at, last_epoch = chain.read("EpochAnchors", "operatorOf", operator)
    return int(amount), int(bonded_at), int(releasable_at), int(last_epoch)


def _show(common: Common, chain: Chain, operator: Address, transaction: Hash | None) -> None:
    amount, bonded_at, releasable_at, last_epoch = _record(chain, operator)
    value: dict[str, Any] = {
        "operator": operator,
        "amount": str(amount),
        "bonded_at": bonded_at,
        "releasable_at": releasable_at or None,
        "last_epoch": str(last_epoch),
        "transaction": transaction,
    }
    rows = (
        ("bonded", money(amount, chain.deployment)),
        ("promises count since", bonded_at if amount else "never"),
        ("comes free", moment(releasable_at, chain.now()) if releasable_at else "not before `unbond`"),
        ("last epoch anchored", last_epoch),
    )
    common.show(value, [table(f"bond of {operator}", ("what", "value"), rows)])
