"""The contracts' ABI and creation bytecode, exported from the Solidity sources and shipped with the package.

Written by `contracts/scripts/export_abi.py`; never edited by hand.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

ContractName = Literal[
    "TestToken",
    "Authority",
    "Ledger",
    "GridRegistry",
    "Settlement",
    "Bidding",
    "EpochAnchors",
    "ClaimCourt",
]


@dataclass(frozen=True, slots=True)
class ContractArtifact:
    """What a program needs to deploy a contract or to call it: the ABI as JSON values, bytecode as 0x-hex."""

    abi: list[dict[str, Any]]
    bytecode: str


@cache
def load(name: ContractName) -> ContractArtifact:
    """The artifact of the contract `name`. Raises FileNotFoundError when there is none."""
    artifact = json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    return ContractArtifact(abi=artifact["abi"], bytecode=artifact["bytecode"])
