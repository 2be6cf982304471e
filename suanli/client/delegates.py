"""Keys that may order and co-sign for an account, up to a cap and until an expiry; given and taken back.

A delegation's nonce is the clock in milliseconds: it always rises, so anything signed earlier is dead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount

from suanli.client.connection import Connection
from suanli.client.intents import relay
from suanli.protocol.eip712 import Domain
from suanli.protocol.errors import ChainError, ClientError
from suanli.protocol.messages import Delegation
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import sign
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import DelegationRequest
from suanli.protocol.wire.common import Signed

if TYPE_CHECKING:
    from suanli.client.chain import Chain, Grant

_REVOKE_SECONDS = 3600


class Delegates:
    """The delegates of one account; `key` is always the account's own."""

    def __init__(self, connection: Connection, domain: Domain, chain: Callable[[], Chain | None]) -> None:
        self._connection = connection
        self._domain = domain
        self._find_chain = chain

    def grant(self, account: Address, delegate: Address) -> Grant:
        """What a delegate may still sign away. Raises ChainError where no chain is at hand."""
        return self._own_chain().grant(account, delegate)

    def add(
        self, key: LocalAccount, delegate: Address, cap: int, expiry: int, *, own_transaction: bool = False
    ) -> Hash | None:
        """Let `delegate` sign away up to `cap` atoms until `expiry` (seconds since the epoch)."""
        if delegate == key.address:
            raise ClientError(Reason.MESSAGE_MALFORMED, "an account needs no delegation to itself")
        delegation = Delegation(
            account=key.address, delegate=delegate, cap=cap, expiry=expiry, nonce=time.time_ns() // 10**6
        )
        if own_transaction:
            chain = self._own_chain()
            return chain.send(key, chain.registry.functions.delegate(tuple(delegation.model_dump().values())))
        signed = Signed[Delegation](message=delegation, signature=sign(key, self._domain, delegation))
        return relay(self._connection, "delegation", DelegationRequest(delegation=signed)).transaction

    def revoke(self, key: LocalAccount, delegate: Address, *, own_transaction: bool = False) -> Hash | None:
        """Take a delegation back: a relayed delegation of nothing, or `revoke` as an own transaction."""
        if own_transaction:
            chain = self._own_chain()
            return chain.send(key, chain.registry.functions.revoke(delegate))
        return self.add(key, delegate, 0, int(time.time()) + _REVOKE_SECONDS)

    def _own_chain(self) -> Chain:
        chain = self._find_chain()
        if chain is None:
            raise ChainError(
                Reason.CHAIN_UNREACHABLE, "this needs the chain: name its RPC address with --rpc"
            )
        return chain
