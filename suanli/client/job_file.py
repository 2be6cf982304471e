"""Reads a job file: YAML text to a checked `JobFile`, or findings with line, key and suggestion.

Does not look at the files that a job names; `planner` does.
"""

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from suanli.client.findings import Finding, JobFileError, did_you_mean
from suanli.client.job_model import JobFile
from suanli.client.yaml_source import YamlFault, YamlSource, read_yaml
from suanli.protocol.reasons import Reason

_PLAIN_WORDS = {
    "missing": "this key is missing",
    "string_type": "text is needed",
    "int_type": "a whole number is needed",
    "list_type": "a list is needed",
    "dict_type": "keys and values are needed",
    "model_type": "keys and values are needed",
    "model_attributes_type": "keys and values are needed",
    "string_pattern_mismatch": 'an amount is a decimal number of tokens, like "2.50"',
}


class Located:
    """A job file together with the lines of its parts, so that later findings can point at them."""

    def __init__(self, job: JobFile, source: YamlSource, name: str) -> None:
        self.job = job
        self.name = name
        self._source = source

    def finding(
        self, path: tuple[str | int, ...], reason: Reason, detail: str, suggestion: str | None = None
    ) -> Finding:
        """A finding about the part at `path`."""
        return Finding(reason, _dotted(path), detail, self._source.line(path), suggestion)


def read_job_file(path: Path) -> Located:
    """The job file at `path`. Raises JobFileError with every finding."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise JobFileError(
            str(path), [Finding(Reason.DOCUMENT_MALFORMED, "", f"not UTF-8: {error}")]
        ) from error
    except OSError as error:
        raise JobFileError(
            str(path), [Finding(Reason.NOT_FOUND, "", f"cannot be read: {error.strerror}")]
        ) from error
    return parse_job_file(text, str(path))


def parse_job_file(text: str, name: str) -> Located:
    """The job in YAML text; `name` stands for the file in messages. Raises JobFileError."""
    try:
        source = read_yaml(text)
    except YamlFault as fault:
        raise JobFileError(name, [fault.finding]) from fault
    return check_job(source, name)


def check_job(source: YamlSource, name: str) -> Located:
    """The job in plain values. Raises JobFileError."""
    if not isinstance(source.value, dict):
        detail = "a job file holds keys and values, like `name: hello`"
        raise JobFileError(name, [Finding(Reason.DOCUMENT_MALFORMED, "", detail, 1)])
    try:
        return Located(JobFile.model_validate(source.value), source, name)
    except ValidationError as error:
        raise JobFileError(name, [_finding(one, source) for one in error.errors()]) from error


def _finding(error: ErrorDetails, source: YamlSource) -> Finding:
    path = error["loc"]
    line, suggestion = source.line(path), None
    detail = _PLAIN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    if error["type"] == "extra_forbidden":
        known = _keys_at(path[:-1])
        detail = f"unknown key; here may stand {', '.join(known)}"
        suggestion = did_you_mean(str(path[-1]), known)
    return Finding(Reason.DOCUMENT_MALFORMED, _dotted(path), detail, line, suggestion)


def _keys_at(path: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = JobFile
    for part in path:
        if isinstance(part, str):
            model = _model_in(_annotations(model)[part]) or model
    return list(_annotations(model))


def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path)
