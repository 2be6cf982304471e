"""An order's holds: claimed by the writer before the order is taken in, given back where it is not."""

from collections.abc import Iterator
from contextlib import contextmanager

from anyio import from_thread
from fastapi import Request

from market.api.context import runtime_of
from market.api.quotes import writer_of
from market.services import holds
from market.services.step import step
from suanli.protocol.errors import SuanliError
from suanli.protocol.values import Address
from suanli.protocol.wire.jobs import JobRequest


@contextmanager
def claimed(http: Request, account: Address, request: JobRequest) -> Iterator[None]:
    """The block takes the order in; for routes that run in a thread.

    Raises MarketError(NOT_THE_WRITER | QUOTE_EXPIRED | STATE_CONFLICT | ...), and nothing is claimed.
    """
    if not request.holds:
        yield
        return
    order, writer = request.order.message, from_thread.run(writer_of, http)
    with step(runtime_of(http)) as session:
        pairs = holds.assigned(session, order, request.holds)
    from_thread.run(writer.claim, account, order.id(), pairs)
    try:
        yield
    except SuanliError:
        with step(runtime_of(http)) as session:
            is_known = holds.is_known(session, order)
        if not is_known:
            from_thread.run(writer.unclaim, list(request.holds))
        raise
