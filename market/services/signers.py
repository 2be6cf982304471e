"""Whose signature a message carries: the account's own, or that of a delegate the chain knows."""

from sqlmodel import Session

from market.db.tables.chain import DelegationRow
from market.runtime import Runtime
from suanli.protocol.eip712 import Domain, Message
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover
from suanli.protocol.values import Address


def check_signer(domain: Domain, message: Message, signature: str, expected: Address) -> None:
    """Raises MarketError(SIGNER_MISMATCH) unless the key `expected` signed for this chain and deployment."""
    if (found := recover(domain, message, signature)) != expected:
        raise _mismatch(domain, message, found, expected)


def signer_for(
    session: Session, runtime: Runtime, message: Message, signature: str, account: Address, now: int
) -> Address:
    """The account itself or its active delegate, whoever signed. Raises MarketError(SIGNER_MISMATCH)."""
    if runtime.authority(account, runtime.domain.digest(message), signature):
        return account
    found = recover(runtime.domain, message, signature)
    if active_delegation(session, account, found, now) is None:
        raise _mismatch(runtime.domain, message, found, account)
    return found


def active_delegation(
    session: Session, account: Address, delegate: Address, now: int
) -> DelegationRow | None:
    """What `delegate` may still spend for `account`, if the chain knows of anything."""
    row = session.get(DelegationRow, (account, delegate))
    return row if row is not None and row.expiry > now and row.remaining > 0 else None


def is_delegate(session: Session, account: Address, delegate: Address, now: int) -> bool:
    """Whether the account has neither revoked the delegation nor let it expire; it may be used up."""
    row = session.get(DelegationRow, (account, delegate))
    return row is not None and row.expiry > now


def _mismatch(domain: Domain, message: Message, found: Address, expected: Address) -> MarketError:
    detail = (
        f"{type(message).__name__} must be signed by {expected} for chain {domain.chain_id} "
        f"and Ledger {domain.ledger}; as it stands {found} signed it"
    )
    return MarketError(Reason.SIGNER_MISMATCH, detail, expected=expected, chain_id=domain.chain_id)
