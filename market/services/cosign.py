"""How the parties of a batch say yes or no to it; who may not, changes nothing."""

from sqlmodel import Session

from market.core.settlement import ProposalState
from market.db.queries import settlement
from market.db.queries.explained import explained
from market.db.tables.settle import BatchPartyRow, BatchRow
from market.runtime import Runtime
from market.services.settle import leave_out, netting_of, send_if_complete, why_may_not_sign
from market.services.signers import active_delegation
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import compacted, recover
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Explanation
from suanli.protocol.wire.settlement import BatchProposal, BatchView, PartyView


def waiting_for(session: Session, party: Address) -> list[BatchProposal]:
    """The batches that wait for a party's signature."""
    return [proposal(session, row) for row in settlement.batches_waiting_for(session, party)]


def proposal(session: Session, row: BatchRow) -> BatchProposal:
    """A batch as its parties get it."""
    parties = [party.party for party in settlement.batch_parties(session, row.id)]
    return BatchProposal(id=row.id, netting=netting_of(row), packed="0x" + row.packed.hex(), parties=parties)


def batch_view(session: Session, row: BatchRow) -> BatchView:
    """A batch in public; signatures are shown by the chain once they count."""
    parties = [
        PartyView(
            party=place.party,
            signed=place.signature is not None,
            reason=explained(place.reason, place.detail),
        )
        for place in settlement.batch_parties(session, row.id)
    ]
    return BatchView(
        id=row.id,
        netting=netting_of(row),
        packed="0x" + row.packed.hex(),
        state=row.state.value,
        parties=parties,
        created_at=row.created_at,
        transaction=row.transaction,
        reason=explained(row.reason, row.detail),
        root=row.root,
    )


def sign_batch(
    session: Session, runtime: Runtime, batch: Hash, party: Address, signature: str, now: int
) -> None:
    """Takes a party's signature, or its delegate's; the last one sends the batch off.

    Raises MarketError(NOT_FOUND | STATE_CONFLICT | SIGNER_MISMATCH | DELEGATION_EXCEEDED).
    """
    row, places = _open_places(session, batch, party)
    signer = recover(runtime.domain, netting_of(row), signature)
    for place in places:
        if (why := why_may_not_sign(session, place, signer, now)) is not None:
            raise MarketError(why.reason, why.detail)
        place.signature, place.signer = compacted(signature), signer
    send_if_complete(session, row, now)


def refuse_batch(
    session: Session, runtime: Runtime, batch: Hash, party: Address, why: Explanation, now: int
) -> None:
    """A party's books differ: its receipts leave the batch, and the rest is proposed anew.

    Raises MarketError(NOT_FOUND | STATE_CONFLICT).
    """
    row, places = _open_places(session, batch, party)
    leave_out(session, runtime, row, places, why, now)


def check_may_act(session: Session, caller: Address, party: Address, now: int) -> None:
    """Raises MarketError(NOT_AUTHORISED) unless the caller is the party or its delegate on chain."""
    if caller != party and active_delegation(session, party, caller, now) is None:
        raise MarketError(Reason.NOT_AUTHORISED, f"{caller} neither is {party} nor its delegate")


def _open_places(session: Session, batch: Hash, party: Address) -> tuple[BatchRow, list[BatchPartyRow]]:
    """An open batch and the party's places in it: two, when an account is buyer and node at once."""
    row = session.get(BatchRow, batch, with_for_update=True)
    places = [place for place in settlement.batch_parties(session, batch) if place.party == party]
    if row is None or not places:
        raise MarketError(Reason.NOT_FOUND, f"there is no batch {batch} with the party {party}")
    if row.state is not ProposalState.OPEN:
        raise MarketError(Reason.STATE_CONFLICT, f"the batch {batch} is {row.state}", state=row.state.value)
    return row, places
