"""Options that commands share, and how they find home, settings and the owner's key."""

import os
from pathlib import Path
from typing import Annotated

import typer
from eth_account.signers.local import LocalAccount

from provider_agent.home import Home
from provider_agent.keys import open_key, unlock
from provider_agent.settings import Settings
from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason

HOME_VARIABLE = "SUANLI_NODE_HOME"
KEYSTORE_VARIABLE = "SUANLI_KEYSTORE"
PASSWORD_VARIABLE = "SUANLI_PASSWORD_FILE"

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar=HOME_VARIABLE, help="The node's folder.", show_default="user data folder"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
OwnerKeystoreOption = Annotated[
    Path | None, typer.Option("--owner-keystore", help="The owner's keystore, if it is not the home's.")
]
PasswordOption = Annotated[
    Path | None,
    typer.Option("--password-file", envvar=PASSWORD_VARIABLE, help="Holds the owner keystore's password."),
]


def remember_home(context: typer.Context, home: Path | None) -> None:
    """Keeps a `--home` that stands before the command's name."""
    context.obj = home


def find_home(context: typer.Context, home: Path | None) -> Home:
    """The home folder that was named, else the user's."""
    named = home or context.obj
    return Home(named) if isinstance(named, Path) else Home.default()


def owner_key(
    home: Home, settings: Settings, keystore: Path | None, password_file: Path | None
) -> LocalAccount:
    """The owner's key, opened by password file, by the home's own one, or by asking.

    Raises NodeError(KEYSTORE_INVALID).
    """
    named = os.environ.get(KEYSTORE_VARIABLE)
    path = keystore or settings.owner_keystore or (Path(named) if named else None)
    if path is None:
        detail = f"no keystore of the owner {settings.owner} is known: name one with --owner-keystore"
        raise NodeError(Reason.KEYSTORE_INVALID, detail)
    if path.absolute() == home.owner_keystore.absolute() and home.owner_password.exists():
        return open_key(path, home.owner_password)
    if password_file is not None:
        return open_key(path, password_file)
    return unlock(path, typer.prompt(f"Password of {path}", hide_input=True, err=True))
