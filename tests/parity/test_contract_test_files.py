"""Every state-changing function of our contracts has its file of brownie tests; sisters may share one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from suanli.protocol.abi import ContractName, load

TESTS = Path("tests/contracts")
FOLDERS: dict[ContractName, str] = {
    "Ledger": "ledger",
    "GridRegistry": "grid_registry",
    "Settlement": "settlement",
    "Bidding": "bidding",
    "EpochAnchors": "epoch_anchors",
    "ClaimCourt": "court",
}
"""Authority and TestToken are OpenZeppelin's but for their constructors and `faucet`."""
INHERITED = {"setAuthority"}
"""OpenZeppelin's own, for the Authority alone: `authority/test_roles.py` replaces an Authority."""


def functions(contract: ContractName) -> Iterator[str]:
    for entry in load(contract).abi:
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure"):
            yield entry["name"]


def subject(path: Path) -> str:
    """What a file of tests says in its first line that it is about."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def is_about(path: Path, contract: ContractName, function: str) -> bool:
    """Its first line names the function: `Ledger.pause and .unpause: …`."""
    first = subject(path)
    return bool(re.search(rf"\b{contract}\.", first) and re.search(rf"\b{function}\b", first))


CASES = [
    (contract, function)
    for contract in FOLDERS
    for function in functions(contract)
    if function not in INHERITED
]


@pytest.mark.parametrize(("contract", "function"), CASES)
def test_function_has_its_file_of_contract_tests(contract: ContractName, function: str) -> None:
    files = sorted((TESTS / FOLDERS[contract]).glob("test_*.py"))
    assert [path for path in files if is_about(path, contract, function)], (
        f"no file in {TESTS / FOLDERS[contract]} begins with a line about {contract}.{function}"
    )
