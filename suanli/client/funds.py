"""An account's money: what it has, deposits by permit, and the two steps out (thaw, then withdraw).

Deposits travel with the market's relayer or as an own transaction; the way out is always one's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_account.signers.local import LocalAccount

from suanli.client.connection import Connection
from suanli.client.intents import relay
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.accounts import AccountView, DepositRequest, FaucetRequest

if TYPE_CHECKING:
    from suanli.client.chain import Chain, Thawing, Wallet

_PERMIT_SECONDS = 3600
_INDEX_SECONDS = 60.0
_POLL_SECONDS = 0.3
_PERMIT_TYPES = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}


@dataclass(frozen=True, slots=True)
class Balance:
    """All money of an account; `wallet` is None where no chain is at hand."""

    account: AccountView
    wallet: Wallet | None

    def spendable(self) -> int:
        """Atoms that a new job may take: neither thawing nor promised to open jobs."""
        return max(0, self.account.balance - self.account.thawing - self.account.committed)


class Funds:
    """Money of `account`; `key` is the account's own."""

    def __init__(self, connection: Connection, account: Address, chain: Callable[[], Chain | None]) -> None:
        self._connection = connection
        self._account = account
        self._find_chain = chain

    @property
    def _chain(self) -> Chain:
        chain = self._find_chain()
        if chain is None:
            detail = "this needs the chain, and neither you nor the market named an RPC address"
            raise ChainError(Reason.CHAIN_UNREACHABLE, detail)
        return chain

    def balance(self) -> Balance:
        """What the account has in the Ledger, by the market's index, and in its wallet."""
        view = self._view()
        chain = self._find_chain()
        return Balance(view, None if chain is None else chain.wallet(self._account))

    def faucet(self) -> Hash | None:
        """Take test tokens and gas, on a development chain; the transaction."""
        return relay(self._connection, "faucet", FaucetRequest(account=self._account)).transaction

    def deposit(self, key: LocalAccount, amount: int, *, own_transaction: bool = False) -> Hash | None:
        """Move `amount` atoms from the wallet into the Ledger by a permit; the transaction's hash.

        Returns once the market has indexed it, so that the next order can count on it.
        """
        deadline = int(time.time()) + _PERMIT_SECONDS
        v, r, s = self._permit(key, amount, deadline)
        if own_transaction:
            before = self._in_ledger()
            call = self._chain.ledger.functions.depositWithPermit(key.address, amount, deadline, v, r, s)
            transaction = self._chain.send(key, call)
            self._await_more_than(before)
            return transaction
        request = DepositRequest(account=key.address, amount=amount, deadline=deadline, v=v, r=r, s=s)
        # confirmed by the market's indexer, so seen; by now the money may already be in use
        return relay(self._connection, "deposit", request).transaction

    def thaw(self, key: LocalAccount, amount: int) -> Thawing:
        """First step out: ask for `amount` atoms; replaces an earlier request. Own transaction."""
        self._chain.send(key, self._chain.ledger.functions.thaw(amount))
        return self._chain.thawing(key.address)

    def withdraw(self, key: LocalAccount, to: Address | None = None) -> Hash:
        """Second step out, once thawed: pay to `to` (the account itself if unset). Own transaction."""
        return self._chain.send(key, self._chain.ledger.functions.withdraw(to or key.address))

    def thawing(self) -> Thawing:
        """What is on its way out."""
        return self._chain.thawing(self._account)

    def chain_now(self) -> int:
        """The chain's time, in seconds since the epoch."""
        return self._chain.now()

    def _view(self) -> AccountView:
        return self._connection.get(f"/accounts/{self._account}", AccountView)

    def _in_ledger(self) -> int:
        return self._view().balance

    def _await_more_than(self, before: int) -> None:
        deadline = time.monotonic() + _INDEX_SECONDS
        while self._in_ledger() <= before:
            if time.monotonic() > deadline:
                detail = "the deposit is on the chain, but the market has not seen it yet"
                raise ChainError(Reason.CHAIN_UNREACHABLE, detail)
            time.sleep(_POLL_SECONDS)

    def _permit(self, key: LocalAccount, amount: int, deadline: int) -> tuple[int, Hash, Hash]:
        token = self._chain.token.functions
        domain = self._chain.read(lambda: token.eip712Domain().call())
        nonce = self._chain.read(lambda: token.nonces(key.address).call())
        signed = key.sign_typed_data(
            _domain(domain), _PERMIT_TYPES, self._permit_values(key.address, amount, nonce, deadline)
        )
        return signed.v, _word(signed.r), _word(signed.s)

    def _permit_values(self, owner: Address, amount: int, nonce: int, deadline: int) -> dict[str, Any]:
        spender = self._chain.deployment.ledger
        return {"owner": owner, "spender": spender, "value": amount, "nonce": nonce, "deadline": deadline}


def _domain(answer: Any) -> dict[str, Any]:
    _, name, version, chain_id, contract, _, _ = answer
    return {"name": name, "version": version, "chainId": chain_id, "verifyingContract": contract}


def _word(number: int) -> Hash:
    return f"0x{number:064x}"
