"""Opens claims on receipts that nobody paid: those of one order, or of one award, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_account.signers.local import LocalAccount

from suanli.direct.award_papers import AwardPapers
from suanli.direct.chain import Chain
from suanli.direct.coding import hex_of, raw, values_of
from suanli.direct.docket import rules_of
from suanli.direct.papers import AnyPapers, Papers, by_auction, by_order
from suanli.protocol.abi import ContractName
from suanli.protocol.errors import ChainError, ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

_COURT: ContractName = "ClaimCourt"
_EMPTY = "0x" + "00" * 32
_FALLEN = 1
_CLAIMS_PER_TRANSACTION = 50
"""Keeps a transaction well below a block's gas."""
_NO_STAKE = "its node's free stake backs no more claims now: close some, then open this one"


@dataclass
class Claiming:
    """One key's claims, and what became of each group of papers."""

    chain: Chain
    key: LocalAccount
    opened: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)

    def open(self, papers: Sequence[AnyPapers]) -> None:
        """Claim what is of the key's nodes. Raises ClientError(NOT_AUTHORISED), ChainError."""
        own = own_papers(self.chain, self.key.address, papers)
        if not own:
            raise ClientError(
                Reason.NOT_AUTHORISED, f"none of the receipts is of a node of {self.key.address}"
            )
        orders = by_order(one for one in own if isinstance(one, Papers))
        auctions = by_auction(one for one in own if isinstance(one, AwardPapers))
        for order, group in orders.items():
            signed = group[0].order
            self._open_group(order, group, "openClaims", values_of(signed.message), raw(signed.signature))
        for auction, items in auctions.items():
            self._open_group(auction, items, "openAwardClaims", raw(auction))

    def _open_group(self, order: Hash, group: Sequence[AnyPapers], function: str, *named: Any) -> None:
        due = self._due(group)
        for first in range(0, len(due), _CLAIMS_PER_TRANSACTION):
            self._open_part(order, due[first : first + _CLAIMS_PER_TRANSACTION], function, *named)

    def _open_part(self, order: Hash, part: Sequence[AnyPapers], function: str, *named: Any) -> None:
        """The court takes all or nothing: a part that it refuses is halved, so that one claim spoils none."""
        ids = [one.claim_id() for one in part]
        try:
            hash_ = self.chain.send(self.key, _COURT, function, *named, [one.item() for one in part])
        except ChainError as error:
            if error.reason is not Reason.CONTRACT_REVERTED:
                raise
            if len(part) == 1:
                self.refused.append({"order": order, "claim": ids[0], "why": error.detail})
                return
            half = len(part) // 2
            self._open_part(order, part[:half], function, *named)
            self._open_part(order, part[half:], function, *named)
        else:
            self.opened.append({"order": order, "claims": ids, "transaction": hash_})

    def _due(self, group: Sequence[AnyPapers]) -> list[AnyPapers]:
        reasons = {one.claim_id(): settled(self.chain, one) for one in group}
        open_ = [one for one in group if not reasons[one.claim_id()]]
        room = {node: self._room(node) for node in {node_of(self.chain, one) for one in open_}}
        for one in open_:
            room[node_of(self.chain, one)] -= 1
            if room[node_of(self.chain, one)] < 0:
                reasons[one.claim_id()] = _NO_STAKE
        self.skipped += [{"claim": claim, "why": why} for claim, why in reasons.items() if why]
        return [one for one in open_ if not reasons[one.claim_id()]]

    def _room(self, node: Address) -> int:
        """How many more claims the node's free stake backs, besides what a juror keeps free."""
        free = int(self.chain.read("GridRegistry", "stakeOf", node)[2])
        rules = rules_of(self.chain)
        if free < rules.juror_slash:
            return 0
        bond = rules.claim_bond
        return (free - rules.juror_slash) // bond if bond else _CLAIMS_PER_TRANSACTION


def own_papers(chain: Chain, account: Address, papers: Iterable[AnyPapers]) -> list[AnyPapers]:
    """The papers of nodes that the account is, or owns."""
    nodes = [(one, node_of(chain, one)) for one in papers]
    owners = {node: str(chain.read("GridRegistry", "nodeOf", node)[0]) for _, node in nodes}
    return [one for one, node in nodes if account in (node, owners[node])]


def settled(chain: Chain, papers: AnyPapers) -> str | None:
    """Why a receipt cannot be claimed any more; None when it can."""
    record = hex_of(chain.read(_COURT, "recordOf", raw(papers.claim_id())))
    if record != _EMPTY:
        return "a panel let it fall" if int(record, 16) == _FALLEN else "it is claimed"
    return "it is paid" if chain.read("Settlement", "isPaid", *_serial(chain, papers)) else None


def node_of(chain: Chain, papers: AnyPapers) -> Address:
    """The node that did the work; of an award its winner."""
    if isinstance(papers, Papers):
        return papers.lease.message.node
    return str(chain.read("Bidding", "awardOf", raw(papers.auction))[0])


def _serial(chain: Chain, papers: AnyPapers) -> tuple[Address, int]:
    """The space in which the payment's serial is counted, and the serial."""
    if isinstance(papers, Papers):
        return papers.lease.message.node, papers.lease.message.serial
    return str(chain.read("Bidding", "reservationAccount", raw(papers.auction))), papers.task
