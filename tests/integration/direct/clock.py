"""The chain's clock runs while a command waits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.anvil import Anvil

STEP_SECONDS = 900


@contextmanager
def clock_running(chain: Anvil, step: int = STEP_SECONDS) -> Iterator[None]:
    """Hours pass on the chain while the body runs."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.2):
            chain.rpc("evm_increaseTime", step)
            chain.mine()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
