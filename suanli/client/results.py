"""Brings a job's results to disk and says of each whether it is verified.

Verified means: receipts that pass every check name this manifest, the order's policy accepts them by the
buyer's own books, and the files are the manifest's.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suanli.client.blobs import Blobs, Download, Progress
from suanli.client.books import BuyerBooks
from suanli.client.flat_folder import check_overwriting, written_before
from suanli.client.record import KnownReceipt
from suanli.protocol.documents import ResultManifest
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import Outcome
from suanli.protocol.reasons import Reason
from suanli.protocol.states import LeaseState, TaskState
from suanli.protocol.values import Hash
from suanli.protocol.wire.jobs import TaskView

SUMMARY = "results.json"
PARTS = ".suanli-parts"
"""Unfinished downloads, below the results folder."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of one task; `files` lie on disk, `receipts` are those that vouch for them."""

    index: int
    state: TaskState
    verified: bool
    outcome: Outcome | None
    reason: str | None
    detail: str
    files: tuple[Path, ...]
    receipts: tuple[Hash, ...]

    @property
    def succeeded(self) -> bool:
        """Whether the program ran to its end and the result is verified."""
        return self.verified and self.outcome is Outcome.COMPLETED

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "task": self.index,
            "state": self.state.value,
            "verified": self.verified,
            "outcome": self.outcome.name if self.outcome is not None else None,
            "reason": self.reason,
            "detail": self.detail,
            "files": [str(path) for path in self.files],
            "receipts": list(self.receipts),
        }


class Collector:
    """Downloads results of one job below `folder`."""

    def __init__(
        self, job: Hash, books: BuyerBooks, blobs: Blobs, folder: Path, *, flat: bool = False
    ) -> None:
        self._job = job
        self._books = books
        self._blobs = blobs
        self._folder = folder.resolve()
        self._flat = flat
        self._downloads: dict[Path, Download] = {}

    def collect(self, tasks: Iterable[TaskView], progress: Progress | None = None) -> list[TaskResult]:
        """Download what there is. Raises ClientError when a file is not what its hash says."""
        views = list(tasks)
        width = len(str(max((view.index for view in views), default=0)))
        results = [self._result(view, width) for view in views]
        downloads = list(self._downloads.values())
        if self._flat:
            check_overwriting(self._folder, SUMMARY, self._job, downloads)
        self._blobs.download_all(downloads, self._folder / PARTS, progress)
        self._write_summary(results)
        return results

    def _result(self, view: TaskView, width: int) -> TaskResult:
        result = _result_hash(view)
        receipts = self._vouching(view.index, result)
        explained = view.reason or view.waiting
        if result is None or not receipts:
            reason = explained.reason.value if explained else None
            detail = explained.detail if explained else ""
            if result is not None:
                reason, detail = (
                    Reason.EVIDENCE_MISSING.value,
                    "no receipt that passes every check names this result",
                )
            return TaskResult(view.index, view.state, False, None, reason, detail, (), ())
        manifest = self._books.manifest(result)
        return self._of_manifest(view, manifest, receipts, width)

    def _of_manifest(
        self, view: TaskView, manifest: ResultManifest, receipts: list[KnownReceipt], width: int
    ) -> TaskResult:
        verified = any(self._books.is_accepted(receipt) for receipt in receipts)
        detail = "" if verified else "no verdict yet, or too few equal receipts"
        if manifest.outcome is Outcome.PROGRAM_FAILED:
            detail = (
                f"the program failed with exit code {manifest.exit_code}" if manifest.exit_code else detail
            )
        return TaskResult(
            view.index,
            view.state,
            verified,
            manifest.outcome,
            manifest.reason.value if manifest.reason else None,
            detail,
            self._plan_downloads(view.index, manifest, width),
            tuple(receipt.message.id() for receipt in receipts),
        )

    def _plan_downloads(self, index: int, manifest: ResultManifest, width: int) -> tuple[Path, ...]:
        base = self._folder if self._flat else self._folder / f"{index:0{width}d}"
        return tuple(self._plan_one(base / one.path, one.hash, one.size) for one in manifest.outputs)

    def _plan_one(self, target: Path, hash_: Hash, size: int) -> Path:
        if not target.resolve().is_relative_to(self._folder):
            raise ClientError(Reason.OUTPUT_FORBIDDEN, f"{target} would be written outside {self._folder}")
        if self._flat and target.relative_to(self._folder).parts[0] in (SUMMARY, PARTS):
            detail = f"{target.name} is a name that this folder needs itself: take the results without --flat"
            raise ClientError(Reason.STATE_CONFLICT, detail)
        if self._downloads.setdefault(target, Download(hash_, size, target)).hash != hash_:
            detail = f"two tasks both yield {target.name}: take the results without --flat"
            raise ClientError(Reason.STATE_CONFLICT, detail)
        return target

    def _vouching(self, task: int, result: Hash | None) -> list[KnownReceipt]:
        known = self._books.record.receipts_of_task(self._job, task)
        return [receipt for receipt in known if receipt.message.result == result]

    def _write_summary(self, results: list[TaskResult]) -> None:
        content: dict[str, Any] = {"job": self._job, "tasks": [result.to_json() for result in results]}
        if self._flat:
            content["written"] = written_before(self._folder / SUMMARY, self._job) | {
                path.relative_to(self._folder).as_posix(): one.hash for path, one in self._downloads.items()
            }
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (self._folder / SUMMARY).write_text(text + "\n", "utf-8")


def _result_hash(view: TaskView) -> Hash | None:
    if view.result is not None:
        return view.result
    unjudged = [lease.result for lease in view.leases if lease.state is LeaseState.RECEIPTED]
    return unjudged[-1] if unjudged else None
