"""Sign-in (EIP-4361), sessions and API keys. The database keeps hashes of secrets, never the secrets."""

import hashlib
import secrets
from datetime import UTC, datetime
from urllib.parse import urlsplit

from eth_account.messages import defunct_hash_message
from pydantic import ValidationError
from siwe import ISO8601Datetime, SiweMessage, generate_nonce  # type: ignore[import-untyped]
from sqlmodel import Session

from market.db.queries import access
from market.db.tables.access import ApiKeyRow, ChallengeRow, SessionRow
from market.runtime import Runtime
from suanli.protocol.errors import MarketError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire import accounts as wire

_STATEMENT = "Sign in to the Suanli market. This costs nothing and moves no money."
_LONGEST_TEXT = 2_000
_LONGEST_NAME = 100
_KEY_PREFIX = "suanli_"


def challenge(session: Session, runtime: Runtime, address: Address, now: int) -> wire.Challenge:
    """A text for `address` to sign; it works once, and for a few minutes."""
    expires_at = now + runtime.settings.challenge_seconds
    message = SiweMessage(
        domain=site(runtime),
        address=address,
        statement=_STATEMENT,
        uri=runtime.settings.origin,
        version="1",
        chain_id=runtime.deployment.chain_id,
        nonce=generate_nonce(),
        issued_at=_date(now),
        expiration_time=_date(expires_at),
    )
    session.add(ChallengeRow(nonce=message.nonce, address=address, expires_at=expires_at))
    return wire.Challenge(text=message.prepare_message())


def open_session(session: Session, runtime: Runtime, request: wire.SessionRequest, now: int) -> wire.Session:
    """A session for whoever signed a challenge of this market. Raises MarketError with what is wrong."""
    message = _parse(request.text)
    _check_text(runtime, message)
    row = access.take_challenge(session, message.nonce)
    if row is None:
        raise MarketError(Reason.MESSAGE_REPLAYED, "the challenge is unknown or was used before")
    if row.expires_at <= now:
        raise MarketError(Reason.MESSAGE_EXPIRED, "the challenge has expired; ask for another", now=now)
    digest = bytes(defunct_hash_message(text=request.text))
    if row.address != message.address or not runtime.authority(row.address, digest, request.signature):
        raise MarketError(Reason.SIGNER_MISMATCH, f"the text must be signed by {row.address}")
    token = secrets.token_urlsafe(32)
    expires_at = now + runtime.settings.session_seconds
    session.add(SessionRow(token_hash=hashed(token), address=row.address, expires_at=expires_at))
    return wire.Session(token=token, address=row.address, expires_at=expires_at)


def make_api_key(session: Session, address: Address, name: str, now: int) -> wire.ApiKey:
    """A key that signs `address` in until it is deleted; it is shown here and never again."""
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise MarketError(Reason.MESSAGE_MALFORMED, f"a key's name has 1 to {_LONGEST_NAME} characters")
    key = _KEY_PREFIX + secrets.token_urlsafe(32)
    row = ApiKeyRow(id=secrets.token_hex(8), key_hash=hashed(key), address=address, name=name, created_at=now)
    session.add(row)
    return view_of_key(row).model_copy(update={"key": key})


def delete_api_key(session: Session, address: Address, key_id: str) -> None:
    """Makes an account's key useless from now on. Raises MarketError(NOT_FOUND)."""
    row = session.get(ApiKeyRow, key_id)
    if row is None or row.address != address:
        raise MarketError(Reason.NOT_FOUND, "you have no such API key")
    session.delete(row)


def view_of_key(row: ApiKeyRow) -> wire.ApiKey:
    """A key as its account sees it, without the secret."""
    return wire.ApiKey(id=row.id, name=row.name, created_at=row.created_at)


def address_of(session: Session, token: str, now: int) -> Address | None:
    """Whom a bearer token stands for; None when it stands for nobody (any more)."""
    if token.startswith(_KEY_PREFIX):
        key = access.key_of(session, hashed(token))
        return None if key is None else key.address
    row = access.session_of(session, hashed(token), now)
    return None if row is None else row.address


def hashed(secret: str) -> str:
    """SHA-256; the secrets are random and long, so that nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def site(runtime: Runtime) -> str:
    """The EIP-4361 domain: host and port by which people know this market."""
    return urlsplit(runtime.settings.origin).netloc


def _parse(text: str) -> SiweMessage:
    if len(text) > _LONGEST_TEXT:
        raise MarketError(Reason.MESSAGE_MALFORMED, "the text is too long for a sign-in")
    try:
        return SiweMessage.from_message(text)
    except (ValueError, ValidationError) as error:
        raise MarketError(Reason.MESSAGE_MALFORMED, "the text is no EIP-4361 sign-in") from error


def _check_text(runtime: Runtime, message: SiweMessage) -> None:
    if message.domain != site(runtime):
        detail = f"the text signs in to {message.domain}, this is {site(runtime)}"
        raise MarketError(Reason.NOT_AUTHENTICATED, detail)
    if message.chain_id != runtime.deployment.chain_id:
        detail = f"the text is for chain {message.chain_id}, this market is on {runtime.deployment.chain_id}"
        raise MarketError(Reason.WRONG_CHAIN, detail, chain_id=runtime.deployment.chain_id)


def _date(seconds: int) -> ISO8601Datetime:
    return ISO8601Datetime.from_datetime(datetime.fromtimestamp(seconds, UTC))
