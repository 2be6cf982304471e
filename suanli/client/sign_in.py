"""Signs in to a market with a key (EIP-4361), after checking that the text says what it should.

A text for another site, account or chain is never signed.
"""

import re

from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from suanli.client.connection import Connection
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address
from suanli.protocol.wire.accounts import Challenge, ChallengeRequest, Session, SessionRequest

_TEXT = re.compile(
    r"^(https?://)?(?P<domain>\S+) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n"
    r"(?s:.*)\nURI: (?P<uri>\S+)\nVersion: 1\nChain ID: (?P<chain>[0-9]+)\nNonce: [A-Za-z0-9]{8,}\n(?s:.*)$"
)


def sign_in(connection: Connection, key: LocalAccount, chain_id: int) -> str:
    """A session's bearer token. Raises ClientError(NOT_AUTHENTICATED) for an unsafe text."""
    challenge = connection.post("/auth/challenge", ChallengeRequest(address=key.address), Challenge)
    check_challenge(challenge.text, connection.url.netloc.decode(), key.address, chain_id)
    signed = key.sign_message(encode_defunct(text=challenge.text))
    body = SessionRequest(text=challenge.text, signature="0x" + bytes(signed.signature).hex())
    return connection.post("/auth/session", body, Session).token


def check_challenge(text: str, site: str, address: Address, chain_id: int) -> None:
    """Raise ClientError(NOT_AUTHENTICATED) unless `text` signs `address` in to `site` on this chain."""
    match = _TEXT.match(text + "\n")
    if match is None:
        raise _unsafe("it is no EIP-4361 text")
    for what, said, expected in (
        ("site", match["domain"], site),
        ("account", match["address"], address),
        ("chain", match["chain"], str(chain_id)),
    ):
        if said != expected:
            raise _unsafe(f"it is for the {what} {said}, not {expected}")


def _unsafe(why: str) -> ClientError:
    return ClientError(Reason.NOT_AUTHENTICATED, f"the market's sign-in text was not signed: {why}")
