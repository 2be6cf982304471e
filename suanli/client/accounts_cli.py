"""`suanli account`: the command group for keys, money and delegates, put together from `commands`."""

import typer

from suanli.client.commands import delegation, keys, money

account_app = typer.Typer(no_args_is_help=True, help="Keys, balances, deposits, delegates.")

for group in (keys, money, delegation):
    group.register(account_app)

if __name__ == "__main__":
    account_app(prog_name="suanli account")
