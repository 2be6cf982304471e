"""One job at the market, as its buyer holds it: watch, wait, download, judge, cancel.

While it waits it co-signs settlements, so that providers are paid without another command.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from suanli.client.blobs import Blobs, Progress
from suanli.client.books import BuyerBooks
from suanli.client.connection import Connection
from suanli.client.results import Collector, TaskResult
from suanli.client.settlement import Answer
from suanli.protocol.errors import ChainError, ClientError
from suanli.protocol.messages import VerificationPolicy
from suanli.protocol.reasons import Reason
from suanli.protocol.states import JobState, LeaseState
from suanli.protocol.values import Hash
from suanli.protocol.wire.jobs import (
    Event,
    EventKind,
    JobView,
    LeaseView,
    ReceiptView,
    TaskView,
    VerdictRequest,
)
from suanli.protocol.wire.why import JobWhy

logger = logging.getLogger(__name__)

FINISHED = frozenset({JobState.FINISHED, JobState.SETTLED, JobState.CANCELLED, JobState.EXPIRED})
_POLL_SECONDS = 3
"""Short, so that proposals to co-sign do not wait for the next event."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a job needs of its `Suanli`."""

    connection: Connection
    books: BuyerBooks
    co_sign: Callable[[], list[Answer]]


class Job:
    """A job by its id."""

    def __init__(self, id_: Hash, means: Means) -> None:
        self.id = id_
        self._means = means
        self._connection = means.connection
        self._path = f"/jobs/{id_}"

    def view(self) -> JobView:
        """The job as the market sees it now."""
        return self._connection.get(self._path, JobView)

    def tasks(self) -> Iterator[TaskView]:
        """The job's tasks with their leases."""
        return self._connection.pages(f"{self._path}/tasks", TaskView)

    def why(self) -> JobWhy:
        """What the last round says of the job's tasks: where they went, why others wait, what wins."""
        return self._connection.get(f"{self._path}/why", JobWhy)

    def receipts(self) -> Iterator[ReceiptView]:
        """The job's receipts, as the market shows them; `verify` says whether they hold."""
        return self._connection.pages(f"{self._path}/receipts", ReceiptView)

    def verify(self) -> list[ClientError]:
        """Check every receipt and keep those that hold in the record; returns what does not hold."""
        return self._means.books.take_receipts(self.id)

    def watch(self, *, after: int = 0, until_settled: bool = False, co_sign: bool = True) -> Iterator[Event]:
        """The job's events from number `after` on, until nothing more can happen to it."""
        while True:
            if co_sign:
                self._co_sign()
            events = self._connection.get_list(f"{self._path}/events", Event, after=after, wait=_POLL_SECONDS)
            yield from events
            after = max((event.number for event in events), default=after)
            may_be_over = not events or any(event.kind is EventKind.JOB for event in events)
            if may_be_over and self._is_over(until_settled):
                return

    def wait(
        self, timeout: float | None = None, *, until_settled: bool = False, co_sign: bool = True
    ) -> JobView:
        """Wait until every task is accepted or failed, `timeout` seconds at most (else DEADLINE_PASSED)."""
        deadline = None if timeout is None else time.monotonic() + timeout
        after = 0
        while not self._is_over(until_settled):
            if deadline is not None and time.monotonic() > deadline:
                raise ClientError(Reason.DEADLINE_PASSED, f"job {self.id} is not done after {timeout:g} s")
            if co_sign:
                self._co_sign()
            events = self._connection.get_list(f"{self._path}/events", Event, after=after, wait=1)
            after = max((event.number for event in events), default=after)
        return self.view()

    def download(
        self, folder: Path | str, *, flat: bool = False, progress: Progress | None = None
    ) -> list[TaskResult]:
        """Bring the results to `folder`/<task>/…, or flat into `folder`; each says if it is verified."""
        for refused in self.verify():
            logger.warning("%s", refused)
        blobs = Blobs(self._connection)
        collector = Collector(self.id, self._means.books, blobs, Path(folder), flat=flat)
        return collector.collect(self.tasks(), progress)

    def log(self, task: int) -> str:
        """What the task's last run printed so far."""
        leases = self._task(task).leases
        if not leases:
            raise ClientError(Reason.NOT_FOUND, f"task {task} has not been given to a node yet")
        return self.lease_log(leases[-1].id)

    def lease_log(self, lease: Hash) -> str:
        """What one run printed so far."""
        return self._connection.get_text(f"/leases/{lease}/log")

    def cancel(self) -> JobView:
        """Stop the job; finished tasks stay due."""
        return self._connection.post(f"{self._path}/cancel", None, JobView, repeatable=True)

    def accept(self, task: int, lease: Hash | None = None) -> Hash:
        """Accept a task's result after checking its receipt: it becomes due. Returns the lease's id."""
        chosen = self._judged(task, lease)
        refused = {one.context.get("receipt"): one for one in self.verify()}
        if chosen.receipt in refused:
            raise refused[chosen.receipt]
        self._means.books.record.set_verdict(chosen.id, True)
        self._post_verdict(task, VerdictRequest(lease=chosen.id, accept=True))
        return chosen.id

    def reject(self, task: int, detail: str, lease: Hash | None = None) -> Hash:
        """Reject a task's result, with the reason in words. Returns the lease's id."""
        chosen = self._judged(task, lease)
        self._means.books.record.set_verdict(chosen.id, False)
        self._post_verdict(task, VerdictRequest(lease=chosen.id, accept=False, detail=detail))
        return chosen.id

    def task(self, index: int) -> TaskView:
        """One task with its leases. Raises ClientError(NOT_FOUND)."""
        return self._task(index)

    def _post_verdict(self, task: int, verdict: VerdictRequest) -> None:
        self._connection.post_only(f"{self._path}/tasks/{task}/verdict", verdict)

    def _judged(self, task: int, lease: Hash | None) -> LeaseView:
        if self._means.books.order(self.id).policy != VerificationPolicy.BUYER:
            detail = "this job's results are accepted by equal replicas, not by your verdict"
            raise ClientError(Reason.POLICY_UNSUPPORTED, detail)
        waiting = [one for one in self._task(task).leases if one.state is LeaseState.RECEIPTED]
        chosen = [one for one in waiting if lease in (None, one.id)]
        if not chosen:
            raise ClientError(
                Reason.STATE_CONFLICT, f"task {task} has no such result that waits for a verdict"
            )
        return chosen[0]

    def _task(self, index: int) -> TaskView:
        for view in self.tasks():
            if view.index == index:
                return view
        raise ClientError(Reason.NOT_FOUND, f"job {self.id} has no task {index}")

    def _is_over(self, until_settled: bool) -> bool:
        view = self.view()
        if not until_settled or view.state is JobState.SETTLED:
            return view.state in FINISHED
        return view.state in FINISHED and view.settled == view.spent

    def _co_sign(self) -> None:
        try:
            for answer in self._means.co_sign():
                objection = answer.objection
                if objection is not None and not objection.waits:
                    logger.warning("refused to sign %s %s: %s", answer.kind, answer.id, objection.detail)
        except ChainError as error:
            logger.warning("settlements wait: %s", error)
