"""The journal's part about jury duty. A verdict and its salt are on disk before the seal leaves the machine.

Without its salt a sealed verdict cannot be opened, and the juror loses stake.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from provider_agent.journal import FaultPoint, no_fault, transaction
from provider_agent.judging.duty import UNFINISHED, Duty, DutyState, Seat, Verdict
from suanli.protocol.court import Claim
from suanli.protocol.messages import Usage
from suanli.protocol.values import Hash

SCANNED_FACT = "court_scanned_block"
_KEY = "dispute = ? AND round = ? AND seat = ?"


class DutyJournal:
    """Seats, verdicts, salts."""

    def __init__(self, database: sqlite3.Connection, fault: FaultPoint = no_fault) -> None:
        self._database = database
        self._fault = fault

    def summon(self, duties: Sequence[Duty], scanned: int) -> None:
        """These seats were drawn for the node; draws have been read up to block `scanned`.

        A seat that is drawn again, after the chain took a draw back, keeps its verdict.
        """
        with transaction(self._database, durable=bool(duties)):
            self._database.executemany(
                "INSERT INTO duties (dispute, round, seat, drawn_at, block, seal_until, open_until, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET drawn_at = excluded.drawn_at,"
                " block = excluded.block, seal_until = excluded.seal_until, open_until = excluded.open_until",
                [_row(duty) for duty in duties],
            )
            self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (SCANNED_FACT, str(scanned)))

    def find(self, seat: Seat, claim: Claim) -> None:
        """The claim that a seat's panel judges."""
        with transaction(self._database, durable=False):
            question = f"UPDATE duties SET claim = ? WHERE {_KEY}"
            self._database.execute(question, (json.dumps(asdict(claim)), *_key(seat)))

    def judge(self, seat: Seat, verdict: Verdict, salt: Hash, grounds: str) -> None:
        """The seat's verdict and salt, durable when this returns; neither is ever replaced."""
        self._fault("before:VERDICT")
        with transaction(self._database, durable=True):
            self._database.execute(
                "UPDATE duties SET outcome = ?, result = ?, usage = ?, salt = ?, state = ?, grounds = ?,"
                f" reason = '', detail = '' WHERE {_KEY} AND salt IS NULL",
                (
                    int(verdict.outcome),
                    verdict.result,
                    verdict.usage.model_dump_json(),
                    salt,
                    DutyState.JUDGED.value,
                    grounds,
                    *_key(seat),
                ),
            )
        self._fault("after:VERDICT")

    def move(self, seat: Seat, state: DutyState) -> None:
        """How far the court's record is; what was in the way is not any more."""
        self._fault(f"before:{state.value}")
        with transaction(self._database, durable=False):
            question = f"UPDATE duties SET state = ?, reason = '', detail = '' WHERE {_KEY}"
            self._database.execute(question, (state.value, *_key(seat)))
        self._fault(f"after:{state.value}")

    def note(self, seat: Seat, reason: str, detail: str) -> None:
        """What is in the way of the next step."""
        with transaction(self._database, durable=False):
            question = f"UPDATE duties SET reason = ?, detail = ? WHERE {_KEY}"
            self._database.execute(question, (reason, detail, *_key(seat)))

    def watched(self, now: int) -> list[Duty]:
        """Duties that are not over, the most urgent first."""
        return [duty for duty in self.all() if duty.state in UNFINISHED or duty.open_until >= now]

    def all(self) -> list[Duty]:
        """Every duty, by the end of its sealing time."""
        rows = self._database.execute("SELECT * FROM duties ORDER BY seal_until, dispute, round, seat")
        return [_duty(row) for row in rows]


def _key(seat: Seat) -> tuple[Any, ...]:
    return seat.dispute, seat.round, seat.number


def _row(duty: Duty) -> tuple[Any, ...]:
    seat = duty.seat
    times = seat.drawn_at, seat.block, duty.seal_until, duty.open_until
    return (*_key(seat), *times, duty.state.value)


def _duty(row: sqlite3.Row) -> Duty:
    claim = None if row["claim"] is None else Claim(**json.loads(row["claim"]))
    verdict = None
    if row["salt"] is not None:
        verdict = Verdict(row["outcome"], row["result"], Usage.model_validate_json(row["usage"]))
    return Duty(
        seat=Seat(row["dispute"], row["round"], row["seat"], row["drawn_at"], row["block"]),
        seal_until=row["seal_until"],
        open_until=row["open_until"],
        state=DutyState(row["state"]),
        claim=claim,
        verdict=verdict,
        salt=row["salt"],
        grounds=row["grounds"],
        reason=row["reason"],
        detail=row["detail"],
    )
