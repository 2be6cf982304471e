"""Finds an account's part in claims and disputes: as party, as who appeals, as juror. Reads only."""

from collections.abc import Iterator
from pathlib import Path

from suanli.direct.chain import Chain
from suanli.direct.coding import challenge_values, claim_values, raw
from suanli.direct.docket import jurors_of
from suanli.direct.holdings import Seat
from suanli.direct.phases import Case, Panel, Phase, phase_of
from suanli.direct.verdicts import load
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.values import Address, Hash

_ABSTAINED = 2


def concerns(case: Case, account: Address, nodes: set[Address]) -> bool:
    """Whether the account is a party."""
    if case.claim.node in nodes or case.claim.buyer == account:
        return True
    return case.challenge is not None and account in (case.challenge.challenger, case.appellant)


def drawing_calls(
    chain: Chain, account: Address, cases: list[Case], rules: CourtRules, now: int
) -> dict[Hash, str]:
    """For disputes that wait for a panel: `draw` or `rearm`, where the court would take it now."""
    found = {}
    for case in cases:
        if case.challenge is None or phase_of(case, rules, now)[0] is not Phase.DRAWING:
            continue
        handed_in = claim_values(case.claim), challenge_values(case.challenge)
        for call in ("draw", "rearm"):
            if chain.accepts(account, "ClaimCourt", call, *handed_in):
                found[str(case.dispute)] = call
                break
    return found


def findings_of(chain: Chain, cases: list[Case], rules: CourtRules, now: int) -> dict[Hash, int | None]:
    """What the panels of disputes in their appeal time have found; None where they did not agree."""
    found = {}
    for case in cases:
        if case.first is not None and phase_of(case, rules, now)[0] is Phase.APPEAL:
            found[str(case.dispute)] = _decisive(chain, case, [case.first])
    return found


def seats_of(chain: Chain, cases: list[Case], nodes: set[Address], verdicts: Path) -> tuple[Seat, ...]:
    """The seats of the account's nodes in the panels of running disputes."""
    return tuple(seat for case in cases if nodes for seat in _seats(chain, case, nodes, verdicts))


def stored_verdict(chain: Chain, case: Case, round_: int, seat: int) -> int:
    """What the court keeps of a seat's verdict: `verdictOf`."""
    stored = chain.read("ClaimCourt", "verdictOf", raw(str(case.dispute)), round_, seat)
    return int.from_bytes(stored, "big")


def _seats(chain: Chain, case: Case, nodes: set[Address], verdicts: Path) -> Iterator[Seat]:
    panels = [panel for panel in (case.first, case.second) if panel is not None]
    for round_, panel in enumerate(panels):
        jurors = jurors_of(chain, panel, round_)
        if not nodes & set(jurors):
            continue
        stored = [stored_verdict(chain, case, round_, number) for number in range(len(jurors))]
        decisive = _decisive(chain, case, panels)
        for number, juror in enumerate(jurors):
            if juror in nodes:
                kept = load(verdicts, str(case.dispute), round_, number)
                agrees = stored[number] == decisive
                yield Seat(case, juror, round_, number, stored[number], agrees, kept)


def _decisive(chain: Chain, case: Case, panels: list[Panel]) -> int | None:
    """What the last panel that agreed has found so far; None while none has."""
    found = None
    for round_, panel in enumerate(panels):
        count = len(jurors_of(chain, panel, round_))
        verdicts = [stored_verdict(chain, case, round_, number) for number in range(count)]
        opened = [one for one in verdicts if one and not one & 1 and one != _ABSTAINED]
        agreed = [one for one in opened if opened.count(one) > count // 2]
        found = agreed[0] if agreed else found
    return found
