"""What is written from the Python for other languages is not older than the Python."""

from tests.parity import vectors
from tools import mirror_typescript


def test_vectors_that_typescript_is_held_against_are_current() -> None:
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.text(), "run python -m tests.parity.vectors"


def test_typescript_mirror_is_current() -> None:
    assert list(mirror_typescript.stale_files()) == [], "run python -m tools.mirror_typescript"
