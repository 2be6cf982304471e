"""Turns a job file into what a market needs: the specification of every task and the files to upload.

Reads files, talks to nobody. Prices and the order itself are in `terms`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from suanli.client.expansion import ExpansionFault, Item, expand
from suanli.client.findings import Finding, JobFileError
from suanli.client.job_file import Located
from suanli.client.job_folder import JobFolder
from suanli.client.job_model import InputFile, JobFile, Split
from suanli.protocol.documents import BlobReference, JobSpec, TaskSpec
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import Limits, VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


@dataclass(frozen=True)
class Plan:
    """A job ready to be quoted and ordered. `blobs` are the files to upload, by content."""

    job: JobFile
    spec: JobSpec
    blobs: Mapping[Hash, Path]

    @property
    def policy(self) -> VerificationPolicy:
        """How results are accepted."""
        by_buyer = self.job.verification.accept is not None
        return VerificationPolicy.BUYER if by_buyer else VerificationPolicy.REPLICAS

    @property
    def replicas(self) -> int:
        """Copies of each task."""
        return self.job.verification.replicas or 1

    def limits(self) -> Limits:
        """The order's limits; its input limit is the largest task's module and inputs, in bytes."""
        limits = self.job.limits
        return Limits(
            fuel=limits.fuel,
            memoryBytes=limits.memory,
            inputBytes=max(task.input_bytes() for task in self.spec.tasks),
            outputBytes=limits.output,
            wallSeconds=limits.wall,
        )


def make_plan(located: Located, root: Path) -> Plan:
    """The plan of a job whose paths are relative to `root`. Raises JobFileError with every finding."""
    return _Planner(located, JobFolder(root)).plan()


class _Planner:
    def __init__(self, located: Located, folder: JobFolder) -> None:
        self._located = located
        self._job = located.job
        self._folder = folder
        self._findings: list[Finding] = []
        self._blobs: dict[Hash, Path] = {}

    def plan(self) -> Plan:
        module = self._module()
        items = self._items(self._job.split)
        tasks = []
        for item in items:
            tasks.append(self._task(item, module))
            if self._findings:  # every further task would repeat them
                break
        if self._findings:
            raise JobFileError(self._located.name, self._findings)
        return Plan(self._job, JobSpec(name=self._job.name, tasks=tasks), self._blobs)

    def _module(self) -> tuple[Hash, int]:
        with self._noting("module"):
            path, hash_, size = self._folder.module(self._job.module)
            self._blobs[hash_] = path
            return hash_, size
        return "0x" + "00" * 32, 0

    def _items(self, split: Split) -> list[Item]:
        if split.list_ is not None:
            return [Item(index, text) for index, text in enumerate(split.list_)]
        if split.glob is None:
            return [Item(index, str(index)) for index in range(split.count or 1)]
        with self._noting("split", "glob"):
            files = self._folder.glob(split.glob)
            return [Item(index, file, file) for index, file in enumerate(files)]
        return []

    def _task(self, item: Item, module: tuple[Hash, int]) -> TaskSpec:
        inputs = [*self._split_input(item), *self._shared_inputs(item)]
        paths = [reference.path for reference in inputs]
        if len(set(paths)) != len(paths):
            self._note(
                ("inputs",), ClientError(Reason.DOCUMENT_MALFORMED, "two inputs have the same name in in/")
            )
        return TaskSpec(
            module=module[0],
            module_size=module[1],
            arguments=self._arguments(item),
            environment=self._environment(item),
            inputs=inputs,
        )

    def _arguments(self, item: Item) -> list[str]:
        command = self._job.command or [PurePosixPath(self._job.module).stem]
        return [self._expanded(text, item, "command", index) for index, text in enumerate(command)]

    def _environment(self, item: Item) -> dict[str, str]:
        pairs = self._job.environment.items()
        return {key: self._expanded(text, item, "environment", key) for key, text in pairs}

    def _split_input(self, item: Item) -> Iterator[BlobReference]:
        if item.file is not None:
            as_ = self._expanded(self._job.split.as_ or "{name}", item, "split", "as")
            yield from self._reference(item.file, as_, "split", "as")

    def _shared_inputs(self, item: Item) -> Iterator[BlobReference]:
        for index, one in enumerate(self._job.inputs):
            path = self._expanded(one.path, item, "inputs", index, "path")
            as_ = self._expanded(_name_inside(one), item, "inputs", index, "as")
            yield from self._reference(path, as_, "inputs", index)

    def _reference(self, path: str, as_: str, *key: str | int) -> Iterator[BlobReference]:
        with self._noting(*key):
            reference = self._folder.reference(path, as_)
            self._blobs[reference.hash] = self._folder.file(path)
            yield reference

    def _expanded(self, template: str, item: Item, *key: str | int) -> str:
        with self._noting(*key):
            return expand(template, item)
        return template

    @contextmanager
    def _noting(self, *key: str | int) -> Iterator[None]:
        try:
            yield
        except ExpansionFault as fault:
            self._note(key, ClientError(Reason.DOCUMENT_MALFORMED, str(fault)), fault.suggestion)
        except ClientError as error:
            self._note(key, error)

    def _note(self, key: tuple[str | int, ...], error: ClientError, suggestion: str | None = None) -> None:
        self._findings.append(self._located.finding(key, error.reason, error.detail, suggestion))


def _name_inside(one: InputFile) -> str:
    return one.as_ or PurePosixPath(one.path).name
