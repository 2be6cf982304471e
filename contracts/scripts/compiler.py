"""Compile the contracts with py-solc-x and brownie-config.yaml's settings, byte for byte the same anywhere.

Brownie compiles for its own tests; what leaves this folder is compiled here, without metadata in it.
"""

from pathlib import Path
from typing import Any

import solcx
import yaml

from contracts.scripts.toolchain import ROOT, prepare

SOURCES = ROOT / "contracts"


def compile_contracts() -> dict[str, dict[str, Any]]:
    """`{"abi": …, "bytecode": "0x…"}` of every contract, library and interface by name."""
    prepare()
    compiler = yaml.safe_load((ROOT / "brownie-config.yaml").read_text())["compiler"]
    solcx.set_solc_version(compiler["solc"]["version"], silent=True)
    output = solcx.compile_standard(
        {"language": "Solidity", "sources": _sources(), "settings": _settings(compiler)},
        base_path=str(ROOT),
        allow_paths=str(ROOT),
    )
    return {
        name: {"abi": unit["abi"], "bytecode": "0x" + unit["evm"]["bytecode"]["object"]}
        for path, units in sorted(output["contracts"].items())
        if path.startswith("contracts/")
        for name, unit in units.items()
    }


def _sources() -> dict[str, dict[str, str]]:
    paths: list[Path] = sorted(SOURCES.rglob("*.sol"))
    return {path.relative_to(ROOT).as_posix(): {"content": path.read_text()} for path in paths}


def _settings(compiler: dict[str, Any]) -> dict[str, Any]:
    solc = compiler["solc"]
    return {
        "evmVersion": compiler["evm_version"],
        "optimizer": solc["optimizer"],
        "viaIR": solc["viaIR"],
        "remappings": solc["remappings"],
        "metadata": {"bytecodeHash": "none", "appendCBOR": False},
        "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
    }
