"""Keeps the operator's anchors on chain: asks the contract what it has, and has queued what it lacks.

It sends nothing itself: the relayer does.
"""

from dataclasses import dataclass

from market.chain.client import Chain
from market.chain.contracts import Contracts
from market.runtime import Runtime
from market.services import anchor
from market.services.step import step


@dataclass(frozen=True, slots=True)
class Bond:
    """The operator's record on chain: atoms bonded, since when, and the last epoch anchored."""

    amount: int
    bonded_at: int
    releasable_at: int
    last_epoch: int


class Anchorer:
    """Reads the operator's record and queues anchors, and the bond where the settings ask for one."""

    def __init__(self, runtime: Runtime, chain: Chain) -> None:
        self._runtime = runtime
        self._chain = chain
        self._contracts = Contracts(runtime.deployment)

    def step(self, now: float) -> bool:
        """Queues what is due; the rest waits for the next step. Raises ChainError(CHAIN_UNREACHABLE)."""
        bond = self._bond()
        if bond.amount:
            with step(self._runtime) as session:
                anchor.queue_due(session, self._runtime, bond.bonded_at, bond.last_epoch, int(now))
        elif self._runtime.settings.operator_bonded and self._can_bond():
            with step(self._runtime) as session:
                anchor.queue_bond(session, self._runtime, int(now))
        return False

    def _bond(self) -> Bond:
        operator = self._runtime.operator.address
        call = self._contracts.call("EpochAnchors", "operatorOf", operator)
        return Bond(*self._contracts.result("EpochAnchors", "operatorOf", self._chain.call(call)))

    def _can_bond(self) -> bool:
        """Whether the operator's account holds the bond; until then there is nothing to send."""
        operator = self._runtime.operator.address
        call = self._contracts.call("Ledger", "accountOf", operator)
        balance, _ = self._contracts.result("Ledger", "accountOf", self._chain.call(call))
        call = self._contracts.call("EpochAnchors", "operatorBond")
        return bool(
            balance >= self._contracts.result("EpochAnchors", "operatorBond", self._chain.call(call))[0]
        )
