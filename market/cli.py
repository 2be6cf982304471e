"""`suanli market`: the operator's commands."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount
from rich.console import Console
from rich.table import Table

from market.capacity_cli import MarketOption, RoundsOption, show_capacity
from market.operator_key import load_operator, make_operator
from market.roles import logs
from market.services.health import LOOPS, health_of
from market.settings import load_settings
from suanli.protocol.errors import MarketError, SuanliError
from suanli.protocol.reasons import Reason

market_app = typer.Typer(no_args_is_help=True, help="Run the market service.")

_ROLES = ("api", *LOOPS)
_HINTS = {
    Reason.KEYSTORE_INVALID: "run `suanli market init`, or name the key in SUANLI_OPERATOR_KEYSTORE",
    Reason.SETTINGS_INVALID: "see docs/operator.md for every setting",
    Reason.CHAIN_UNREACHABLE: "set SUANLI_RPC_URL to a node that answers",
    Reason.DATABASE_UNREACHABLE: "set SUANLI_DATABASE_URL, or leave it empty for the embedded PostgreSQL",
    Reason.MARKET_UNREACHABLE: "check --market (SUANLI_MARKET), and that the market runs",
    Reason.TRANSACTION_REFUSED: "give the deploying key gas money",
}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@market_app.callback()
def _quiet() -> None:
    """Run the market service."""
    logs.set_up()


@market_app.command()
def init(as_json: AsJson = False) -> None:
    """Make the operator's key: signs leases and promises, sends transactions. Keeps an existing one."""
    with _reporting():
        settings = load_settings()
        keystore, password = settings.operator_keystore_path, settings.operator_password_path
        address = make_operator(keystore, password)
        _show({"operator": address, "keystore": str(keystore), "password_file": str(password)}, as_json)


@market_app.command()
def deploy(
    rpc: Annotated[str | None, typer.Option(help="The chain's node; else SUANLI_RPC_URL.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; else SUANLI_DEPLOYMENT_FILE.")] = None,
    deployer_keystore: Annotated[
        Path | None, typer.Option(help="Who pays, with its password file; else the operator.")
    ] = None,
    deployer_password_file: Annotated[Path | None, typer.Option(help="Opens the deployer's key.")] = None,
    parameters: Annotated[
        Path | None,
        typer.Option(help="A TOML file of parameters, the court's in table `court`; options go first."),
    ] = None,
    token: Annotated[str | None, typer.Option(help="The payment token; else a new test token.")] = None,
    fee_recipient: Annotated[str | None, typer.Option(help="Who gets the fees; else the operator.")] = None,
    fee_basis_points: Annotated[int | None, typer.Option(help="The fee in 1/100 of a percent.")] = None,
    minimum_stake: Annotated[int | None, typer.Option(help="A node's least stake, in atoms.")] = None,
    operator_bond: Annotated[int | None, typer.Option(help="What an operator bonds, in atoms.")] = None,
    thaw_seconds: Annotated[int | None, typer.Option(help="Wait before a withdrawal.")] = None,
    unbonding_seconds: Annotated[int | None, typer.Option(help="Wait before a stake is free.")] = None,
    claim_grace_seconds: Annotated[int | None, typer.Option(help="Time for claims after an order.")] = None,
    anchor_grace_seconds: Annotated[int | None, typer.Option(help="Time to anchor an epoch in.")] = None,
    module_delay_seconds: Annotated[int | None, typer.Option(help="Wait before a new module counts.")] = None,
    governor: Annotated[str | None, typer.Option(help="Unpauses, adds modules; else the deployer.")] = None,
    governor_delay_seconds: Annotated[int | None, typer.Option(help="Wait of what it does.")] = None,
    pauser: Annotated[str | None, typer.Option(help="May pause new business; else the deployer.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Show the parameters and send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create the contracts on a chain and write the deployment file. They can never be changed afterwards."""
    options = {
        "token": token,
        "fee_recipient": fee_recipient,
        "fee_basis_points": fee_basis_points,
        "minimum_stake": minimum_stake,
        "operator_bond": operator_bond,
        "thaw_seconds": thaw_seconds,
        "unbonding_seconds": unbonding_seconds,
        "claim_grace_seconds": claim_grace_seconds,
        "anchor_grace_seconds": anchor_grace_seconds,
        "module_delay_seconds": module_delay_seconds,
        "governor": governor,
        "governor_delay_seconds": governor_delay_seconds,
        "pauser": pauser,
    }
    from market.roles.deployment import Task, create_contracts
    from market.roles.parameters import chosen

    with _reporting():
        settings = load_settings()
        operator = load_operator(settings.operator_keystore_path, settings.operator_password_path)
        task = Task(
            rpc_url=rpc or settings.rpc_url,
            file=out or settings.deployment_path,
            deployer=_deployer(deployer_keystore, deployer_password_file, operator),
            operator=operator.address,
            parameters=chosen(parameters, options, operator.address, settings.development),
        )
        if check:
            _show(asdict(task.parameters), as_json)
            return
        made = create_contracts(settings, task)
        _show(made.model_dump(mode="json") | {"file": str(task.file)}, as_json)


@market_app.command()
def serve(
    role: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(_ROLES)}; else all.")] = None,
    debug: Annotated[bool, typer.Option(help="Log more.")] = False,
) -> None:
    """Run the market: API and loops, until SIGTERM or Ctrl-C."""
    roles = tuple(role or _ROLES)
    if unknown := set(roles) - set(_ROLES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: the roles are {', '.join(_ROLES)}")
    logs.set_up(logging.DEBUG if debug else logging.INFO)
    with _reporting():
        settings = load_settings()
        from market.roles.server import serve as run
        from market.roles.startup import opened

        with opened(settings) as parts:
            run(parts, roles)


@market_app.command()
def migrate(as_json: AsJson = False) -> None:
    """Bring the database to the newest schema."""
    from market.db.migrate import upgrade
    from market.roles.startup import connected, database

    with _reporting(), database(load_settings()) as url:
        engine = connected(url)
        upgrade(engine)
        engine.dispose()
        _show({"schema": "up to date"}, as_json)


@market_app.command()
def reindex(as_json: AsJson = False) -> None:
    """Forget what was read from the chain and read it again from the first block. Stop the indexer first."""
    from market.roles.reindex import reindex as rebuild
    from market.roles.startup import opened

    with _reporting(), opened(load_settings()) as parts:
        _show({"indexed_block": rebuild(parts)}, as_json)


@market_app.command()
def status(as_json: AsJson = False) -> None:
    """Show how the market is: chain, index, outbox, leaders, the operator's gas money."""
    from market.db.session import transaction
    from market.roles.startup import opened

    with _reporting(), opened(load_settings()) as parts:
        with transaction(parts.runtime.engine) as session:
            found: dict[str, Any] = health_of(session).model_dump(mode="json")
        try:
            found["head"] = parts.chain.head()
            found["operator_wei"] = str(parts.chain.balance(parts.runtime.operator.address))
        except SuanliError as error:
            found["chain"] = error.to_json()
        _show(found, as_json)


@market_app.command()
def capacity(
    market: MarketOption = "http://127.0.0.1:8420", rounds: RoundsOption = 1, as_json: AsJson = False
) -> None:
    """Show what a market's fleet has on offer by region and tier (算力感知), now or over the last rounds."""
    with _reporting():
        show_capacity(market, rounds, as_json)


def _deployer(keystore: Path | None, password_file: Path | None, operator: LocalAccount) -> LocalAccount:
    """Who pays for the contracts. Raises MarketError(SETTINGS_INVALID | KEYSTORE_INVALID)."""
    if keystore is None and password_file is None:
        return operator
    if keystore is None or password_file is None:
        detail = "--deployer-keystore and --deployer-password-file are given together, or neither"
        raise MarketError(Reason.SETTINGS_INVALID, detail)
    return load_operator(keystore, password_file)


def _show(value: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(value, indent=2))
        return
    table = Table(show_header=False)
    for name, one in value.items():
        table.add_row(name.replace("_", " "), str(one))
    Console().print(table)


@contextmanager
def _reporting() -> Iterator[None]:
    """Errors as "REASON: sentence" and what to do next, on stderr; exit code 1."""
    try:
        yield
    except SuanliError as error:
        typer.echo(f"{error.reason.value}: {error.detail}", err=True)
        if hint := _HINTS.get(error.reason):
            typer.echo(f"  next: {hint}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    market_app(prog_name="suanli market")
