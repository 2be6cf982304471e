"""The documentation says what the code does: its tables are current, its commands run, its checks exist."""

import os
import re
import subprocess
from pathlib import Path

from tools import protocol_tables

ROOT = Path(__file__).parents[2]


def test_tables_of_the_protocol_are_current() -> None:
    current = protocol_tables.text()
    assert protocol_tables.FILE.read_text("utf-8") == current, "run python -m tools.protocol_tables"


def test_the_signature_in_the_documentation_verifies_by_hand() -> None:
    block = re.search(r"```sh\n(LEDGER=.*?)```", protocol_tables.FILE.read_text("utf-8"), re.DOTALL)
    assert block is not None
    path = f"{ROOT / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"
    for script, success in ((block[1], True), (block[1].replace(" 194108 ", " 194109 "), False)):
        ran = subprocess.run(["bash", "-euc", script], env={"PATH": path}, capture_output=True, text=True)
        assert ("Validation succeeded" in ran.stdout) is success, ran.stderr


CHECK = re.compile(
    r"(?:check|invalid|_signature|_summed|_same|_nothing|_none)\(\s*\"([a-z_]+)\""
    r"|_holds\(books, \"([a-z_]+)\""
)
VIEW = re.compile(r"^    yield \"([a-z_]+)\", ", re.M)


def test_auditor_documents_every_check() -> None:
    audit = ROOT / "suanli/audit"
    text = "\n".join(path.read_text("utf-8") for path in audit.rglob("*.py"))
    text += (ROOT / "suanli/protocol/evidence.py").read_text("utf-8")
    named = {one or other for one, other in CHECK.findall(text)}
    for path in (audit / "views").glob("*.py"):
        named |= set(VIEW.findall(path.read_text("utf-8")))
    for document, heading in (("docs/auditor.md", "## What is checked"), ("docs/zh/auditor.md", "## 检查项")):
        table = (ROOT / document).read_text("utf-8").split(heading)[1].split("##")[0]
        rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
        assert named == set(re.findall(r"`([a-z_]+)`", " ".join(rows))), document
