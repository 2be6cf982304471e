"""What a lease needs from the world: checks, inputs, a run, outputs and the receipt delivered.

Each effect ends with the stimulus that tells the machine how it went; none of them decides what comes next.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import structlog
from eth_account.signers.local import LocalAccount

from provider_agent import stimuli
from provider_agent.blobs import BlobCache
from provider_agent.client import MarketClient
from provider_agent.disk import folder_bytes
from provider_agent.executors.base import OUTPUT_FOLDER, Executor, Work
from provider_agent.funding import Funding
from provider_agent.home import Home
from provider_agent.journal import Journal, SealedReceipt
from provider_agent.lease import Objection, Terms, check_lease, seconds_to_run
from provider_agent.log_stream import LogStream
from provider_agent.market_http import until_answered
from provider_agent.sealing import make_receipt, random_seed, references_of
from provider_agent.stimuli import Stimulus
from suanli.protocol.documents import BlobReference
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Receipt
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.values import Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import Assignment, ReceiptRequest

log = structlog.get_logger()

_DAY = 24 * 3600
_CHAIN_PATIENCE = 20
"""Seconds that a new lease waits for the chain: the market's offers lapse after thirty."""
_OWED_SECONDS = _DAY
"""A receipt that was not paid for so long was not accepted: it no longer counts as the buyer's debt."""
WORK_BYTES = 8 << 30
"""A work folder that holds more is full: results that cannot be delivered must not fill the disk."""

Handle = Callable[[Stimulus], None]


@dataclass(frozen=True)
class LeaseEffects:
    """The world of one agent; `handle` gives the machine a stimulus, `terms` are what leases must meet."""

    home: Home
    key: LocalAccount
    domain: Domain
    journal: Journal
    client: MarketClient
    funding: Funding
    blobs: BlobCache
    executor: Executor
    terms: Callable[[], Terms]
    handle: Handle

    async def prepare(self, assignment: Assignment) -> None:
        """Checks the lease, takes it on, fetches its inputs."""
        lease = assignment.lease.message
        try:
            await self._check(assignment)
            async with asyncio.TaskGroup() as group:
                group.create_task(until_answered(lambda: self.client.start(lease.id())))
                group.create_task(self._fetch(assignment))
        except NodeError as error:
            self.handle(_declined(lease.id(), error))
        except ExceptionGroup as group_error:
            self.handle(_declined(lease.id(), _first_node_error(group_error)))
        else:
            self.handle(stimuli.Prepared(lease.id()))

    async def run(self, assignment: Assignment) -> None:
        """Runs the task and signs its receipt."""
        lease, limits = assignment.lease.message, assignment.order.message.limits
        now = int(time.time())
        work = Work(
            folder=self.home.work / lease.id(),
            spec=assignment.spec,
            limits=limits,
            blobs={one.hash: self.blobs.path(one.hash) for one in references_of(assignment.spec)},
            seed=random_seed(lease),
            seconds=max(1, seconds_to_run(lease, limits, now)),
        )
        stream = LogStream(self.client, lease.id(), work.run_folder)
        try:
            with self.blobs.in_use(work.blobs):
                async with stream:
                    result = await self.executor.run(
                        work, lambda process: self.handle(stimuli.Started(lease.id(), process))
                    )
        except NodeError as error:
            self.handle(stimuli.Failed(lease.id(), error.reason, error.detail))
            return
        receipt, manifest = make_receipt(lease, assignment.spec, result)
        signed = Signed[Receipt](message=receipt, signature=sign(self.key, self.domain, receipt))
        self.handle(stimuli.Sealed(lease.id(), SealedReceipt(signed, manifest)))

    async def upload(self, lease: Hash) -> None:
        """Brings every output to the market, those first that it does not have yet."""
        sealed = self._sealed(lease)
        done = self.journal.uploads(lease)
        try:
            for hash_ in sorted({one.hash for one in sealed.manifest.outputs} - done):
                await self._upload_one(lease, hash_)
        except NodeError as error:
            self.handle(stimuli.Refused(lease, error.reason, error.detail))
        else:
            self.handle(stimuli.Uploaded(lease))

    async def announce(self, lease: Hash) -> None:
        """Brings the receipt to the market."""
        sealed = self._sealed(lease)
        request = ReceiptRequest(receipt=sealed.receipt, manifest=sealed.manifest)
        try:
            await self._deliver(lease, request)
        except NodeError as error:
            log.warning("receipt refused", lease=lease, reason=error.reason.value, detail=error.detail)
            self.handle(stimuli.Refused(lease, error.reason, error.detail))
        else:
            self.handle(stimuli.Acknowledged(lease))

    async def hand_back(self, lease: Hash, reason: Reason, detail: str) -> None:
        """Tells the market that the lease is given up; when it does not hear it, the deadline tells it."""
        log.info("handed back", lease=lease, reason=reason.value, detail=detail)
        try:
            await until_answered(lambda: self.client.hand_back(lease, reason, detail))
        except NodeError as error:
            log.info("hand-back not taken", lease=lease, reason=error.reason.value, detail=error.detail)

    def forget(self, lease: Hash) -> None:
        """Drops the lease's work folder."""
        shutil.rmtree(self.home.work / lease, ignore_errors=True)

    async def has_room(self) -> bool:
        """Whether the work folder may take another lease."""
        return await asyncio.to_thread(folder_bytes, self.home.work) <= WORK_BYTES

    def tidy(self, held: Collection[Hash]) -> None:
        """Drops the work folders that an earlier agent did not come to drop."""
        for folder in self.home.work.iterdir():
            if folder.name not in held:
                self.forget(folder.name)

    async def _check(self, assignment: Assignment) -> None:
        if not await self.has_room():
            raise NodeError(Reason.DISK_FULL, f"the work folder holds more than {WORK_BYTES} bytes")
        now = int(time.time())
        objection = check_lease(assignment, self.terms(), now) or self._serial_objection(assignment)
        if objection is None:
            buyer = assignment.order.message.buyer
            owed = self.journal.committed(buyer, now - _OWED_SECONDS)
            objection = await self._funding_objection(assignment, owed)
        if objection is not None:
            raise NodeError(objection.reason, objection.detail)

    def _serial_objection(self, assignment: Assignment) -> Objection | None:
        """The contracts pay a serial once: a second lease under it would be work for nothing."""
        lease = assignment.lease.message
        holder = self.journal.holder_of(lease.serial)
        if holder in (None, lease.id()):
            return None
        return Objection(Reason.SERIAL_TAKEN, f"lease {holder} has this node's serial {lease.serial} already")

    async def _funding_objection(self, assignment: Assignment, owed: Mapping[Hash, int]) -> Objection | None:
        """Waits for a chain that is away, but not for so long that the market's offer lapses."""
        objection = await self.funding.check(assignment, owed, int(time.time()))
        for _ in range(_CHAIN_PATIENCE):
            if objection is None or objection.reason is not Reason.CHAIN_UNREACHABLE:
                break
            await asyncio.sleep(1)
            objection = await self.funding.check(assignment, owed, int(time.time()))
        return objection

    async def _fetch(self, assignment: Assignment) -> None:
        references = references_of(assignment.spec)
        with self.blobs.in_use(one.hash for one in references):
            for reference in references:
                await self._fetch_one(reference)

    async def _fetch_one(self, reference: BlobReference) -> None:
        try:
            await until_answered(
                lambda: self.blobs.fetch(reference.hash, reference.size, self.client.download)
            )
        except NodeError as error:
            reason = Reason.DISK_FULL if error.reason is Reason.DISK_FULL else Reason.INPUT_UNAVAILABLE
            raise NodeError(reason, error.detail) from error

    async def _deliver(self, lease: Hash, request: ReceiptRequest) -> None:
        try:
            await until_answered(lambda: self.client.receipt(lease, request))
        except NodeError as error:
            if error.reason is not Reason.INPUT_UNAVAILABLE:
                raise
            # The market lost an output after it had confirmed it.
            for hash_ in {one.hash for one in request.manifest.outputs}:
                await self._upload_one(lease, hash_)
            await until_answered(lambda: self.client.receipt(lease, request))

    async def _upload_one(self, lease: Hash, hash_: Hash) -> None:
        path = self.home.work / lease / OUTPUT_FOLDER / hash_
        try:
            if not await until_answered(lambda: self.client.has_blob(hash_)):
                await until_answered(lambda: self.client.upload(hash_, path))
        except OSError as error:
            raise NodeError(Reason.INPUT_UNAVAILABLE, f"an output is gone: {error}") from error
        self.journal.note_upload(lease, hash_)

    def _sealed(self, lease: Hash) -> SealedReceipt:
        sealed = self.journal.sealed(lease)
        if sealed is None:
            raise NodeError(Reason.NOT_FOUND, f"the journal has no receipt of lease {lease}")
        return sealed


def _declined(lease: Hash, error: NodeError) -> Stimulus:
    if error.reason is Reason.LEASE_FENCED:
        return stimuli.Fenced(lease)
    return stimuli.Declined(lease, error.reason, error.detail)


def _first_node_error(group: ExceptionGroup[Exception]) -> NodeError:
    """The reason why a group of effects failed; anything else among them is a bug and goes on."""
    expected, others = group.split(NodeError)
    if others is not None or expected is None:
        raise group
    error: BaseException = expected
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, NodeError):
        raise group
    return error
