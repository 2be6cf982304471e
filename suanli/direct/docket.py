"""The court's live claims and disputes, found by its events and held against its records."""

from collections import Counter

from suanli.direct.chain import Chain
from suanli.direct.coding import challenge_from, claim_from, hex_of, raw
from suanli.direct.phases import Case, Panel
from suanli.protocol.court import Claim, dispute_id, places_of
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

NOBODY = "0x" + "0" * 40


def rules_of(chain: Chain) -> CourtRules:
    """The court's rules."""
    return CourtRules(*chain.read("ClaimCourt", "rules"))


def live_cases(chain: Chain) -> list[Case]:
    """Every claim that is open or disputed now, oldest first."""
    found = [(claim, _record(chain, claim)) for claim in _perhaps_live(chain)]
    return [
        Case(claim) if record == claim.hash() else _disputed(chain, claim, record)
        for claim, record in found
        if int(record, 16) > 1
    ]


def find_case(chain: Chain, name: Hash) -> Case:
    """The live case of a claim's or a dispute's id. Raises ClientError(NOT_FOUND)."""
    for case in live_cases(chain):
        if name.lower() in (case.claim.id, case.dispute):
            return case
    raise ClientError(Reason.NOT_FOUND, f"no open claim or dispute has the id {name}")


def jurors_of(chain: Chain, panel: Panel, round_: int) -> list[Address]:
    """The nodes of a panel, by seat."""
    places = places_of(panel.places, round_)
    return [str(chain.read("GridRegistry", "nodeAt", place)[0]) for place in places]


def _perhaps_live(chain: Chain) -> list[Claim]:
    """Claims that were opened more often than ended; the record on chain knows for certain."""
    opened = (claim_from(one.arguments["claim"]) for one in chain.said("ClaimCourt", "ClaimOpened"))
    openings = Counter[Hash]()
    newest: dict[Hash, Claim] = {}
    for claim in opened:
        openings[claim.id] += 1
        newest[claim.id] = claim  # an undecided claim may have been opened again
    ends = [*chain.said("ClaimCourt", "ClaimClosed"), *chain.said("ClaimCourt", "DisputeResolved")]
    endings = Counter(hex_of(one.arguments["id"]) for one in ends)
    return [claim for id_, claim in newest.items() if openings[id_] > endings[id_]]


def _record(chain: Chain, claim: Claim) -> Hash:
    return hex_of(chain.read("ClaimCourt", "recordOf", raw(claim.id)))


def _disputed(chain: Chain, claim: Claim, record: Hash) -> Case:
    told = chain.said("ClaimCourt", "ClaimChallenged", dispute=raw(record))
    challenge = challenge_from(told[-1].arguments["challenge"])
    if dispute_id(claim, challenge) != record:
        raise ClientError(Reason.EVIDENCE_CONTRADICTS, f"the record of claim {claim.id} fits no event")
    escalated = chain.said("ClaimCourt", "DisputeEscalated", dispute=raw(record))
    appellant = str(escalated[-1].arguments["appellant"]) if escalated else NOBODY
    return Case(
        claim,
        challenge,
        record,
        escalated_at=chain.time_of(escalated[-1].block) if escalated else None,
        appellant=None if appellant == NOBODY else appellant,
        first=_panel(chain, record, 0),
        second=_panel(chain, record, 1) if escalated else None,
    )


def _panel(chain: Chain, dispute: Hash, round_: int) -> Panel | None:
    drawn_at, places = chain.read("ClaimCourt", "panelOf", raw(dispute), round_)
    return Panel(drawn_at, places) if drawn_at else None
