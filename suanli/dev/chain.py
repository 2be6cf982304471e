"""The development chain: anvil, found on PATH or in this checkout's npm packages, kept across restarts."""

import os
import platform
import shutil
from pathlib import Path

from suanli.dev.processes import Process, is_listening
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason

CHAIN_ID = 31337
_START_SECONDS = 30.0
_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def find_anvil() -> Path:
    """The anvil program itself (not npm's wrapper, which would outlive a signal). Raises SuanliError."""
    machine = _ARCHITECTURES.get(platform.machine(), platform.machine())
    package = f"anvil-{platform.system().lower()}-{machine}"
    for root in (Path.cwd(), Path(__file__).resolve().parents[2]):
        program = root / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
        if program.exists():
            return program
    on_path = shutil.which("anvil")
    if on_path is None:
        raise SuanliError(Reason.SETTINGS_INVALID, "anvil was not found: run `make setup` in a checkout")
    return Path(on_path)


def start_chain(folder: Path, port: int) -> Process:
    """Start anvil on a loopback port with its state in `folder`; a block for each transaction."""
    command = [str(find_anvil()), "--port", str(port), "--chain-id", str(CHAIN_ID), "--silent"]
    command += ["--state", str(folder / "chain.json"), "--state-interval", "5", "--accounts", "1"]
    chain = Process("chain", command, folder / "logs" / "chain.log", dict(os.environ))
    chain.wait_until(lambda: is_listening(port), _START_SECONDS)
    return chain
