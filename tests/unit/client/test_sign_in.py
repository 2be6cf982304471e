import pytest

from suanli.client.sign_in import check_challenge
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason

ADDRESS = "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"
TEXT = f"""market.example wants you to sign in with your Ethereum account:
{ADDRESS}

Sign in to Suanli.

URI: https://market.example
Version: 1
Chain ID: 31337
Nonce: 32891756abcd
Issued At: 2026-01-01T00:00:00Z
Expiration Time: 2026-01-01T00:05:00Z"""


def test_a_text_for_this_site_account_and_chain_is_signed() -> None:
    check_challenge(TEXT, "market.example", ADDRESS, 31337)
    check_challenge(TEXT.split("\nIssued")[0], "market.example", ADDRESS, 31337)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("market.example wants", "evil.example wants"),
        TEXT.replace(ADDRESS, "0x" + "11" * 20),
        TEXT.replace("31337", "1"),
        "I owe you everything.",
        TEXT.replace("Version: 1\n", ""),
        "",
    ],
)
def test_any_other_text_is_never_signed(text: str) -> None:
    with pytest.raises(ClientError) as error:
        check_challenge(text, "market.example", ADDRESS, 31337)
    assert error.value.reason is Reason.NOT_AUTHENTICATED
