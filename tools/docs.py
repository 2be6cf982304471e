"""Writes the generated documentation: the OpenAPI document, the command reference, the TypeScript mirror.

`python -m tools.docs --check` writes nothing and fails when a committed file is stale.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from typer.cli import get_docs_for_click
from typer.main import get_command
from typer.models import Context

from suanli.cli import MOUNTS, app
from tools import mirror_typescript

ROOT = Path(__file__).resolve().parents[1]
OPENAPI = ROOT / "docs" / "openapi.json"
COMMANDS = ROOT / "docs" / "commands.md"


def documents() -> Iterator[tuple[Path, str]]:
    """Every generated file with the text it should hold."""
    from market.api.app import openapi_document

    yield OPENAPI, json.dumps(openapi_document(), indent=2, ensure_ascii=False) + "\n"
    yield COMMANDS, command_reference()


def command_reference() -> str:
    """Every command with its options, as Markdown."""
    root = get_command(app)
    context = Context(root, info_name="suanli")
    parts = ["# Commands\n\nWritten by `make docs`.\n"]
    for name in MOUNTS:
        command = root.get_command(context, name)  # type: ignore[attr-defined]
        parts.append(get_docs_for_click(obj=command, ctx=context, indent=1, name=name, call_prefix="suanli"))
    return "\n".join(part.rstrip() + "\n" for part in parts)


def main() -> int:
    """Write the files, or with `--check` name the stale ones; exit code 1 when there are any."""
    if "--check" not in sys.argv:
        for path, text in documents():
            path.write_text(text)
        mirror_typescript.main([])
        return 0
    stale = [path for path, text in documents() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `make docs`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
