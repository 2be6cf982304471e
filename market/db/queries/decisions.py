"""The log of decisions in SQL: how it is appended to, read again, and what a clearing must know of it.

`APPEND` is the whole of a commit: it writes nothing unless term, number and clearings are as known.
"""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from market.core.holds import Entry, Kind
from market.db.tables.decisions import WriterRow

COLUMNS = {
    "kind": "text",
    "account": "text",
    "key": "text",
    "first": "bigint",
    "request": "text",
    "node": "text",
    "until": "bigint",
    "hold": "bigint",
    "job": "text",
    "task": "int",
    "body": "text",
}
"""Of an entry, beside its number and time; in the order of `Entry`'s fields."""
_SEPARATOR = "\n"
_NAMES = ", ".join(COLUMNS)
# One text per column is read many times faster, on both sides, than an array of as many values.
_LISTS = ", ".join(
    f"string_to_array(%({name})s::text, E'\\n', ''){'' if type_ == 'text' else f'::{type_}[]'}"
    for name, type_ in COLUMNS.items()
)

_LED = """
WITH led AS (
  UPDATE writer SET number = number + %(count)s, at = greatest(at, %(at)s)
  WHERE id = 1 AND term = %(term)s AND number = %(before)s AND occupied = %(occupied)s RETURNING term
)"""
ADVANCE = f"{_LED} SELECT count(*) FROM led"
"""Lets time pass without an entry."""
_WRITTEN = f"""
INSERT INTO decisions (term, at, number, {_NAMES})
  SELECT led.term, %(at)s, %(before)s + place, {_NAMES}
  FROM led, unnest({_LISTS}) WITH ORDINALITY AS entry({_NAMES}, place)"""
APPEND = f"{_LED}, written AS ({_WRITTEN} RETURNING 1) SELECT count(*) FROM led"
"""Appends takes."""
APPEND_CLAIMS = f"""{_LED}, written AS ({_WRITTEN} RETURNING kind, hold, job, task, node),
claimed AS (INSERT INTO hold_claims (hold, job, task, node)
  SELECT hold, job, task, node FROM written WHERE kind = '{Kind.CLAIMED}'),
ended AS (DELETE FROM hold_claims USING written
  WHERE written.kind = '{Kind.FREED}' AND hold_claims.hold = written.hold)
SELECT count(*) FROM led"""
"""Appends any entries, and keeps the open claims."""

BEGIN_TERM = """
UPDATE writer SET term = term + 1, url = %(url)s WHERE id = 1 RETURNING term, number, at, occupied"""
POSITION = "SELECT term, number, at, occupied FROM writer WHERE id = 1"
SNAPSHOT = "SELECT number, digest, state FROM decision_snapshots ORDER BY number DESC LIMIT 1"
TAIL = f"SELECT number, at, {_NAMES} FROM decisions WHERE number > %(number)s ORDER BY number"
ANSWERS = "SELECT body FROM decisions WHERE number BETWEEN %(first)s AND %(last)s ORDER BY number"
KEEP_SNAPSHOT = """
WITH kept AS (INSERT INTO decision_snapshots (number, term, digest, state)
  SELECT %(number)s, term, %(digest)s, %(state)s FROM writer WHERE id = 1 AND term = %(term)s
  ON CONFLICT DO NOTHING RETURNING number)
DELETE FROM decision_snapshots USING kept WHERE decision_snapshots.number < kept.number"""


_HELD = sa.text(f"""
SELECT node, count(*) FROM (
  SELECT node FROM decisions AS taken, writer
    WHERE kind = '{Kind.TAKEN}' AND until > writer.at
    AND NOT EXISTS (
      SELECT FROM decisions AS freed WHERE freed.kind = '{Kind.FREED}' AND freed.hold = taken.number)
    AND NOT EXISTS (SELECT FROM hold_claims WHERE hold_claims.hold = taken.number)
  UNION ALL SELECT node FROM hold_claims
) AS held GROUP BY node""")


def lists_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Entries as the columns that `APPEND` takes: one line for each, empty where there is nothing."""
    columns = list(zip(*entries, strict=True))[2:]
    return {
        name: _SEPARATOR.join(["" if value is None else str(value) for value in column])
        for name, column in zip(COLUMNS, columns, strict=True)
    }


def writer_url(session: Session) -> str:
    """Where the last writer answers or answered; empty when there was none."""
    row = session.get(WriterRow, 1)
    return "" if row is None else row.url


def held_slots(session: Session) -> Counter[str]:
    """Slots by node that are held: open holds, and claimed ones that no lease has served yet."""
    return Counter({str(node): int(count) for node, count in session.execute(_HELD)})
