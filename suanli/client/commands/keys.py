"""`suanli account create`, `import` and `list`: encrypted keystore files on this machine."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from suanli.client.commands.console import table
from suanli.client.commands.options import Common, command
from suanli.client.keystore import Keystore, create_keystore, import_keystore, read_secret
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason

_NAME = typer.Option(
    "--name", help="The keystore becomes NAME.json among yours; --keystore names a path instead."
)
_KEY_FILE = typer.Option(
    "--key-file", help="Its first line is the private key in hex; `-` is standard input."
)


def register(app: typer.Typer) -> None:
    """Add the commands to `suanli account`."""
    command(app, "create")(create)
    command(app, "import")(import_)
    command(app, "list")(list_keystores)


def create(common: Common, name: Annotated[str, _NAME] = "account") -> None:
    """Make a new account in a new encrypted keystore."""
    path = _target(common, name)
    _show_new(common, create_keystore(path, common.password(f"New password for {path}", confirm=True)))


def import_(
    common: Common,
    name: Annotated[str, _NAME] = "account",
    key_file: Annotated[Path | None, _KEY_FILE] = None,
) -> None:
    """Encrypt an existing private key, read from a file, standard input or a hidden prompt."""
    path, secret = _target(common, name), _secret(key_file)
    password = common.password(f"New password for {path}", confirm=True)
    _show_new(common, import_keystore(path, secret, password))


def list_keystores(common: Common) -> None:
    """Show the keystores of this machine."""
    found = [(path.stem, Keystore(path).address(), str(path)) for path in common.home.keystores()]
    shown = [{"name": name, "address": address, "keystore": path} for name, address, path in found]
    common.out.show(shown, table("Accounts", "name", "address", "keystore", rows=found))


def _target(common: Common, name: str) -> Path:
    if Path(name).name != name or name in ("", ".", ".."):
        raise typer.BadParameter("a name is no path: use --keystore for one", param_hint="--name")
    path = common.keystore or common.home.accounts() / f"{name}.json"
    if path.exists():
        raise ClientError(Reason.KEYSTORE_INVALID, f"{path} exists; it is never overwritten")
    return path


def _secret(key_file: Path | None) -> str:
    if key_file is not None and str(key_file) != "-":
        return read_secret(key_file)
    if key_file is None and sys.stdin.isatty():
        typed: str = typer.prompt("Private key", hide_input=True, err=True)
        return typed
    return sys.stdin.readline()


def _show_new(common: Common, keystore: Keystore) -> None:
    address = keystore.address()
    common.out.show(
        {"address": address, "keystore": str(keystore.path)},
        f"{address}\nKeystore: {keystore.path}\n"
        "Keep a copy of the file and its password: nobody else can restore them.",
    )
