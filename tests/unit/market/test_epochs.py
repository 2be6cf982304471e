"""How long an epoch stays open, whatever the date does."""

import threading
from types import SimpleNamespace

from market.roles.loops import _until_news
from market.services.wakes import CLEARING, Wakes


class RecordingStop(threading.Event):
    """Notes how long it was waited on, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return False


def pause(seconds: float, *, news: bool) -> list[float | None]:
    wakes, stop = Wakes(), RecordingStop()
    runtime = SimpleNamespace(wakes=wakes, settings=SimpleNamespace(epoch_seconds=seconds))
    waiting = threading.Thread(target=_until_news(runtime), args=(stop,))  # type: ignore[arg-type]
    waiting.start()
    while news and waiting.is_alive() and not stop.waits:
        wakes.notify(CLEARING)
    waiting.join()
    return stop.waits


def test_an_epoch_stays_open_after_its_first_order_so_that_others_can_join() -> None:
    assert pause(20.0, news=True) == [20.0]


def test_an_epoch_without_news_ends_with_its_seconds() -> None:
    assert pause(0.01, news=False) == []
