"""The writer's life beside the API: it runs on the API's event loop for as long as the application serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from fastapi import FastAPI

from market.core.spot.desk import Allowance
from market.runtime import Runtime
from market.services.floor import look
from market.services.wakes import CLEARING
from market.writer.writer import Writer


@asynccontextmanager
async def writing(app: FastAPI) -> AsyncIterator[None]:
    """Makes the application's process a candidate for the writer."""
    runtime: Runtime = app.state.runtime
    app.state.writer = writer = make_writer(runtime)
    tasks = [asyncio.create_task(writer.run()), asyncio.create_task(_keep_awake(runtime, writer))]
    try:
        yield
    finally:
        app.state.writer = None
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def make_writer(runtime: Runtime) -> Writer:
    """A writer of the runtime's database and settings."""
    settings = runtime.settings
    allowance = Allowance(
        open_holds=settings.open_holds_per_account,
        copies_per_second=settings.takes_per_second,
        seconds=settings.hold_seconds_maximum,
    )
    return Writer(
        runtime.engine.url, settings.writer_origin, allowance, partial(look, runtime), settings.look_seconds
    )


async def _keep_awake(runtime: Runtime, writer: Writer) -> None:
    """The floor follows at once what this process hears of: a new ask, an ended lease."""
    while True:
        if await runtime.wakes.wait(CLEARING, 60):
            writer.look_soon()
