"""Checks of a machine and its node: each says whether it is well and, if not, what to do about it."""

import shutil
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from provider_agent.agent import Connections, check_deployment
from provider_agent.ask import read_ask_file
from provider_agent.capability import self_test, speed_of
from provider_agent.home import Home
from provider_agent.journal import open_database
from provider_agent.judging.purse import open_purse
from provider_agent.keys import open_key
from provider_agent.offer import make_offer
from provider_agent.settings import Settings
from suanli.protocol.errors import NodeError, SuanliError
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.units import format_money

LEAST_DISK_BYTES = 2 << 30
MOST_SKEW_SECONDS = 30
_PYTHONS = ((3, 11), (3, 14))


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `fix` says what to do when it failed, or passed with a warning."""

    check: str
    passed: bool
    detail: str
    fix: str = ""
    warning: bool = False
    """The node works, and risks something."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class Doctor:
    """Looks at one node's home, machine, market and chain."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home = home
        self._settings = settings

    async def examine(self) -> list[Finding]:
        """All checks, in the order in which to mend what they find."""
        local: list[tuple[str, Callable[[], str], str]] = [
            ("python", _python, "install Python 3.11, 3.12 or 3.13"),
            ("sandbox", _sandbox, "reinstall the package wasmtime; on Linux, kernel 4.7 or newer is needed"),
            ("disk", self._disk, f"free some space under {self._home.folder}"),
            ("keys", self._keys, "restore node.json and node.password from your backup"),
            ("journal", self._journal, "restore journal.sqlite from your backup; receipts live there"),
            ("ask", self._ask, f"correct {self._home.ask}"),
        ]
        findings = [_look(name, check, fix) for name, check, fix in local]
        return findings + await self._examine_outside()

    async def _examine_outside(self) -> list[Finding]:
        try:
            key = open_key(self._home.node_keystore, self._home.node_password)
        except NodeError:
            return []
        connections = Connections.open(self._settings, key)
        outside: list[tuple[str, Callable[[], Awaitable[str]], str]] = [
            ("market", lambda: self._market(connections), "set SUANLI_MARKET or `market` in node.toml"),
            ("clock", lambda: _clock(connections), "switch on time synchronisation (NTP)"),
            ("chain", lambda: _chain(connections), "set SUANLI_RPC or `rpc` in node.toml"),
            ("stake", lambda: self._stake(connections, key), "deposit for the owner: suanli account deposit"),
        ]
        try:
            findings = [await _look_outside(name, check, fix) for name, check, fix in outside]
            return [*findings, await self._gas(connections, key)]
        finally:
            await connections.close()

    def _disk(self) -> str:
        free = shutil.disk_usage(self._home.folder).free
        if free < LEAST_DISK_BYTES:
            raise NodeError(
                Reason.DISK_FULL, f"{free >> 20} MiB are free, {LEAST_DISK_BYTES >> 20} are needed"
            )
        return f"{free >> 30} GiB free"

    def _keys(self) -> str:
        key = open_key(self._home.node_keystore, self._home.node_password)
        loose = [
            path.name for path in (self._home.node_keystore, self._home.node_password) if _is_loose(path)
        ]
        if loose:
            raise NodeError(Reason.KEYSTORE_INVALID, f"others may read {', '.join(loose)}: chmod 600")
        return f"node {key.address}"

    def _journal(self) -> str:
        database = open_database(self._home.journal)
        try:
            verdict = database.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise NodeError(Reason.SETTINGS_INVALID, str(error)) from error
        finally:
            database.close()
        if verdict != "ok":
            raise NodeError(Reason.SETTINGS_INVALID, verdict)
        return "an agent is running on it" if self._home.is_locked() else "sound"

    def _ask(self) -> str:
        file = read_ask_file(self._home.ask, self._settings.deployment.token_decimals)
        make_offer(file, speed_of(self._home.capability), ())
        return f"{file.slots} slots"

    async def _market(self, connections: Connections) -> str:
        check_deployment(self._settings, await connections.client.deployment())
        return self._settings.market

    async def _stake(self, connections: Connections, key: LocalAccount) -> str:
        deployment = self._settings.deployment
        record = await connections.chain.node(key.address)
        if record.state is not NodeState.NONE:
            staked = format_money(record.stake, deployment.token_decimals)
            return f"{record.state.name} with {staked} {deployment.token_symbol}"
        available = (await connections.chain.account(self._settings.owner)).available
        needed = await connections.chain.minimum_stake()
        if available < needed:
            amounts = [format_money(amount, deployment.token_decimals) for amount in (available, needed)]
            detail = (
                f"the owner has {amounts[0]} {deployment.token_symbol} in escrow, the stake is {amounts[1]}"
            )
            raise NodeError(Reason.BALANCE_TOO_SMALL, detail)
        return "the owner can stake: run `suanli node connect`"

    async def _gas(self, connections: Connections, key: LocalAccount) -> Finding:
        """Without gas a node works and is paid, but a court's panel that draws it slashes its silence."""
        fix = f"send the node {key.address} some of the chain's coin: a drawn juror without it loses stake"
        try:
            shortage = await open_purse(connections.chain, key, self._home).shortage()
        except SuanliError as error:
            return Finding("gas", False, error.detail, fix)
        if shortage is None:
            return Finding("gas", True, "enough for a verdict")
        return Finding("gas", True, shortage, fix, warning=True)


def _python() -> str:
    found = sys.version_info[:2]
    if not _PYTHONS[0] <= found < _PYTHONS[1]:
        raise NodeError(Reason.SETTINGS_INVALID, f"this is Python {found[0]}.{found[1]}")
    return f"{found[0]}.{found[1]}"


def _sandbox() -> str:
    self_test()
    return f"a test module ran in {self_test() * 1000:.0f} ms"


def _is_loose(path: Any) -> bool:
    return bool(path.stat().st_mode & 0o077)


async def _clock(connections: Connections) -> str:
    skew = abs(await connections.client.time() - time.time())
    if skew > MOST_SKEW_SECONDS:
        raise NodeError(Reason.SETTINGS_INVALID, f"this clock and the market's differ by {skew:.0f} s")
    return f"{skew:.0f} s off the market's"


async def _chain(connections: Connections) -> str:
    await connections.chain.check_identity()
    await connections.chain.minimum_stake()
    return f"chain {connections.chain.deployment.chain_id}, block {await connections.chain.height()}"


def _look(name: str, check: Callable[[], str], fix: str) -> Finding:
    try:
        return Finding(name, True, check())
    except SuanliError as error:
        return Finding(name, False, error.detail, fix)


async def _look_outside(name: str, check: Callable[[], Awaitable[str]], fix: str) -> Finding:
    try:
        return Finding(name, True, await check())
    except SuanliError as error:
        return Finding(name, False, error.detail, fix)
