"""Reads one transaction for the calldata behind its events, wherever that stands.

First the transaction's own input, which may pass calls on; if a contract made them itself, the RPC's trace.
"""

from collections.abc import Callable
from typing import TypeVar

from suanli.audit.chain import Chain
from suanli.protocol.errors import AuditError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash

T = TypeVar("T")


class Calldata:
    """The calldata of one transaction; read only when an event needs it, traced only when it must be."""

    def __init__(self, chain: Chain, transaction: Hash) -> None:
        self._chain, self._transaction = chain, transaction
        self._input: bytes | None = None
        self._inner: bytes | None = None

    def find(self, search: Callable[[bytes], T | None]) -> T | None:
        """What `search` finds in the input, else in the calls inside; None when neither holds it."""
        found = search(self._outer())
        if found is None:
            found = search(self._within())
        return found

    def get(self, search: Callable[[bytes], T | None], what: str) -> T:
        """The same. Raises AuditError(EVIDENCE_MISSING) when `what` cannot be read."""
        found = self.find(search)
        if found is None:
            why = "nor do the calls inside it" if self._within() else "and the RPC does not trace its calls"
            detail = f"{what} cannot be read: the calldata of {self._transaction} does not hold it, {why}"
            raise AuditError(Reason.EVIDENCE_MISSING, detail)
        return found

    def _outer(self) -> bytes:
        if self._input is None:
            found = self._chain.transaction(self._transaction)
            if found is None:
                raise AuditError(Reason.EVIDENCE_MISSING, f"the RPC lacks transaction {self._transaction}")
            self._input = found.input
        return self._input

    def _within(self) -> bytes:
        if self._inner is None:
            self._inner = self._chain.inner_calldata(self._transaction)
        return self._inner
