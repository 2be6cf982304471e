"""The journal of leases: what a `kill -9` at any moment must not take away. SQLite in WAL mode.

A receipt is on disk (synchronous FULL) before anyone hears of it. `settlement_journal` keeps what was signed
for payment in the same file. Nothing here decides anything.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from provider_agent.instructions import Held
from suanli.protocol.documents import ResultManifest
from suanli.protocol.errors import NodeError
from suanli.protocol.messages import Ask, Receipt
from suanli.protocol.offering import Offering
from suanli.protocol.reasons import Reason
from suanli.protocol.states import RUN, RunState, is_final
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed
from suanli.protocol.wire.nodes import AskRequest, Assignment

FORMAT = "4"
"""A journal of another format is of another deployment: its messages mean nothing to these contracts."""
_BUSY_MILLISECONDS = 10_000
_DURABLE = frozenset({RunState.STARTING, RunState.FINISHED})
FaultPoint = Callable[[str], None]
"""Called around each commit with its name; tests end the process there."""


@dataclass(frozen=True, slots=True)
class SealedReceipt:
    """A signed receipt and the manifest that it commits to."""

    receipt: Signed[Receipt]
    manifest: ResultManifest


def no_fault(point: str) -> None:
    """The fault point of production: nothing happens."""


def open_database(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """The journal's database, made when it is not there. Raises NodeError(SETTINGS_INVALID)."""
    try:
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        database = sqlite3.connect(uri, uri=True, isolation_level=None)
        database.row_factory = sqlite3.Row
        database.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        found = _format(database)
        if found is None and not read_only:
            _create(database)
            found = _format(database)
    except sqlite3.Error as error:
        raise NodeError(Reason.SETTINGS_INVALID, f"the journal {path} cannot be opened: {error}") from error
    if found != FORMAT:
        detail = f"the journal {path} has the unknown format {found}: make a new home with `suanli node init`"
        raise NodeError(Reason.SETTINGS_INVALID, detail)
    return database


@contextmanager
def transaction(database: sqlite3.Connection, *, durable: bool) -> Iterator[None]:
    """One change, all or nothing. A durable one survives a power cut, the others a `kill -9` only."""
    database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


class Journal:
    """Leases, uploads, asks and small facts."""

    def __init__(self, database: sqlite3.Connection, fault: FaultPoint = no_fault) -> None:
        self.database = database
        self._fault = fault

    def add(self, assignment: Assignment, held: Held, now: int) -> None:
        """The first record of a lease; one that is there already stays as it is, a serial its holder's."""
        lease, order = assignment.lease.message, assignment.order.message
        serial, cap = str(lease.serial), str(lease.cap)
        row = (held.lease, order.buyer, lease.order, serial, held.deadline, cap, held.state, held.starts)
        reason = held.reason and held.reason.value
        with self._change(f"{held.state}", durable=False):
            self.database.execute(
                "INSERT OR IGNORE INTO leases (lease, buyer, job, serial, deadline, cap, state, starts,"
                " reason, detail, assignment, created_at, changed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, reason, held.detail, assignment.model_dump_json(), now, now),
            )
            self.database.execute("INSERT OR IGNORE INTO serials VALUES (?, ?)", (serial, held.lease))

    def change(self, held: Held, now: int) -> None:
        """A lease's new state."""
        with self._change(held.state, durable=held.state in _DURABLE):
            self._update(held, now)

    def finish(self, held: Held, sealed: SealedReceipt, now: int) -> None:
        """A lease's new state with its receipt, which is never replaced once it is here."""
        receipt = sealed.receipt.message
        with self._change(held.state, durable=True):
            self._update(held, now)
            self.database.execute(
                "UPDATE leases SET receipt_id = ?, receipt = ?, manifest = ?, amount = ?"
                " WHERE lease = ? AND receipt_id IS NULL",
                (
                    receipt.id(),
                    sealed.receipt.model_dump_json(),
                    sealed.manifest.model_dump_json(),
                    str(receipt.amount),
                    held.lease,
                ),
            )

    def relevant(self, now: int) -> list[Held]:
        """Leases that are not over, and those that are but could still be offered again; oldest first."""
        final = [state.value for state in RunState if is_final(RUN, state)]
        marks = ", ".join("?" * len(final))
        rows = self.database.execute(
            f"SELECT * FROM leases WHERE state NOT IN ({marks}) OR deadline > ? ORDER BY created_at, lease",
            (*final, now),
        )
        return [_held(row) for row in rows]

    def assignment(self, lease: Hash) -> Assignment:
        """The lease as the market assigned it. Raises NodeError(NOT_FOUND)."""
        return Assignment.model_validate_json(self._row(lease)["assignment"])

    def sealed(self, lease: Hash) -> SealedReceipt | None:
        """The lease's receipt and manifest, when it has one."""
        row = self._row(lease)
        if row["receipt"] is None:
            return None
        receipt = Signed[Receipt].model_validate_json(row["receipt"])
        return SealedReceipt(receipt, ResultManifest.parse(row["manifest"]))

    def committed(self, buyer: Address, since: int) -> dict[Hash, int]:
        """Atoms that the buyer owes this node or may come to owe it for leases that it holds, by order.

        Receipts acknowledged before `since` and still unpaid do not count: they were not accepted.
        """
        states = [state.value for state in RunState if not is_final(RUN, state)]
        marks = ", ".join("?" * len(states))
        rows = self.database.execute(
            "SELECT job, COALESCE(amount, cap) AS atoms FROM leases WHERE buyer = ? AND (state IN"
            f" ({marks}) OR state = ? AND changed_at >= ?"
            " AND receipt_id NOT IN (SELECT receipt_id FROM settlements)"
            " AND lease NOT IN (SELECT lease FROM claims))",
            (buyer, *states, RunState.ACKED.value, since),
        )
        owed = Counter[Hash]()
        for row in rows:
            owed[row["job"]] += int(row["atoms"])
        return dict(owed)

    def holder_of(self, serial: int) -> Hash | None:
        """The lease that came first with a serial of the node, whatever became of it."""
        row = self.database.execute("SELECT lease FROM serials WHERE serial = ?", (str(serial),)).fetchone()
        return None if row is None else str(row["lease"])

    def note_upload(self, lease: Hash, hash_: Hash) -> None:
        """The market has this output of the lease."""
        with self._change("UPLOAD", durable=False):
            self.database.execute("INSERT OR IGNORE INTO uploads VALUES (?, ?)", (lease, hash_))

    def uploads(self, lease: Hash) -> set[Hash]:
        """The outputs of the lease that the market has."""
        rows = self.database.execute("SELECT hash FROM uploads WHERE lease = ?", (lease,))
        return {row["hash"] for row in rows}

    def add_ask(self, request: AskRequest, now: int) -> None:
        """A new standing ask with its offering; the one before it is replaced."""
        offering = None if request.offering is None else request.offering.model_dump_json()
        with self._change("ASK", durable=True):
            self.database.execute("UPDATE asks SET replaced_at = ? WHERE replaced_at IS NULL", (now,))
            message = request.ask.message
            self.database.execute(
                "INSERT INTO asks VALUES (?, ?, ?, ?, ?, NULL)",
                (
                    str(message.nonce),
                    message.model_dump_json(),
                    request.ask.signature,
                    offering,
                    message.expiry,
                ),
            )

    def standing_ask(self) -> AskRequest | None:
        """The ask that no other has replaced, with its offering."""
        columns = "SELECT ask, signature, offering FROM asks WHERE replaced_at IS NULL"
        row = self.database.execute(columns).fetchone()
        if row is None:
            return None
        signed = Signed[Ask](message=Ask.model_validate_json(row["ask"]), signature=row["signature"])
        offering = None if row["offering"] is None else Offering.parse(row["offering"])
        return AskRequest(ask=signed, offering=offering)

    def asks(self, replaced_after: int) -> list[Ask]:
        """The standing ask first, then those replaced since `replaced_after`, newest first."""
        rows = self.database.execute(
            "SELECT ask FROM asks WHERE replaced_at IS NULL OR replaced_at >= ?"
            " ORDER BY replaced_at IS NOT NULL, replaced_at DESC",
            (replaced_after,),
        )
        return [Ask.model_validate_json(row["ask"]) for row in rows]

    def fact(self, name: str) -> str | None:
        """A small fact by name."""
        row = self.database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def set_fact(self, name: str, value: str, *, durable: bool = True) -> None:
        """Sets a small fact."""
        with transaction(self.database, durable=durable):
            self.database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _update(self, held: Held, now: int) -> None:
        process_id, born = held.process or (None, None)
        self.database.execute(
            "UPDATE leases SET state = ?, starts = ?, process_id = ?, process_born = ?, reason = ?,"
            " detail = ?, changed_at = ? WHERE lease = ?",
            (
                held.state.value,
                held.starts,
                process_id,
                born,
                held.reason and held.reason.value,
                held.detail,
                now,
                held.lease,
            ),
        )

    def _row(self, lease: Hash) -> sqlite3.Row:
        row: sqlite3.Row | None = self.database.execute(
            "SELECT * FROM leases WHERE lease = ?", (lease,)
        ).fetchone()
        if row is None:
            raise NodeError(Reason.NOT_FOUND, f"the journal has no lease {lease}")
        return row

    @contextmanager
    def _change(self, name: str, *, durable: bool) -> Iterator[None]:
        self._fault(f"before:{name}")
        with transaction(self.database, durable=durable):
            yield
        self._fault(f"after:{name}")


def _format(database: sqlite3.Connection) -> str | None:
    """The format of the journal in a file, None for a file that has none yet."""
    made = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone()
    if made is None:
        return None
    row = database.execute("SELECT value FROM facts WHERE name = 'format'").fetchone()
    return None if row is None else str(row["value"])


def _create(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA foreign_keys = ON")
    schema = files("provider_agent").joinpath("journal_schema.sql").read_text("utf-8")
    # In one transaction: a journal that was cut off while it was made is no journal.
    mark = f"INSERT OR IGNORE INTO facts VALUES ('format', '{FORMAT}')"
    database.executescript(f"BEGIN IMMEDIATE; {schema} {mark}; COMMIT")


def _held(row: sqlite3.Row) -> Held:
    process = None if row["process_id"] is None else (row["process_id"], row["process_born"])
    reason = None if row["reason"] is None else Reason(row["reason"])
    return Held(
        lease=row["lease"],
        deadline=row["deadline"],
        state=RunState(row["state"]),
        starts=row["starts"],
        process=process,
        reason=reason,
        detail=row["detail"],
    )
