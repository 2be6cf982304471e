"""The state of the log: replaying gives the same state, and nothing is held twice or lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.core.holds import Entry, Holds, Kind, replayed, restored

NODES = ("a", "b", "c")
START = 1_000_000


def history(draw: st.DrawFn) -> tuple[Holds, list[Entry], Holds, int]:
    """A live state, its entries, a copy taken somewhere on the way, and the log's last time."""
    live, entries, at = Holds(), [], START
    snapshot = restored(live.state())
    for _ in range(draw(st.integers(0, 30))):
        at += draw(st.integers(0, 3000))
        what = draw(st.sampled_from(["take", "take", "decline", "release", "claim", "advance", "snapshot"]))
        free = [number for number, hold in live.open.items() if hold.job is None and hold.until > at]
        number, account = live.number + 1, draw(st.sampled_from(["x", "y"]))
        entry = None
        if what == "take":
            until = (at // 1000 + draw(st.integers(1, 5))) * 1000
            node = draw(st.sampled_from(NODES))
            entry = Entry(number, at, Kind.TAKEN, account, f"k{number}", number, "d", node, until)
        elif what == "decline":
            entry = Entry(number, at, Kind.DECLINED, account, f"k{number}", number, "d", None, at + 1000)
        elif what in ("release", "claim") and free:
            kind = Kind.FREED if what == "release" else Kind.CLAIMED
            entry = Entry(number, at, kind, account, hold=draw(st.sampled_from(free)), job="j", task=0)
        elif what == "snapshot":
            snapshot = restored(live.state())
        if entry is not None:
            live.apply(entry)
            entries.append(entry)
        live.advance(at)
    live.advance(at)
    return live, entries, snapshot, at


@given(st.composite(history)())
def test_a_writer_that_restarts_knows_what_it_knew(made: tuple[Holds, list[Entry], Holds, int]) -> None:
    live, entries, snapshot, at = made
    assert replayed(Holds(), entries, at).digest() == live.digest()
    tail = [entry for entry in entries if entry.number > snapshot.number]
    assert replayed(snapshot, tail, at).digest() == live.digest()


@given(st.composite(history)())
def test_what_is_reserved_is_what_is_open(made: tuple[Holds, list[Entry], Holds, int]) -> None:
    live = made[0]
    for node in NODES:
        assert live.reserved[node] == sum(hold.node == node for hold in live.open.values())
    assert sum(live.by_account.values()) == len(live.open)


def test_a_log_with_a_gap_is_refused() -> None:
    entry = Entry(2, START, Kind.TAKEN, "x", "k", 2, "d", "a", START + 1000)
    with pytest.raises(ValueError, match="follows 0"):
        Holds().apply(entry)


def test_a_claimed_hold_outlives_its_time() -> None:
    holds = Holds()
    holds.apply(Entry(1, START, Kind.TAKEN, "x", "k", 1, "d", "a", START + 1000))
    holds.apply(Entry(2, START, Kind.CLAIMED, "x", hold=1, job="j", task=0))
    assert holds.advance(START + 60_000) == []
    assert holds.reserved["a"] == 1


def test_a_key_is_forgotten_long_after_its_holds() -> None:
    holds = Holds()
    holds.apply(Entry(1, START, Kind.TAKEN, "x", "k", 1, "d", "a", START + 1000))
    holds.advance(START + 1000)
    assert ("x", "k") in holds.requests
    holds.advance(START + 1_000_000)
    assert holds.requests == {}


def test_takes_that_were_never_committed_leave_no_trace() -> None:
    holds = Holds()
    before = holds.digest()
    entries = [Entry(n, 0, Kind.TAKEN, "x", "k", 1, "d", "a", START) for n in (1, 2)]
    for entry in entries:
        holds.apply(entry)
    holds.revert(entries)
    assert holds.digest() == before
    holds.advance(START + 10**7)
    assert holds.reserved == {}
