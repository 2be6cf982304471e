"""The options that all of the buyer's commands share, and what is opened with them.

A password comes from a file or a prompt; no option and no variable ever carries one.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address, to_checksum_address

from suanli.client.commands.console import Output, reporting
from suanli.client.connection import Connection, Patience
from suanli.client.home import HOME_VARIABLE, Home, read_deployment
from suanli.client.keystore import Keystore, read_secret
from suanli.client.market import Suanli
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason

P = ParamSpec("P")
DEFAULT_MARKET = "http://127.0.0.1:8420"
_FIRST_CONTACT = Patience(total=3.0)

_MARKET = typer.Option("--market", envvar="SUANLI_MARKET", help="The market's address.")
_KEYSTORE = typer.Option("--keystore", envvar="SUANLI_KEYSTORE", help="Encrypted key file.")
_PASSWORD = typer.Option(
    "--password-file", envvar="SUANLI_PASSWORD_FILE", help="Its first line opens the keystore; else a prompt."
)
_RPC = typer.Option("--rpc", envvar="SUANLI_RPC", help="Your own view of the chain; else the market's.")
_DEPLOYMENT = typer.Option(
    "--deployment", envvar="SUANLI_DEPLOYMENT", help="Deployment file that the market is held to."
)
_STATE = typer.Option("--state", envvar=HOME_VARIABLE, help="Your folder of keystores and records.")
_ACCOUNT = typer.Option("--account", envvar="SUANLI_ACCOUNT", help="Act for this account, as its delegate.")
_JSON = typer.Option("--json", help="Print JSON for programs.")


@dataclass(frozen=True)
class Common:
    """The shared options of one call."""

    market: Annotated[str, _MARKET] = DEFAULT_MARKET
    keystore: Annotated[Path | None, _KEYSTORE] = None
    password_file: Annotated[Path | None, _PASSWORD] = None
    rpc: Annotated[str | None, _RPC] = None
    deployment: Annotated[Path | None, _DEPLOYMENT] = None
    state: Annotated[Path | None, _STATE] = None
    account: Annotated[str | None, _ACCOUNT] = None
    as_json: Annotated[bool, _JSON] = False

    @property
    def out(self) -> Output:
        """Where the command's words go."""
        return Output(self.as_json)

    @property
    def home(self) -> Home:
        """The folder of keystores and records."""
        return Home(self.state)

    def chosen_keystore(self) -> Keystore:
        """The keystore that is named, or the only one there is."""
        return Keystore(self.keystore or self.home.only_keystore())

    def unlock(self) -> LocalAccount:
        """The key, with the password from file or prompt."""
        keystore = self.chosen_keystore()
        keystore.address()  # a wrong file should fail before anybody types
        return keystore.unlock(self.password(f"Password of {keystore.path}"))

    def password(self, prompt: str, *, confirm: bool = False) -> str:
        """A password from the password file or, on a terminal, from a prompt."""
        if self.password_file is not None:
            return read_secret(self.password_file)
        if not sys.stdin.isatty():
            raise ClientError(Reason.KEYSTORE_INVALID, "there is no terminal to ask for the password")
        typed: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
        return typed

    @contextmanager
    def signed_in(self) -> Iterator[Suanli]:
        """The market, with the unlocked key."""
        with self._opened(self.unlock(), self.account) as suanli:
            yield suanli

    @contextmanager
    def looking(self) -> Iterator[Suanli]:
        """The market, for what needs no key; the account is known where a keystore is."""
        account = self.account
        if account is None and (self.keystore is not None or len(self.home.keystores()) == 1):
            account = self.chosen_keystore().address()
        with self._opened(None, account) as suanli:
            yield suanli

    @contextmanager
    def _opened(self, key: LocalAccount | None, account: str | None) -> Iterator[Suanli]:
        if account is not None and not is_address(account):
            raise typer.BadParameter(f"{account!r} is no address", param_hint="--account")
        address = None if account is None else to_checksum_address(account)
        connection = Connection(self.market, patience=_FIRST_CONTACT)
        pinned = None if self.deployment is None else read_deployment(self.deployment)
        with Suanli(
            connection, key=key, account=address, rpc_url=self.rpc, home=self.home, pinned=pinned
        ) as suanli:
            suanli.deployment  # noqa: B018 - the first contact, which should fail soon
            connection.patience = Patience(total=60.0)
            yield suanli


def command(
    app: typer.Typer, name: str
) -> Callable[[Callable[Concatenate[Common, P], None]], Callable[Concatenate[Common, P], None]]:
    """Register a command: its own parameters and the shared options; errors end it with their words."""

    def register(function: Callable[Concatenate[Common, P], None]) -> Callable[Concatenate[Common, P], None]:
        app.command(name)(_with_common(function))
        return function

    return register


def _with_common(function: Callable[..., None]) -> Callable[..., None]:
    shared = [field.name for field in fields(Common)]

    @functools.wraps(function)
    def run(**values: Any) -> None:
        common = Common(**{name: values.pop(name) for name in shared})
        with reporting(common.as_json):
            function(common, **values)

    own = list(inspect.signature(function).parameters.values())[1:]
    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    common_parameters = list(inspect.signature(Common).parameters.values())
    parameters += [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in common_parameters]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run
