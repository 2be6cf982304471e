"""Make a process ready for brownie: npm's solc for py-solc-x, npm's anvil on PATH, a free port.

Run it in brownie's place (`python -m contracts.scripts.toolchain compile`) or load it as a pytest
plugin (`-p contracts.scripts.toolchain`). It must not choose compiler settings: those stand in
brownie-config.yaml.
"""

import importlib
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import solcx

ROOT = Path(__file__).resolve().parents[2]
SHIM = ROOT / "contracts" / "tools" / "solc"
COMPILERS = ROOT / "build" / "solcx"
# EIP-7825 lets no transaction use more gas, and brownie sends each with its block's whole limit.
TRANSACTION_GAS_LIMIT = 2**24
SECONDS_UNTIL_SHOWN = 10


def prepare() -> None:
    """Put solc and anvil where py-solc-x and brownie look for them, in this process's environment only."""
    tools = [SHIM.parent, *sorted(ROOT.glob("node_modules/@foundry-rs/anvil-*/bin"))]
    os.environ["PATH"] = os.pathsep.join([*map(str, tools), os.environ["PATH"]])
    os.environ["SOLCX_BINARY_PATH"] = str(COMPILERS)
    COMPILERS.mkdir(parents=True, exist_ok=True)
    for copy in COMPILERS.glob("solc-v*"):
        if copy.read_bytes() != SHIM.read_bytes():
            copy.unlink()
    solcx.import_installed_solc()


def use_own_anvil() -> None:
    """Let brownie start its chain on a free port: on the default one it would attach to a stranger's."""
    from brownie._config import CONFIG

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = CONFIG.networks["development"]["cmd_settings"]
    settings.update(port=port, gas_limit=TRANSACTION_GAS_LIMIT, evm_version="osaka")


def wait_until_shown() -> None:
    """Let brownie look again for a transaction: anvil raises a nonce before it shows what it mined.

    Brownie looks once after the nonce has risen, and takes what it does not see yet for dropped.
    """
    from brownie import web3

    for name in ("get_transaction", "get_transaction_receipt"):
        setattr(web3.eth, name, _patient(getattr(web3.eth, name)))


def _patient(look: Callable[[Any], Any]) -> Callable[[Any], Any]:
    from web3.exceptions import TransactionNotFound

    def look_until_shown(transaction: Any) -> Any:
        deadline = time.monotonic() + SECONDS_UNTIL_SHOWN
        while True:
            try:
                return look(transaction)
            except TransactionNotFound:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    return look_until_shown


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Prepare before brownie's own plugin compiles the contracts."""
    if Path.cwd() != ROOT:  # brownie would take tests/ for the project: it holds a folder named contracts
        raise pytest.UsageError(f"run the contract tests from {ROOT}: pytest tests/contracts")
    prepare()
    use_own_anvil()
    wait_until_shown()
    # Brownie sets an attribute of this module, which newer releases of Hypothesis load only on demand.
    importlib.import_module("hypothesis.extra.pytestplugin")


def main() -> None:
    """Run brownie's command line in the prepared environment."""
    prepare()
    from brownie._cli.__main__ import main as brownie

    os.chdir(ROOT)
    sys.argv[0] = "brownie"
    brownie()


if __name__ == "__main__":
    main()
