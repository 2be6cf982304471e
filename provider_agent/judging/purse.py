"""Whose gas carries a verdict: the node's own, else the owner's where its key lies in the node's home.

The court takes a seal from nobody else, so no relayer can help. Anyone might open; the same keys do it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from provider_agent.chain import Chain
from provider_agent.home import Home
from provider_agent.keys import open_key
from provider_agent.transactions import send
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

GAS_OF_A_VERDICT = 250_000
"""Enough for a seal and its opening."""


@dataclass(frozen=True)
class Purse:
    """The keys that may act for the node before the court, in the order in which they are asked to pay."""

    chain: Chain
    keys: Sequence[LocalAccount]

    async def send(self, function: str, *arguments: Any) -> Hash:
        """Sends a call of the court and waits for it. Raises ChainError, TRANSACTION_REFUSED without gas."""
        court, poor = self.chain.deployment.court, []
        for key in self.keys:
            try:
                return await send(self.chain, key, "ClaimCourt", court, function, arguments)
            except ChainError as error:
                if error.reason is not Reason.TRANSACTION_REFUSED:
                    raise
                poor.append(error.detail)
        raise ChainError(Reason.TRANSACTION_REFUSED, "; ".join(poor))

    async def shortage(self) -> str | None:
        """Why no verdict could be sent now: nobody has gas money. None when somebody has."""
        price = await self.chain.gas_price()
        for key in self.keys:
            if await self.chain.gas_money(key.address) >= GAS_OF_A_VERDICT * price:
                return None
        needed = GAS_OF_A_VERDICT * price
        return f"send {needed} wei or more to the node {self.keys[0].address}: a verdict costs gas"


def open_purse(chain: Chain, node: LocalAccount, home: Home) -> Purse:
    """The node's purse; the owner's key is in it when `init` made it here."""
    if home.owner_keystore.exists() and home.owner_password.exists():
        return Purse(chain, [node, open_key(home.owner_keystore, home.owner_password)])
    return Purse(chain, [node])
