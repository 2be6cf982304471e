"""`init` and `doctor`: make a node's home, and see whether all is well."""

import os
from pathlib import Path
from typing import Annotated

import httpx
import psutil
import typer
from pydantic import TypeAdapter, ValidationError

from provider_agent.ask_template import default_ask_here
from provider_agent.cli.options import HomeOption, JsonOption, OwnerKeystoreOption, find_home
from provider_agent.cli.output import FAILED, Output, facts_table, reporting, rows_table, wait_for
from provider_agent.doctor import Doctor, Finding
from provider_agent.home import Home
from provider_agent.keys import address_in, create_key
from provider_agent.settings import MARKET_VARIABLE, RPC_VARIABLE, load_settings, write_settings
from suanli.protocol.deployment import from_text, to_text
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Deployment
from suanli.protocol.wire.common import API_PREFIX

DEFAULT_MARKET = "http://127.0.0.1:8420"
_TIMEOUT_SECONDS = 20.0

MarketOption = Annotated[str, typer.Option("--market", envvar=MARKET_VARIABLE, help="The market's URL.")]
RpcOption = Annotated[
    str, typer.Option("--rpc", envvar=RPC_VARIABLE, help="The chain's JSON-RPC; the market's if unset.")
]
DeploymentOption = Annotated[
    Path | None,
    typer.Option(
        "--deployment", envvar="SUANLI_DEPLOYMENT", help="The deployment file; asked of the market if unset."
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("init")(init)
    app.command("doctor")(doctor)


def init(
    context: typer.Context,
    home: HomeOption = None,
    market: MarketOption = DEFAULT_MARKET,
    rpc: RpcOption = "",
    deployment: DeploymentOption = None,
    owner: Annotated[str | None, typer.Option("--owner", help="The owner's address, to be paid.")] = None,
    owner_keystore: OwnerKeystoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make this machine a node: its key, its settings, its prices.

    Without --owner or --owner-keystore a new owner's key is made in the home folder.
    """
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        if place.node_keystore.exists():
            raise NodeError(Reason.STATE_CONFLICT, f"{place.folder} is a node's home already")
        contracts = _deployment(market, deployment)
        place.make_folders()
        keystore, paid = _owner(place, owner, owner_keystore)
        place.deployment.write_text(to_text(contracts))
        write_settings(place, market, rpc or contracts.rpc_url or "", paid, keystore)
        if not place.ask.exists():
            place.ask.write_text(default_ask_here(contracts.token_symbol, psutil.virtual_memory().total))
        node = create_key(place.node_keystore, place.node_password)
        made = {"node": node.address, "owner": paid, "home": str(place.folder), "market": market}
        output.show(made, facts_table("A new node", made))
        output.note(f"Set your prices in {place.ask}, then: suanli node doctor; suanli node connect")


def doctor(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check machine, keys, market and chain; say what to mend."""
    output = Output(as_json)
    with reporting(as_json):
        place = find_home(context, home)
        findings = wait_for(Doctor(place, load_settings(place, os.environ)).examine())
        rows = [[_verdict(one), one.check, one.detail, one.fix] for one in findings]
        table = rows_table("Checks", ["", "check", "what was found", "what to do"], rows)
        output.show([one.to_json() for one in findings], table)
        if not all(one.passed for one in findings):
            raise typer.Exit(FAILED)


def _verdict(finding: Finding) -> str:
    if not finding.passed:
        return "FAILED"
    return "WARNING" if finding.warning else "ok"


def _deployment(market: str, file: Path | None) -> Deployment:
    if file is not None:
        try:
            return from_text(file.read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise NodeError(Reason.SETTINGS_INVALID, f"{file} cannot be read: {error}") from error
    try:
        answer = httpx.get(f"{market.rstrip('/')}{API_PREFIX}/deployment", timeout=_TIMEOUT_SECONDS)
        return Deployment.model_validate_json(answer.raise_for_status().content)
    except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
        raise NodeError(Reason.MARKET_UNREACHABLE, f"{market} told of no deployment: {error}") from error


def _owner(home: Home, address: str | None, keystore: Path | None) -> tuple[Path | None, Address]:
    """The owner's keystore, where there is one, and address."""
    if keystore is not None:
        return keystore, address_in(keystore)
    if address is not None:
        return None, _checked(address)
    if home.owner_keystore.exists():
        return home.owner_keystore, address_in(home.owner_keystore)
    return home.owner_keystore, create_key(home.owner_keystore, home.owner_password).address


def _checked(address: str) -> Address:
    try:
        return TypeAdapter(Address).validate_python(address)
    except ValidationError as error:
        raise NodeError(Reason.SETTINGS_INVALID, f"{address} is no address") from error
