"""The bar for long readings of the chain, on a real terminal."""

import os
import pty
import subprocess
import sys

READING = """
from suanli.direct.screen import ScanBar
bar = ScanBar()
for done in (10_000, 20_000, 30_000):
    bar(done, 30_000)
    if bar._bar is not None:
        bar._bar.refresh()
bar(1, 1)
"""
CURSOR_BACK = b"\x1b[?25h"


def test_a_long_reading_shows_a_bar_that_advances_and_leaves() -> None:
    """While it runs, the bar stands in stderr's place."""
    terminal, end = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", READING], stderr=end, check=True, env={**os.environ, "TERM": "xterm"}
    )
    os.close(end)
    seen = os.read(terminal, 1 << 16)
    os.close(terminal)
    assert b"10000/30000" in seen
    assert b"20000/30000" in seen
    assert CURSOR_BACK in seen


def test_a_file_gets_no_bar() -> None:
    done = subprocess.run([sys.executable, "-c", READING], capture_output=True, check=True)
    assert done.stderr == b""
