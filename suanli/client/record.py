"""The buyer's own books: orders signed, receipts checked, verdicts given, settlements co-signed. SQLite.

What the buyer signs is decided from these alone; they are written before a signature leaves this machine.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suanli.protocol.documents import JobSpec
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import InclusionPromise, JobOrder, Netting, Receipt, Statement
from suanli.protocol.reasons import Reason
from suanli.protocol.serials import reference_of
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed

FORMAT = 3
"""A record of another format is of another deployment: its messages mean nothing to these contracts."""
_TABLES = """
CREATE TABLE IF NOT EXISTS orders (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, message TEXT NOT NULL, spec TEXT, folder TEXT,
  promise TEXT);
CREATE TABLE IF NOT EXISTS receipts (
  id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, job TEXT NOT NULL, task INTEGER NOT NULL,
  lease TEXT NOT NULL, node TEXT NOT NULL, serial TEXT NOT NULL, message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS receipts_of_task ON receipts (job, task);
CREATE UNIQUE INDEX IF NOT EXISTS receipt_of_lease ON receipts (lease);
CREATE UNIQUE INDEX IF NOT EXISTS receipt_of_serial ON receipts (node, serial);
CREATE TABLE IF NOT EXISTS verdicts (lease TEXT PRIMARY KEY, accepted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS nettings (
  receipt TEXT NOT NULL, epoch TEXT NOT NULL, batch TEXT NOT NULL, PRIMARY KEY (receipt, batch));
CREATE TABLE IF NOT EXISTS stated (
  receipt TEXT NOT NULL, statement TEXT NOT NULL, PRIMARY KEY (receipt, statement));
"""


Place = tuple[Address, int]
"""A node and one of its serials, which the contracts pay once."""


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A receipt that passed every check, for one of the buyer's own orders."""

    job: Hash
    task: int
    lease: Hash
    node: Address
    serial: int
    message: Receipt

    @property
    def place(self) -> Place:
        """The serial in its node's space."""
        return self.node, self.serial


@dataclass(frozen=True, slots=True)
class Commitment:
    """A receipt that was signed for: in which nettings (batch hash to epoch), and whether in a statement."""

    receipt: KnownReceipt
    nettings: dict[Hash, int]
    stated: bool


class Record:
    """One record file; several threads and processes may use it."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        try:
            self._database = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._create(path)
        except sqlite3.Error as error:
            raise ClientError(
                Reason.SETTINGS_INVALID, f"the record {path} cannot be used: {error}"
            ) from error

    def _create(self, path: Path | str) -> None:
        tables = self._database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        found = self._database.execute("PRAGMA user_version").fetchone()[0]
        if tables and found != FORMAT:
            detail = f"the record {path} has the unknown format {found}: put it aside"
            raise ClientError(Reason.SETTINGS_INVALID, detail)
        self._database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is read and written inside happens as one, whatever other threads and processes do."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                yield

    def add_order(self, order: JobOrder, spec: JobSpec | None, folder: Path | None = None) -> None:
        """Remember an own order; `folder` is where its results go by default."""
        content = None if spec is None else spec.canonical().decode()
        place = None if folder is None else str(folder)
        row = (order.id(), order.buyer, order.model_dump_json(), content, place)
        self._write("INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, ?, NULL)", [row])

    def set_promise(self, job: Hash, promise: Signed[InclusionPromise]) -> None:
        """Keep the operator's promise: the evidence if the order is dropped."""
        self._write("UPDATE orders SET promise = ? WHERE id = ?", [(promise.model_dump_json(), job)])

    def order(self, job: Hash) -> JobOrder | None:
        """An own order by its id."""
        row = self._one("SELECT message FROM orders WHERE id = ?", job)
        return None if row is None else JobOrder.model_validate_json(row[0])

    def spec(self, job: Hash) -> JobSpec | None:
        """The specification that an own order was made from, where this machine made it."""
        row = self._one("SELECT spec FROM orders WHERE id = ?", job)
        return None if row is None or row[0] is None else JobSpec.parse(row[0])

    def folder(self, job: Hash) -> Path | None:
        """Where the results of an own order go by default."""
        row = self._one("SELECT folder FROM orders WHERE id = ?", job)
        return None if row is None or row[0] is None else Path(row[0])

    def add_receipt(self, receipt: KnownReceipt) -> None:
        """Remember a receipt that passed every check.

        Raises ClientError(EVIDENCE_CONTRADICTS) when another receipt of the same lease, or of the same serial
        of its node, is known, and ClientError(EVIDENCE_MISSING) when its job is not.
        """
        id_, content = receipt.message.id(), receipt.message.model_dump_json()
        with self.transaction():
            self._require_order(receipt.job)
            self._refuse_second(receipt)
            work = (receipt.job, receipt.task, receipt.lease, receipt.node, str(receipt.serial))
            row = (id_, reference_of(id_), *work, content)
            self._write("INSERT OR IGNORE INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [row])

    def receipt(self, id_: Hash) -> KnownReceipt | None:
        """A checked receipt by its id."""
        row = self._one(f"{_RECEIPTS} WHERE id = ?", id_)
        return None if row is None else _known(row)

    def referenced(self, reference: str) -> KnownReceipt | None:
        """A checked receipt by the reference under which a batch names it."""
        row = self._one(f"{_RECEIPTS} WHERE reference = ?", reference)
        return None if row is None else _known(row)

    def receipts_of_task(self, job: Hash, task: int) -> list[KnownReceipt]:
        """All checked receipts of a task."""
        with self._lock:
            rows = self._database.execute(f"{_RECEIPTS} WHERE job = ? AND task = ?", (job, task)).fetchall()
        return [_known(row) for row in rows]

    def set_verdict(self, lease: Hash, accepted: bool) -> None:
        """Remember the buyer's own judgement of one lease's result."""
        self._write("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", [(lease, int(accepted))])

    def verdict(self, lease: Hash) -> bool | None:
        """The buyer's own judgement of one lease's result, None before there is one."""
        row = self._one("SELECT accepted FROM verdicts WHERE lease = ?", lease)
        return None if row is None else bool(row[0])

    def add_netting(self, netting: Netting, receipts: Iterable[Hash]) -> None:
        """Remember, before signing it, that a netting pays these receipts."""
        rows = [(receipt, str(netting.epoch), netting.batch) for receipt in receipts]
        self._write("INSERT OR IGNORE INTO nettings VALUES (?, ?, ?)", rows)

    def nettings_with(self, receipt: Hash) -> dict[Hash, int]:
        """The signed nettings that pay a receipt: batch hash to epoch."""
        rows = self._all("SELECT batch, epoch FROM nettings WHERE receipt = ?", receipt)
        return {batch: int(epoch) for batch, epoch in rows}

    def add_statement(self, statement: Statement, receipts: Iterable[Hash]) -> None:
        """Remember, before signing it, that a statement pays these receipts."""
        rows = [(one, statement.id()) for one in receipts]
        self._write("INSERT OR IGNORE INTO stated VALUES (?, ?)", rows)

    def commitments(self, job: Hash) -> list[Commitment]:
        """The receipts of a job that signed nettings or statements pay."""
        signed: dict[Hash, dict[Hash, int]] = {}
        for receipt, batch, epoch in self._all(_NETTED, job):
            signed.setdefault(receipt, {})[batch] = int(epoch)
        stated = {row[0] for row in self._all(_STATED, job)}
        ids = signed.keys() | stated
        found = (_known(row) for row in self._all(f"{_RECEIPTS} WHERE job = ?", job))
        known = ((one.message.id(), one) for one in found)
        return [Commitment(one, signed.get(id_, {}), id_ in stated) for id_, one in known if id_ in ids]

    def _require_order(self, job: Hash) -> None:
        if self._one("SELECT id FROM orders WHERE id = ?", job) is None:
            raise ClientError(Reason.EVIDENCE_MISSING, f"job {job} is no order of this record")

    def _refuse_second(self, receipt: KnownReceipt) -> None:
        id_, node, serial = receipt.message.id(), receipt.node, str(receipt.serial)
        query = "SELECT id FROM receipts WHERE id <> ? AND (lease = ? OR node = ? AND serial = ?)"
        with self._lock:
            known = self._database.execute(query, (id_, receipt.lease, node, serial)).fetchone()
        if known is not None:
            which = f"lease {receipt.lease}, serial {serial} of node {node}"
            detail = f"receipt {id_} is the second for {which}, after {known[0]}"
            raise ClientError(Reason.EVIDENCE_CONTRADICTS, detail)

    def _write(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        with self.transaction():
            self._database.executemany(statement, rows)

    def _all(self, query: str, key: str) -> list[Any]:
        with self._lock:
            return self._database.execute(query, (key,)).fetchall()

    def _one(self, query: str, key: str) -> Any:
        with self._lock:
            return self._database.execute(query, (key,)).fetchone()


_RECEIPTS = "SELECT job, task, lease, node, serial, message FROM receipts"
_NETTED = "SELECT receipt, batch, epoch FROM nettings JOIN receipts ON id = receipt WHERE job = ?"
_STATED = "SELECT receipt FROM stated JOIN receipts ON id = receipt WHERE job = ?"


def _known(row: Any) -> KnownReceipt:
    job, task, lease, node, serial, message = row
    return KnownReceipt(job, task, lease, node, int(serial), Receipt.model_validate_json(message))
