"""Write the tables of `docs/protocol.md` from the Python that defines the published language.

`python -m tools.protocol_tables` writes them between their markers; `--check` fails when they are stale.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable
from enum import Enum
from itertools import pairwise
from pathlib import Path

from suanli.protocol import identifiers
from suanli.protocol.eip712 import Struct
from suanli.protocol.identifiers import UrnKind
from suanli.protocol.messages import MESSAGES, Limits, Prices, Usage
from suanli.protocol.units import DIMENSIONS

FILE = Path(__file__).parents[1] / "docs" / "protocol.md"
BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

SIGNERS = {
    "NodeTerms": "owner and node",
    "Ask": "node",
    "JobOrder": "buyer or delegate",
    "Lease": "operator",
    "Receipt": "node",
    "Statement": "buyer (or delegate) and node",
    "Netting": "every buyer (or delegate) and node in it",
    "RootNetting": "every buyer (or delegate) and node in it",
    "Reservation": "buyer",
    "Draw": "the reservation's guardian",
    "ReservationRelease": "the reservation's guardian",
    "Cancellation": "account",
    "VerdictSeal": "the juror's node",
    "Delegation": "account",
    "InclusionPromise": "operator",
    "EpochAnchor": "operator",
}


def messages_table() -> str:
    """Every message: who signs it and what it says."""
    rows = [
        f"| `{kind.__name__}` | {SIGNERS[kind.__name__]} | {_first_paragraph(kind.__doc__)} |"
        for kind in MESSAGES
    ]
    return "\n".join(["| message | signed by | what it says |", "|---|---|---|", *rows])


def types_table() -> str:
    """Every type string, as it is hashed."""
    kinds: tuple[type[Struct], ...] = (*MESSAGES, Prices, Usage, Limits)
    return "\n".join(["```", *(kind.TYPE for kind in kinds), "```"])


def units_table() -> str:
    """Every priced dimension."""
    rows = [f"| `{one.name}` | {one.counted_in} | {one.priced_per} | {one.size:,} |" for one in DIMENSIONS]
    head = ["| dimension | counted in | priced per | of these make one |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def urns_table() -> str:
    """Every kind of urn and what its value is."""
    said = _member_docstrings(UrnKind)
    rows = [
        f"| `{kind.value}` | {said.get(kind.name, 'The struct hash of the message.')} |" for kind in UrnKind
    ]
    return "\n".join(["| kind | value |", "|---|---|", *rows])


TABLES: dict[str, Callable[[], str]] = {
    "messages": messages_table,
    "types": types_table,
    "units": units_table,
    "urns": urns_table,
}


def text() -> str:
    """The file with every table as the Python has it now."""
    return BLOCK.sub(lambda match: f"{match[1]}{TABLES[match[2]]()}\n{match[3]}", FILE.read_text("utf-8"))


def main(arguments: list[str]) -> int:
    """Write the file, or with `--check` return 1 when it is stale."""
    if "--check" in arguments:
        stale = FILE.read_text("utf-8") != text()
        print(f"{FILE.name} is stale: run python -m tools.protocol_tables" if stale else "", end="")
        return int(stale)
    FILE.write_text(text(), encoding="utf-8")
    return 0


def _first_paragraph(docstring: str | None) -> str:
    return " ".join((docstring or "").split("\n\n")[0].split()).replace("|", "\\|")


def _member_docstrings(enum: type[Enum]) -> dict[str, str]:
    """The strings that stand below the members of an enum in its source."""
    tree = ast.parse(inspect.getsource(identifiers))
    body = next(
        node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == enum.__name__
    )
    found = {}
    for member, after in pairwise(body):
        if (
            isinstance(member, ast.Assign)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            found[ast.unparse(member.targets[0])] = str(after.value.value)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
