"""Events are read once, whatever the chain's node allows, and forgotten when the chain was reorganised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.direct.event_store import EventStore, Log
from suanli.direct.scan import Scan
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason

ADDRESS = "0x" + "a1" * 20
TOPIC = b"\x01" * 32


class Blocks:
    """A chain of blocks, each named by its whole past, with one log in some; it hands out few at a time."""

    def __init__(self, most: int = 1_000) -> None:
        self.marks: list[str] = ["genesis"]
        self.most, self.asked = most, 0

    def mine(self, *marks: str) -> None:
        """Adds a block for each mark; one that is not empty has a log that says it."""
        self.marks += marks

    def reorganise(self, height: int, *marks: str) -> None:
        """Other blocks from `height` on."""
        self.marks[height:] = marks

    def block_number(self) -> int:
        """The newest block."""
        return len(self.marks) - 1

    def hash_at(self, block: int) -> str | None:
        """Commits to the block's past."""
        return "/".join(self.marks[: block + 1]) if block < len(self.marks) else None

    def logs(self, first: int, last: int) -> list[Log]:
        """Refuses ranges that are too long, as nodes do."""
        if last - first + 1 > self.most:
            raise ChainError(Reason.TRANSACTION_REFUSED, "too many blocks")
        self.asked += last - first + 1
        return [
            Log(at, 0, ADDRESS, (TOPIC,), self.marks[at].encode())
            for at in range(first, last + 1)
            if self.marks[at]
        ]


def silent(done: int, total: int) -> None:
    """Nobody looks."""


def known(scan: Scan) -> list[str]:
    """What the kept logs say."""
    return [one.data.decode() for one in scan.store.find(ADDRESS, [TOPIC])]


@pytest.fixture
def blocks() -> Blocks:
    """A chain of three blocks after the first."""
    made = Blocks()
    made.mine("one", "", "three")
    return made


def test_a_block_is_read_once(blocks: Blocks) -> None:
    scan = Scan(EventStore(), 1, silent)
    scan.update(blocks)
    assert (known(scan), blocks.asked) == (["one", "three"], 3)
    scan.update(blocks)
    assert blocks.asked == 3
    blocks.mine("four")
    scan.update(blocks)
    assert (known(scan), blocks.asked) == (["one", "three", "four"], 4)


def test_a_range_that_the_node_refuses_is_halved_until_it_is_taken(blocks: Blocks) -> None:
    blocks.most = 2
    blocks.mine(*map(str, range(20)))
    told: list[tuple[int, int]] = []
    scan = Scan(EventStore(), 0, lambda done, total: told.append((done, total)))
    scan.update(blocks)
    assert len(known(scan)) == 23
    assert told[-1] == (24, 24)
    blocks.most = 0
    blocks.mine("more")
    with pytest.raises(ChainError):
        scan.update(blocks)


def test_what_a_reorganisation_took_away_is_forgotten(blocks: Blocks) -> None:
    scan = Scan(EventStore(), 1, silent, step=1)
    scan.update(blocks)
    blocks.reorganise(3, "other", "more")
    scan.update(blocks)
    assert known(scan) == ["one", "other", "more"]
    blocks.reorganise(2)  # shorter than what was read
    scan.update(blocks)
    assert known(scan) == ["one"]


def test_another_chain_in_the_same_place_is_read_from_its_beginning(blocks: Blocks) -> None:
    scan = Scan(EventStore(), 0, silent)
    scan.update(blocks)
    fresh = Blocks()
    fresh.marks = ["another genesis", "two"]
    scan.update(fresh)
    assert known(scan) == ["another genesis", "two"]


@given(st.lists(st.tuples(st.integers(1, 12), st.lists(st.sampled_from(["", "x", "y"]), max_size=6))))
def test_after_any_history_the_kept_events_are_the_chains(history: list[tuple[int, list[str]]]) -> None:
    blocks, scan = Blocks(most=3), Scan(EventStore(), 0, silent, step=4)
    for height, marks in history:
        blocks.reorganise(min(height, len(blocks.marks)), *marks)
        scan.update(blocks)
        assert known(scan) == [mark for mark in blocks.marks if mark]
