"""Fills a task's own values into text: {index}, {item}, {name}, {stem}; `{{` and `}}` are braces.

Pure. Anything else in braces is a mistake with a suggestion.
"""

import string
from dataclasses import dataclass
from pathlib import PurePosixPath

from suanli.client.findings import did_you_mean


class ExpansionFault(ValueError):
    """A text names a value that the task does not have."""

    def __init__(self, detail: str, suggestion: str | None = None) -> None:
        super().__init__(detail)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Item:
    """What one task is about: its number, its list item or file. `file` is set for tasks of a glob."""

    index: int
    text: str
    file: str | None = None

    def values(self) -> dict[str, str]:
        """The values that texts may name."""
        values = {"index": str(self.index), "item": self.text}
        if self.file is not None:
            name = PurePosixPath(self.file)
            values |= {"name": name.name, "stem": name.stem}
        return values


def expand(template: str, item: Item) -> str:
    """`template` with the item's values. Raises ExpansionFault."""
    values, parts = item.values(), []
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ExpansionFault(f"{template!r}: {error}", "write {{ and }} for plain braces") from error
    for literal, field, form, conversion in pieces:
        parts.append(literal)
        if field is not None:
            parts.append(_value(field + (f":{form}" if form else ""), bool(conversion), values))
    return "".join(parts)


def _value(field: str, converted: bool, values: dict[str, str]) -> str:
    if field in values and not converted:
        return values[field]
    if field in ("name", "stem"):
        raise ExpansionFault(f"{{{field}}} is a file's, but the job is not split by glob", "write {item}")
    known = ", ".join(f"{{{name}}}" for name in values)
    raise ExpansionFault(f"{{{field}}} is not a task's value; there are {known}", did_you_mean(field, values))
