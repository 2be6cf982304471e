"""The options that every command here shares, what is opened with them, and how they answer."""

import functools
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address, to_checksum_address
from rich.table import Table

from suanli.direct.chain import Chain
from suanli.direct.event_store import EventStore
from suanli.direct.keys import address_in, unlock
from suanli.direct.screen import ScanBar, show_tables
from suanli.protocol.deployment import from_text
from suanli.protocol.errors import ClientError, ProtocolError, SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

FAILED = 1
HINTS = {
    Reason.SETTINGS_INVALID: "Correct the option or environment variable that is named.",
    Reason.KEYSTORE_INVALID: "Name your key file (--keystore) and its password (--password-file).",
    Reason.CHAIN_UNREACHABLE: "Check --rpc and the chain's node, then run the same command again.",
    Reason.WRONG_CHAIN: "Point --rpc at the chain that the deployment file names.",
    Reason.CONTRACT_REVERTED: "The contract's words say what it missed; `status` or `list` shows the times.",
    Reason.TRANSACTION_REFUSED: "Check the gas money of this key, then run the same command again.",
    Reason.NOT_FOUND: "`suanli claim list`, `challenge list`, `auction list`, `reserve show` tell what is.",
    Reason.NOT_AUTHORISED: "Use the key of the account or node that this belongs to.",
    Reason.STATE_CONFLICT: "Look at the present state with `list`, then decide.",
    Reason.EVIDENCE_MISSING: "Name bundle files of `suanli audit`, or the agent's journal with --journal.",
    Reason.DOCUMENT_MALFORMED: "Correct the file that is named.",
}

_RPC = typer.Option("--rpc", envvar="SUANLI_RPC", help="A node of the chain; else the deployment's.")
_DEPLOYMENT = typer.Option("--deployment", envvar="SUANLI_DEPLOYMENT", help="The deployment file.")
_KEYSTORE = typer.Option("--keystore", envvar="SUANLI_KEYSTORE", help="Your encrypted key file.")
_PASSWORD = typer.Option("--password-file", envvar="SUANLI_PASSWORD_FILE", help="Its first line opens it.")
_ACCOUNT = typer.Option("--account", envvar="SUANLI_ACCOUNT", help="Look at this account, without its key.")
_STATE = typer.Option("--state", envvar="SUANLI_HOME", help="Your folder, with the salts of what you sealed.")
_JSON = typer.Option("--json", help="Print JSON for programs.")


@dataclass(frozen=True)
class Common:
    """The shared options of one call."""

    rpc: Annotated[str | None, _RPC] = None
    deployment: Annotated[Path | None, _DEPLOYMENT] = None
    keystore: Annotated[Path | None, _KEYSTORE] = None
    password_file: Annotated[Path | None, _PASSWORD] = None
    account: Annotated[str | None, _ACCOUNT] = None
    state: Annotated[Path | None, _STATE] = None
    as_json: Annotated[bool, _JSON] = False

    def chain(self) -> Chain:
        """The chain with the contracts. Raises ClientError(SETTINGS_INVALID)."""
        if self.deployment is None:
            raise ClientError(Reason.SETTINGS_INVALID, "name the deployment file with --deployment")
        try:
            deployment = from_text(self.deployment.read_text())
        except (OSError, UnicodeDecodeError, ProtocolError) as error:
            detail = f"{self.deployment} cannot be used: {error}"
            raise ClientError(Reason.SETTINGS_INVALID, detail) from error
        rpc = self.rpc or deployment.rpc_url
        if rpc is None:
            raise ClientError(Reason.SETTINGS_INVALID, "name a node of the chain with --rpc")
        name = f"{deployment.chain_id}-{deployment.ledger.lower()}.sqlite3"
        return Chain(rpc, deployment, EventStore(self.home() / "events" / name), ScanBar())

    def key(self) -> LocalAccount:
        """The unlocked key. Raises ClientError(KEYSTORE_INVALID)."""
        return unlock(self._keystore(), self.password_file)

    def whom(self) -> Address:
        """The account that is looked at: --account, else the key file's."""
        if self.account is None:
            return address_in(self._keystore())
        return address_given("--account", self.account)

    def acting(self) -> tuple[Chain, LocalAccount]:
        """Chain and key, once what the key sent before is mined."""
        chain, key = self.chain(), self.key()
        chain.await_pending(key.address)
        return chain, key

    def home(self) -> Path:
        """One's own folder."""
        return (self.state or Path.home() / ".suanli").expanduser()

    def verdicts(self) -> Path:
        """The folder of sealed verdicts and their salts."""
        return self.home() / "verdicts"

    def bids(self) -> Path:
        """The folder of sealed bids and their salts."""
        return self.home() / "bids"

    def show(self, value: Any, parts: Iterable[Table | str]) -> None:
        """`value` as one JSON document, or tables and lines for people."""
        if self.as_json:
            typer.echo(json.dumps(value, indent=2))
        else:
            show_tables(parts)

    def _keystore(self) -> Path:
        if self.keystore is None:
            raise ClientError(Reason.KEYSTORE_INVALID, "no key file is named")
        return self.keystore


def address_given(name: str, text: str) -> Address:
    """The address in an option or argument of that name. Raises ClientError(SETTINGS_INVALID)."""
    if not is_address(text):
        raise ClientError(Reason.SETTINGS_INVALID, f"{name}: {text!r} is no address")
    return to_checksum_address(text)


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command: its own parameters and the shared options; a SuanliError ends it with code 1."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name)(_with_common(function))
        return function

    return register


def report(error: SuanliError, as_json: bool) -> None:
    """An error on stderr: reason, sentence, and what to do next."""
    hint = HINTS.get(error.reason)
    if as_json:
        typer.echo(json.dumps({**error.to_json(), "hint": hint}, default=str), err=True)
        return
    typer.echo(str(error), err=True)
    if hint:
        typer.echo(f"→ {hint}", err=True)


def _with_common(function: Callable[..., None]) -> Callable[..., None]:
    shared = [field.name for field in fields(Common)]

    @functools.wraps(function)
    def run(**values: Any) -> None:
        common = Common(**{name: values.pop(name) for name in shared})
        try:
            function(common, **values)
        except SuanliError as error:
            report(error, common.as_json)
            raise typer.Exit(FAILED) from None

    own = list(inspect.signature(function).parameters.values())[1:]
    parameters = [*own, *inspect.signature(Common).parameters.values()]
    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run
