"""`suanli account balance`, `deposit`, `withdraw` and `faucet`: money into the Ledger and out again."""

import time
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.table import Table

from suanli.client.commands.console import money, table
from suanli.client.commands.options import Common, command
from suanli.client.market import Suanli
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import format_money, parse_money
from suanli.protocol.values import Hash

AmountArgument = Annotated[
    str, typer.Argument(metavar="AMOUNT", help="In tokens, like 2.50.", show_default=False)
]
OwnTransaction = Annotated[
    bool, typer.Option("--own-transaction", help="Send it yourself (needs gas), not by the market's relayer.")
]
_OF = typer.Option("--of", help="Anybody's account; your own if unset.")
_TO = typer.Option("--to", help="Who receives it; the account itself if unset.")
_WAIT = typer.Option("--wait", help="Stay until the thaw is over, then withdraw.")
_PART = typer.Argument(
    metavar="[AMOUNT]", help="Start the thaw of so many tokens; without it, take out what thawed."
)


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli account`."""
    command(app, "balance")(balance)
    command(app, "deposit")(deposit)
    command(app, "withdraw")(withdraw)
    command(app, "faucet")(faucet)


def balance(common: Common, of: Annotated[str | None, _OF] = None) -> None:
    """Show what an account has; needs no password."""
    with replace(common, account=of or common.account).looking() as suanli:
        held = suanli.funds.balance()
        spendable = held.spendable()
        value: dict[str, Any] = {**held.account.model_dump(mode="json"), "spendable": str(spendable)}
        if held.wallet is not None:
            value["wallet"] = {"tokens": str(held.wallet.tokens), "gas": str(held.wallet.gas)}
        common.out.show(value, _balance_table(suanli))


def deposit(common: Common, amount: AmountArgument, own_transaction: OwnTransaction = False) -> None:
    """Move tokens from the wallet into the Ledger; the signed permit needs no gas."""
    with common.signed_in() as suanli:
        atoms = _atoms(amount, suanli)
        transaction = suanli.funds.deposit(suanli.key, atoms, own_transaction=own_transaction)
        _show(common, f"deposited {money(atoms, suanli.deployment)}", transaction, amount=str(atoms))


def withdraw(
    common: Common,
    amount: Annotated[str | None, _PART] = None,
    to: Annotated[str | None, _TO] = None,
    wait: Annotated[bool, _WAIT] = False,
) -> None:
    """Take money out: `withdraw 5` starts the thaw, `withdraw` later pays it out. Your own transactions."""
    with common.signed_in() as suanli:
        if amount is not None:
            thawing = suanli.funds.thaw(suanli.key, _atoms(amount, suanli))
            if not wait:
                _show_thaw(common, suanli, thawing.amount, thawing.ready_at)
                return
        _await_thaw(suanli, wait)
        before = suanli.funds.thawing().amount
        transaction = suanli.funds.withdraw(suanli.key, to)
        paid = f"withdrew up to {money(before, suanli.deployment)} to {to or suanli.account}"
        _show(common, paid, transaction, amount=str(before))


def faucet(common: Common) -> None:
    """Take test tokens and gas money; on development chains only."""
    with common.signed_in() as suanli:
        transaction = suanli.funds.faucet()
        _show(
            common, "test tokens and gas are in the wallet; next: suanli account deposit AMOUNT", transaction
        )


def _balance_table(suanli: Suanli) -> Table:
    held, deployment = suanli.funds.balance(), suanli.deployment
    account = held.account
    rows = [
        ("in the Ledger", money(account.balance, deployment)),
        ("  promised to open jobs and receipts", money(account.committed, deployment)),
        ("  thawing", money(account.thawing, deployment)),
        ("  free for new jobs", money(held.spendable(), deployment)),
        ("staked for nodes", money(account.staked, deployment)),
    ]
    if held.wallet is not None:
        rows += [("in the wallet", money(held.wallet.tokens, deployment))]
        rows += [("gas in the wallet", f"{format_money(held.wallet.gas, 18)} ETH")]
    return table(account.address, "what", ">how much", rows=rows)


def _show_thaw(common: Common, suanli: Suanli, amount: int, ready_at: int) -> None:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(ready_at))
    common.out.show(
        {"thawing": str(amount), "ready_at": ready_at},
        f"{money(amount, suanli.deployment)} is thawing and ready at {when}.\n"
        "Next: after that, `suanli account withdraw` pays it out. Until then it still pays what you signed.",
    )


def _await_thaw(suanli: Suanli, wait: bool) -> None:
    thawing = suanli.funds.thawing()
    if not thawing.amount:
        detail = "nothing is thawing: `suanli account withdraw AMOUNT` starts it"
        raise ClientError(Reason.STATE_CONFLICT, detail)
    while (left := thawing.ready_at - max(suanli.funds.chain_now(), int(time.time()))) > 0:
        if not wait:
            raise ClientError(
                Reason.STATE_CONFLICT, f"the thaw ends in {left} s; then the same command pays out"
            )
        time.sleep(min(left, 5))


def _show(common: Common, text: str, transaction: Hash | None, **more: str) -> None:
    common.out.show({"transaction": transaction, **more}, f"{text}\nTransaction: {transaction}")


def _atoms(amount: str, suanli: Suanli) -> int:
    try:
        atoms = parse_money(amount, suanli.deployment.token_decimals)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="AMOUNT") from error
    if atoms == 0:
        raise typer.BadParameter("nothing is no amount", param_hint="AMOUNT")
    return atoms
