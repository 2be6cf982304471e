"""Write the ABI and bytecode that Python programs carry; `--check` only says whether the files are stale.

Exports what is deployed into the protocol package, and the test harness beside the parity tests.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, get_args

from contracts.scripts.compiler import compile_contracts
from contracts.scripts.toolchain import ROOT
from suanli.protocol.abi import ContractName

EXPORTS: dict[Path, tuple[str, ...]] = {
    ROOT / "suanli" / "protocol" / "abi": get_args(ContractName),
    ROOT / "tests" / "parity" / "abi": ("MessagesHarness",),
}


def exported_files() -> dict[Path, str]:
    """Each exported file's path with the text that the sources give it now."""
    compiled = compile_contracts()
    return {
        folder / f"{name}.json": _text(compiled[name]) for folder, names in EXPORTS.items() for name in names
    }


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` return 1 when one is missing or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is stale")
    check = parser.parse_args(arguments).check
    files = exported_files()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path])
    if check and stale:
        print("run: python contracts/scripts/export_abi.py", file=sys.stderr)
    return int(check and bool(stale))


def _text(artifact: dict[str, Any]) -> str:
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
