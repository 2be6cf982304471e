import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from eth_account import Account

from suanli.client import Suanli
from suanli.client.connection import Patience
from suanli.client.keystore import import_keystore
from tests.integration.client.chain_double import ChainDouble
from tests.integration.client.double_http import Served
from tests.integration.client.market_double import OWNERS, MarketDouble

SECRET = "7f" * 32
PASSWORD = "correct horse battery staple"
ALICE = Account.from_key(SECRET)
QUICK = 1 << 12
"""Scrypt's work factor for tests: safe enough for a key that everybody knows."""

JOB = """name: hello
module: hello.wasm
command: [hello, "{item}"]
split: {list: [Ada, Grace, "秦九韶"]}
limits: {fuel: 1M, memory: 32MiB, wall: 10s, output: 1MiB}
budget: "2.50"
deadline: 2m
verification: {replicas: 2}
"""


@dataclass(frozen=True)
class Buyer:
    """Alice's folder: keystore, password file, job file."""

    folder: Path
    keystore: Path
    password_file: Path
    job: Path
    market: MarketDouble
    url: str
    chain: ChainDouble = field(default_factory=lambda: ChainDouble(dict(OWNERS)))

    def connect(self) -> Suanli:
        """Alice at the double."""
        suanli = Suanli.connect(
            self.url,
            keystore=self.keystore,
            password_file=self.password_file,
            state=self.folder / "state",
            patience=Patience(total=5, first=0.01),
        )
        suanli.chain = self.chain  # type: ignore[assignment]
        return suanli

    def options(self) -> list[str]:
        """The options of a command line of Alice's."""
        return [
            *("--market", self.url),
            *("--keystore", str(self.keystore)),
            *("--password-file", str(self.password_file)),
            *("--state", str(self.folder / "state")),
        ]


@pytest.fixture
def market() -> MarketDouble:
    return MarketDouble()


@pytest.fixture
def alice(tmp_path: Path, market: MarketDouble) -> Iterator[Buyer]:
    password_file = tmp_path / "password"
    password_file.write_text(PASSWORD + "\n")
    keystore = import_keystore(tmp_path / "alice.json", SECRET, PASSWORD, QUICK).path
    (tmp_path / "hello.wasm").write_bytes(b"\0asm\x01\0\0\0")
    (tmp_path / "job.yaml").write_text(JOB)
    served = Served(market)
    served.start()
    yield Buyer(tmp_path, keystore, password_file, tmp_path / "job.yaml", market, served.url)
    served.stop()


def scrypt_cost(keystore: Path) -> int:
    """The work factor that a keystore was made with."""
    return int(json.loads(keystore.read_text())["crypto"]["kdfparams"]["n"])
