"""Sends the steps of a way out, pass by pass, until none is possible. May be interrupted anywhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

from suanli.direct.chain import Chain
from suanli.direct.claiming import Claiming
from suanli.direct.papers import AnyPapers
from suanli.direct.receipts_due import claimable
from suanli.direct.steps import Step, places, possible
from suanli.direct.survey import survey
from suanli.protocol.errors import ChainError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

_MAXIMUM_PASSES = 16
"""More than any chain of steps that is possible at one time; a fault must not spend gas for ever."""


@dataclass
class Leaving:
    """One account's way out, to the address `to`; `home` is its holder's folder, `warn` hears of failures.

    `papers` are receipts of the account's nodes: what is unpaid is claimed before any stake is released.
    """

    chain: Chain
    key: LocalAccount
    to: Address
    home: Path
    warn: Callable[[ChainError], None]
    papers: list[AnyPapers] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    @property
    def has_failed(self) -> bool:
        """Whether the last step was refused although it was due."""
        return bool(self.sent) and "failure" in self.sent[-1]

    def run(self) -> None:
        """Passes until one has nothing to send, or a step fails."""
        for _ in range(_MAXIMUM_PASSES):
            before = len(self.sent)
            self.step()
            if len(self.sent) == before or self.has_failed:
                break

    def step(self) -> None:
        """Send every step that is possible now, once. Raises ChainError."""
        self.chain.await_pending(self.key.address)
        self._claim()
        for one in self._due():
            try:
                hash_ = self.chain.send(self.key, one.contract, one.function, *one.arguments)
                self.sent.append({"step": one.function, "subject": one.subject, "transaction": hash_})
            except ChainError as error:
                if error.reason is not Reason.CONTRACT_REVERTED:
                    raise
                if self._is_still_due(one):
                    self.warn(error)
                    self.sent.append({"step": one.function, "subject": one.subject, "failure": error.detail})
                    break

    def is_out(self) -> bool:
        """Whether nothing is left."""
        holdings = survey(self.chain, self.key.address, self.home)
        return not places(holdings, self.to) and not self.unpaid(holdings.now)

    def unpaid(self, now: int) -> list[AnyPapers]:
        """The receipts that can still be claimed."""
        return claimable(self.chain, self.papers, now)

    def _claim(self) -> None:
        """Open every claim that the stakes back now; one that the court refuses is not asked for again."""
        if not (unpaid := self.unpaid(self.chain.now())):
            return
        claiming = Claiming(self.chain, self.key)
        claiming.open(unpaid)
        for one in claiming.opened:
            row = {"step": "openClaims", "subject": one["order"], "transaction": one["transaction"]}
            self.sent.append(row)
        refused = {one["claim"]: one["why"] for one in claiming.refused}
        for why in refused.values():
            self.warn(ChainError(Reason.CONTRACT_REVERTED, why))
        self.papers = [one for one in self.papers if one.claim_id() not in refused]

    def _due(self) -> list[Step]:
        holdings = survey(self.chain, self.key.address, self.home)
        return possible(places(holdings, self.to), holdings.now)

    def _is_still_due(self, step: Step) -> bool:
        """Whether a step that was refused is still asked for; else somebody was quicker, and all is well."""
        return (step.function, step.subject) in {(one.function, one.subject) for one in self._due()}
