"""Reads YAML into plain values with the line of each, without constructing any object.

Scalars follow YAML 1.2's core, so `no` is text and `1:30` no number; decimals stay text, so money loses no
digit. Tags, anchors and aliases are refused: nothing expands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from suanli.client.findings import Finding
from suanli.protocol.reasons import Reason

Path = tuple[str | int, ...]
MAXIMUM_CHARACTERS = 16 << 20
MAXIMUM_DEPTH = 20

_INTEGER = re.compile(r"^-?(0|[1-9][0-9]*)$")
_MAXIMUM_DIGITS = 30
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}


class YamlFault(Exception):
    """The text is not acceptable YAML; `finding` says where."""

    def __init__(self, detail: str, line: int | None, key: str = "", suggestion: str | None = None) -> None:
        super().__init__(detail)
        self.finding = Finding(Reason.DOCUMENT_MALFORMED, key, detail, line, suggestion)


@dataclass(frozen=True)
class YamlSource:
    """A document's plain value and the line, counted from 1, on which each of its parts begins."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """The line of the part at `path`, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_yaml(text: str) -> YamlSource:
    """The one document in `text`. Raises YamlFault."""
    if len(text) > MAXIMUM_CHARACTERS:
        raise YamlFault(f"the file is larger than {MAXIMUM_CHARACTERS >> 20} MiB", None)
    try:
        return _Reader(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFault(
            f"not YAML: {error.problem or error.context}", mark.line + 1 if mark else None
        ) from error
    except yaml.YAMLError as error:
        raise YamlFault(f"not YAML: {error}", None) from error


class _Reader:
    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._lines: dict[Path, int] = {}

    def document(self) -> YamlSource:
        event = self._next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise YamlFault("the file is empty", 1)
        value = self._value(event, ())
        self._next()
        if not isinstance(after := self._next(), yaml.StreamEndEvent):
            raise YamlFault("the file holds more than one document", _line(after))
        return YamlSource(value, self._lines)

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlFault("anchors (&) and aliases (*) are not used in job files", _line(event), _key(path))
        if tag := getattr(event, "tag", None):
            raise YamlFault(f"the tag {tag} is not used in job files", _line(event), _key(path))
        if len(path) > MAXIMUM_DEPTH:
            raise YamlFault("the file nests too deeply", _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, yaml.ScalarEvent), "no other event begins a value"
        return _scalar(event)

    def _mapping(self, path: Path) -> dict[str, Any]:
        value: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise YamlFault("a key is plain text", _line(event), _key(path))
            key = event.value
            if key in value:
                raise YamlFault("this key stands here twice", _line(event), _key((*path, key)))
            self._lines[(*path, key)] = _line(event)
            value[key] = self._value(self._next(), (*path, key))
        return value

    def _sequence(self, path: Path) -> list[Any]:
        value: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            value.append(self._value(event, (*path, len(value))))
        return value

    def _next(self) -> yaml.Event:
        return next(self._events)


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = event.value
    if event.style is not None:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.match(text) and len(text) <= _MAXIMUM_DIGITS else text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _key(path: Path) -> str:
    return ".".join(str(part) for part in path)
