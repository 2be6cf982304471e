"""The market's loops: what each does in a step and how long it waits for the next."""

import threading
from collections.abc import Callable

from sqlmodel import Session

from market.chain.anchorer import Anchorer
from market.chain.client import Chain
from market.chain.indexer import Indexer
from market.chain.relayer import Relayer
from market.roles.loop import Loop
from market.runtime import Runtime
from market.services import bundles, guard, settle, statements
from market.services.clear import clear
from market.services.step import step
from market.services.sweep import sweep
from market.services.wakes import CLEARING
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason

TIDYING: tuple[Callable[[Session, Runtime, int], object], ...] = (
    settle.take_back_failed,
    settle.drop_silent,
    bundles.split_failed,
    statements.take_back_failed,
)
"""What the settler does all the time, each in a transaction of its own."""
PROPOSING: tuple[Callable[[Session, Runtime, int], object], ...] = (
    bundles.send_signed,
    statements.propose,
    settle.propose,
    guard.release_ended,
)
"""What it does once an interval; statements that are signed meanwhile are sent together."""
_SETTLER_SECONDS = 0.5


def make_loops(runtime: Runtime, chain: Chain, started_at: int) -> dict[str, Loop]:
    """Every loop by its role. `started_at` is when this process began to hear from nodes."""
    settings = runtime.settings
    retry = settings.retry_maximum_seconds
    indexer, relayer = Indexer(runtime, chain), Relayer(runtime, chain)
    loops = [
        Loop("matcher", _matcher(runtime), _until_news(runtime), retry),
        Loop("settler", _settler(runtime), _for(min(_SETTLER_SECONDS, settings.settlement_seconds)), retry),
        Loop("relayer", lambda now: relayer.step(now) > 0, _for(settings.relay_seconds), retry),
        Loop("anchorer", Anchorer(runtime, chain).step, _for(settings.anchor_seconds), retry),
        Loop("indexer", lambda now: indexer.step(int(now)), _for(settings.index_seconds), retry),
        Loop("sweeper", _sweeper(runtime, started_at), _for(settings.sweep_seconds), retry),
    ]
    return {loop.role: loop for loop in loops}


def _matcher(runtime: Runtime) -> Callable[[float], bool]:
    def match(now: float) -> bool:
        try:
            with step(runtime) as session:
                clear(session, runtime, int(now))
        except MarketError as error:
            if error.reason is not Reason.STATE_CONFLICT:
                raise
            with step(runtime) as session:  # whoever takes and releases all the time must not stop the rounds
                clear(session, runtime, int(now), alone=True)
        return False

    return match


def _settler(runtime: Runtime) -> Callable[[float], bool]:
    proposed_at = 0.0

    def settle_due(now: float) -> bool:
        nonlocal proposed_at
        for tidy in TIDYING:
            with step(runtime) as session:
                tidy(session, runtime, int(now))
        if now - proposed_at >= runtime.settings.settlement_seconds:
            for propose in PROPOSING:
                with step(runtime) as session:
                    propose(session, runtime, int(now))
            proposed_at = now
        return False

    return settle_due


def _sweeper(runtime: Runtime, started_at: int) -> Callable[[float], bool]:
    def sweep_once(now: float) -> bool:
        with step(runtime) as session:
            sweep(session, runtime, int(now), started_at)
        return False

    return sweep_once


def _for(seconds: float) -> Callable[[threading.Event], object]:
    return lambda stop: stop.wait(seconds)


def _until_news(runtime: Runtime) -> Callable[[threading.Event], object]:
    """An epoch stays open for its seconds after the first order, ask or free slot: others may join unseen.

    It waits by a clock that only goes forward, so a jump of the date neither skips nor stretches an epoch.
    """

    def pause(stop: threading.Event) -> None:
        seconds = runtime.settings.epoch_seconds
        if runtime.wakes.wait_blocking(CLEARING, seconds):
            stop.wait(seconds)

    return pause
