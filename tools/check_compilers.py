"""Hold brownie's, forge's and npm's idea of the Solidity compiler equal.

Each tool reads its settings from its own file; bytecode is comparable only while they agree.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml


def brownie_settings() -> dict[str, Any]:
    """What brownie compiles with."""
    compiler = yaml.safe_load(Path("brownie-config.yaml").read_text())["compiler"]
    solc = compiler["solc"]
    return {
        "solc": solc["version"],
        "evm": compiler["evm_version"],
        "optimizer": solc["optimizer"]["enabled"],
        "runs": solc["optimizer"]["runs"],
        "via_ir": solc["viaIR"],
        "remappings": [remapping.replace("/", "") for remapping in solc["remappings"]],
    }


def forge_settings() -> dict[str, Any]:
    """What forge compiles with; its solc is npm's, called through contracts/tools/solc."""
    profile = tomllib.loads(Path("foundry.toml").read_text())["profile"]["default"]
    return {
        "solc": json.loads(Path("package.json").read_text())["devDependencies"]["solc"],
        "evm": profile["evm_version"],
        "optimizer": profile["optimizer"],
        "runs": profile["optimizer_runs"],
        "via_ir": profile["via_ir"],
        "remappings": [remapping.replace("/", "") for remapping in profile["remappings"]],
    }


def main() -> int:
    """Print each setting that differs; 0 when none does."""
    brownie, forge = brownie_settings(), forge_settings()
    different = [name for name in brownie if brownie[name] != forge[name]]
    for name in different:
        print(f"{name}: brownie-config.yaml says {brownie[name]}, foundry.toml or package.json {forge[name]}")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main())
