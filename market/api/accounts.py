"""`/accounts` and `/intents`: an account's money on chain, and the fate of relayed messages."""

from typing import Annotated

from fastapi import APIRouter, Path

from market.api.access import Account, Public
from market.api.context import AddressPath, Market
from market.services import accounts
from market.services.step import step
from suanli.protocol.wire.accounts import AccountView, Intent

router = APIRouter(tags=["accounts"])


@router.get("/accounts/{address}", dependencies=[Public], summary="See an account's money")
def see_account(address: AddressPath, runtime: Market) -> AccountView:
    """Balance, stake and thaw as last indexed from the chain, and what open jobs may still take."""
    with step(runtime) as session:
        return accounts.view(session, address)


@router.get("/intents/{id}", summary="Follow a relayed message")
def see_intent(id: Annotated[str, Path(max_length=128)], caller: Account, runtime: Market) -> Intent:
    """Whether it is queued, sent, confirmed or failed, and why."""
    with step(runtime) as session:
        return accounts.intent_view(accounts.find_intent(session, id))
