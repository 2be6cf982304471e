"""`suanli node`: the command group of a contributor, put together from the modules beside this one."""

import typer

from provider_agent.cli import asks, connecting, duties, explaining, leaving, prices, reports, setup, working
from provider_agent.cli.options import HomeOption, remember_home

node_app = typer.Typer(no_args_is_help=True, help="Connect this machine and earn (算力并网).")

for group in (setup, connecting, working, reports, duties, asks, prices, explaining, leaving):
    group.register(node_app)


@node_app.callback()
def _root(context: typer.Context, home: HomeOption = None) -> None:
    remember_home(context, home)
