"""What became of the transactions that the relayer sent, up to the indexed block.

Written by the indexer, in step with the events, so that a confirmed intent's effects are visible, too.
"""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from market.chain.client import Chain, Mined
from market.chain.contracts import Call
from market.db.queries import events, outbox
from market.db.session import transaction
from market.db.tables.outbox import IntentRow, TransmissionRow
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash
from suanli.protocol.wire.accounts import IntentState


@dataclass(frozen=True, slots=True)
class Fate:
    """How a sent intent ended; `revert` says why when it failed."""

    intent: str
    mined: Mined
    revert: str | None


def intent_topic(intent: str) -> str:
    """What someone waits for who wants an intent done."""
    return f"intent:{intent}"


def of_intents(engine: Engine, chain: Chain, last_block: int) -> list[Fate]:
    """The fates of sent intents that are mined in or below a block."""
    with transaction(engine) as session:
        flying = [row.id for row in outbox.in_flight(session)]
        owners = {row.hash: row.intent for row in outbox.transmissions(session, flying)}
    mined = chain.mined(list(owners))
    return [
        Fate(owners[hash_], one, None if one.succeeded else _why_reverted(chain, hash_, one.block))
        for hash_, one in mined.items()
        if one.block <= last_block
    ]


def write(session: Session, found: list[Fate]) -> None:
    """Marks the intents confirmed or failed."""
    for fate in found:
        row = session.get_one(IntentRow, fate.intent, with_for_update=True)
        row.transaction, row.block = fate.mined.transaction, fate.mined.block
        row.state = IntentState.CONFIRMED if fate.mined.succeeded else IntentState.FAILED
        row.reason = None if fate.mined.succeeded else Reason.CONTRACT_REVERTED
        row.detail = fate.revert
        events.wake(session, intent_topic(row.id))


def undo(session: Session, above: int) -> None:
    """The blocks above a number are no more: their transactions are broadcast again, byte for byte."""
    rows = session.exec(select(IntentRow).where(col(IntentRow.block) > above).with_for_update()).all()
    for row in rows:
        row.state, row.block = IntentState.SENT, None
        row.reason = row.detail = None
    sent = select(TransmissionRow).where(col(TransmissionRow.intent).in_([row.id for row in rows]))
    for transmission in session.exec(sent):
        transmission.broadcast_at = None


def _why_reverted(chain: Chain, transaction_: Hash, block: int) -> str:
    """Runs the transaction once more on the state before its block; other transactions may have mattered."""
    sent = chain.transaction(transaction_)
    if sent is None:
        return "the transaction was reverted"
    try:
        chain.call(Call(sent.to, "0x" + sent.data.hex(), sent.value), sent.sender, block - 1)
    except ChainError as error:
        return error.detail
    return "the transaction was reverted by what came before it in its block"
