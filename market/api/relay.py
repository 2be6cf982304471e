"""`/relay`: signed messages that the market carries to the chain, so that nobody else needs gas.

Anyone may send the same messages to the contracts themselves.
"""

from fastapi import APIRouter

from market.api.access import Account
from market.api.context import Market, now
from market.services import accounts, connect
from market.services.step import step
from suanli.protocol.wire.accounts import (
    ConnectRequest,
    DelegationRequest,
    DepositRequest,
    FaucetRequest,
    Intent,
)

router = APIRouter(tags=["relay"])


@router.post("/relay/connect", status_code=202, summary="Connect a node")
def relay_connect(request: ConnectRequest, caller: Account, runtime: Market) -> Intent:
    """Terms with the owner's and the node key's signatures, for the registry."""
    with step(runtime) as session:
        return accounts.intent_view(connect.connect(session, runtime, request, now()))


@router.post("/relay/delegation", status_code=202, summary="Name a delegate")
def relay_delegation(request: DelegationRequest, caller: Account, runtime: Market) -> Intent:
    """A delegation that the account signed, for the registry."""
    with step(runtime) as session:
        return accounts.intent_view(accounts.delegate(session, runtime, request.delegation, now()))


@router.post("/relay/deposit", status_code=202, summary="Deposit by permit")
def relay_deposit(request: DepositRequest, caller: Account, runtime: Market) -> Intent:
    """An EIP-2612 permit; the owner's tokens go into the owner's account."""
    with step(runtime) as session:
        return accounts.intent_view(accounts.deposit(session, runtime, request, now()))


@router.post("/relay/faucet", status_code=202, summary="Get test money")
def relay_faucet(request: FaucetRequest, caller: Account, runtime: Market) -> Intent:
    """Test tokens and gas, on development chains only."""
    with step(runtime) as session:
        return accounts.intent_view(accounts.faucet(session, runtime, request.account, now()))
