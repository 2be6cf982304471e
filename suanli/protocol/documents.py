"""Unsigned, content-addressed documents: task and job specifications, results, evidence.

A document's id is the SHA-256 of its canonical JSON (RFC 8785); blobs are addressed by SHA-256 as well.
"""

import hashlib
from typing import Annotated, Any, Self

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from suanli.protocol.messages import Outcome
from suanli.protocol.reasons import Reason
from suanli.protocol.requirements import Requirements
from suanli.protocol.values import Hash

DOCUMENT_VERSION = 1
MAXIMUM_TASKS = 100_000
MAXIMUM_PATH = 512


def content_hash(data: bytes) -> Hash:
    """The address of a blob: its SHA-256 as 0x-hex."""
    return "0x" + hashlib.sha256(data).hexdigest()


class Document(BaseModel):
    """A value whose canonical JSON is its identity."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int = Field(default=DOCUMENT_VERSION, ge=DOCUMENT_VERSION, le=DOCUMENT_VERSION)

    def canonical(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    def content_hash(self) -> Hash:
        """The document's id: SHA-256 of its canonical JSON."""
        return content_hash(self.canonical())

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """The document in JSON text. Raises pydantic.ValidationError when anything is off."""
        return cls.model_validate_json(data)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return self.model_dump(mode="json")


def _relative_path(path: str) -> str:
    parts = path.split("/")
    if len(path) > MAXIMUM_PATH or "\x00" in path or any(part in ("", ".", "..") for part in parts):
        raise ValueError("a path is relative, '/'-separated and free of '.' and '..'")
    return path


class BlobReference(BaseModel):
    """A file by name, content and size; `path` is relative, `/`-separated, without `.` or `..`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: Annotated[str, AfterValidator(_relative_path)]
    hash: Hash
    size: int = Field(ge=0)


class TaskSpec(Document):
    """All that a node needs to run a task: the module, its arguments, its input files under `in/`.

    `requirements` concern who may run it; without any, the canonical JSON does not mention them.
    """

    module: Hash
    module_size: int = Field(ge=0)
    arguments: list[str]
    environment: dict[str, str] = {}
    inputs: list[BlobReference] = []
    requirements: Requirements | None = Field(default=None, exclude_if=lambda value: value is None)

    def input_bytes(self) -> int:
        """Bytes that a node fetches for this task: the metered ingress."""
        return self.module_size + sum(reference.size for reference in self.inputs)


class JobSpec(Document):
    """A job's tasks; their leaves make the order's `specRoot` (`merkle.spec_root`)."""

    name: str = Field(max_length=200)
    tasks: list[TaskSpec] = Field(min_length=1, max_length=MAXIMUM_TASKS)


class ResultManifest(Document):
    """What one run yielded; equal on every honest machine. Its hash is the receipt's `result`.

    A program's failure carries its reason and no outputs. Outputs lie under `out/` and are sorted by path.
    """

    outcome: Outcome
    exit_code: int | None
    reason: Reason | None = None
    outputs: list[BlobReference] = []

    def output_bytes(self) -> int:
        """Bytes of all outputs: the metered egress."""
        return sum(reference.size for reference in self.outputs)
