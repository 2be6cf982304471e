"""Shows a finding to people: a tree in which what held is short and what failed is plain."""

from collections import Counter

from rich.markup import escape
from rich.text import Text
from rich.tree import Tree

from suanli.audit.finding import Finding
from suanli.protocol.checks import Check
from suanli.protocol.units import format_money

MONEY = frozenset(
    {
        "paid",
        "fee",
        "volume",
        "total",
        "cap",
        "due",
        "charged",
        "budget",
        "minimum charge",
        "stake",
        "balance",
        "thawing",
        "buyer paid",
        "providers got",
        "earned by netting",
    }
)
"""Facts in atoms, shown in whole tokens."""

UNFOLDED = 2
"""So many of one kind below one thing are always shown in full."""


def as_tree(finding: Finding, symbol: str, decimals: int, full: bool = False) -> Tree:
    """The finding and everything below it.

    Unless `full`, of many alike (the receipts of a batch) only the first and those with faults are unfolded.
    """
    tree = Tree(_title(finding))
    for name, value in finding.facts.items():
        tree.add(Text.assemble((f"{name} ", "dim"), _shown(name, value, symbol, decimals)))
    held = [one for one in finding.checks if one.passed]
    if held:
        tree.add(Text.assemble(("✓ ", "green"), _names(held)))
    for one in finding.checks:
        if not one.passed:
            reason = one.reason.value if one.reason else ""
            tree.add(Text.assemble(("✗ ", "bold red"), (one.name, "bold"), f" {reason}: {one.detail}"))
    shown = Counter[str]()
    for below in finding.below:
        shown[below.kind] += 1
        folded = not full and below.passed and shown[below.kind] > UNFOLDED
        tree.add(_folded(below) if folded else as_tree(below, symbol, decimals, full))
    return tree


def _folded(finding: Finding) -> Text:
    count = sum(1 for _ in finding.all_checks())
    return Text.assemble(_title(finding), (f" {count} checks held", "dim"))


def verdict(finding: Finding) -> str:
    """One line of rich markup: how many checks were made and whether all held."""
    total, failed = sum(1 for _ in finding.all_checks()), finding.failed()
    if not failed:
        return f"[bold green]VERIFIED[/] {total} checks held."
    names = ", ".join(dict.fromkeys(one.name for one in failed))
    return f"[bold red]FAILED[/] {len(failed)} of {total} checks: {escape(names)}."


def _title(finding: Finding) -> Text:
    mark = ("✓ ", "green") if finding.passed else ("✗ ", "bold red")
    return Text.assemble(mark, (finding.kind, "bold"), f" {finding.id}")


def _names(checks: list[Check]) -> str:
    counts = {one.name: sum(other.name == one.name for other in checks) for one in checks}
    return ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in counts.items())


def _shown(name: str, value: object, symbol: str, decimals: int) -> str:
    if name in MONEY and isinstance(value, int):
        return f"{format_money(value, decimals)} {symbol}"
    return str(value)
