"""What a node looks at before it signs a market's sign-in text (EIP-4361): whose, where, on which chain."""

import re
from urllib.parse import urlsplit

from suanli.protocol.errors import NodeError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

_OPENING = re.compile(
    r"\A(?:[a-z]+://)?(?P<domain>\S+) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n"
)
_CHAIN = re.compile(r"^Chain ID: ([0-9]{1,20})$", re.MULTILINE)


def check_sign_in(text: str, address: Address, chain_id: int, market: str) -> None:
    """Raises NodeError(NOT_AUTHENTICATED) unless the text signs `address` in to the market at that URL.

    A text for another site could sign somebody else in there in this key's name.
    """
    opening, chains = _OPENING.match(text), _CHAIN.findall(text)
    if opening is None or len(chains) != 1:
        raise _refused("the market's challenge is no EIP-4361 text")
    if opening["address"] != address or int(chains[0]) != chain_id:
        raise _refused("the market's challenge is for another account or another chain")
    if opening["domain"] != urlsplit(market).netloc:
        raise _refused(f"the market calls itself {opening['domain']}, this node knows it as {market}")


def _refused(detail: str) -> NodeError:
    return NodeError(Reason.NOT_AUTHENTICATED, detail)
