"""A node key signs a sign-in text of its own market, and nothing that would serve somebody else elsewhere."""

import pytest

from provider_agent.sign_in import check_sign_in
from suanli.protocol.errors import NodeError
from tests.unit.protocol.strategies import KEYS

NODE, STRANGER = (key.address for key in KEYS[:2])
MARKET = "http://market.example:8420"
TEXT = f"""market.example:8420 wants you to sign in with your Ethereum account:
{NODE}

Sign in to the market.

URI: {MARKET}
Version: 1
Chain ID: 31337
Nonce: abcdefgh
Issued At: 2026-01-01T00:00:00Z"""


def test_an_honest_text_is_signed() -> None:
    check_sign_in(TEXT, NODE, 31337, MARKET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I owe you everything",
        TEXT.replace("market.example", "other.example", 1),
        TEXT.replace(NODE, STRANGER),
        TEXT.replace("Chain ID: 31337", "Chain ID: 1"),
        TEXT.replace("Sign in to the market.", "Chain ID: 31337"),
        "x" + TEXT.replace("\n", " "),
    ],
)
def test_any_other_text_is_not(text: str) -> None:
    with pytest.raises(NodeError, match="NOT_AUTHENTICATED"):
        check_sign_in(text, NODE, 31337, MARKET)
