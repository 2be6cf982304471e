"""What people see: tables on stdout, a bar on stderr while the chain is read, times and amounts in words."""

import sys
import time
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from suanli.direct.scan import BLOCKS_PER_QUERY
from suanli.protocol.units import format_money
from suanli.protocol.wire.accounts import Deployment

_WIDTH_OF_FILES = 240
"""Wide enough that ids are not broken where nobody looks at a screen."""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


class ScanBar:
    """A bar for long readings of the chain, where somebody looks at stderr."""

    def __init__(self) -> None:
        self._is_seen = sys.stderr.isatty()  # a running bar stands in stderr's place
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __call__(self, done: int, total: int) -> None:
        """So many blocks of so many are read."""
        if total <= BLOCKS_PER_QUERY or not self._is_seen:
            return
        if self._bar is None:
            columns = TextColumn("reading blocks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)
        if done >= total:
            self._bar.stop()
            self._bar = None


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table; columns that begin with `>` are aligned to the right."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        right = column.startswith(">")
        made.add_column(column.removeprefix(">"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    return made


def show_tables(parts: Iterable[Table | str]) -> None:
    """Print tables and lines for people."""
    console = Console()
    console = console if console.is_terminal else Console(width=_WIDTH_OF_FILES)
    for part in parts:
        if isinstance(part, Table) and part.title is not None:
            console.print(part.title, highlight=False, markup=False, soft_wrap=True)
            part.title = None  # a table would break it at its own width
        console.print(part, highlight=False, markup=False)


def money(amount: int, deployment: Deployment) -> str:
    """An amount of atoms in tokens with the token's symbol."""
    return f"{format_money(amount, deployment.token_decimals)} {deployment.token_symbol}"


def moment(at: int, now: int) -> str:
    """A time of the chain's clock, and how long that is from now on: `2026-11-23 13:00:05 UTC, in 2 h`."""
    if at <= now:
        return "now"
    try:
        written = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
    except (ValueError, OverflowError, OSError):
        written = str(at)  # a deadline may lie beyond every calendar
    return f"{written}, in {duration(at - now)}"


def duration(seconds: int) -> str:
    """Seconds as the two largest units that they have: `2 h 5 min`."""
    parts = []
    for name, size in _UNITS:
        count, seconds = divmod(seconds, size)
        parts += [f"{count} {name}"] if count else []
    return " ".join(parts[:2]) or "0 s"
