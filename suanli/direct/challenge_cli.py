"""`suanli challenge`: objecting to a claim, judging as a juror, and ending disputes, by the chain alone."""

from pathlib import Path
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount

from suanli.direct.chain import Chain
from suanli.direct.claim_cli import shown
from suanli.direct.coding import challenge_values, claim_values, raw, values_of
from suanli.direct.console import Common, command
from suanli.direct.court_survey import stored_verdict
from suanli.direct.docket import find_case, jurors_of, live_cases, rules_of
from suanli.direct.fault_cli import fault_app
from suanli.direct.phases import Case
from suanli.direct.screen import moment, money, table
from suanli.direct.seal_cli import mount, signed_seal, write_seals
from suanli.direct.verdicts import ABSTENTION, SealedVerdict, keep, load, read_verdict
from suanli.protocol.errors import ClientError
from suanli.protocol.messages import VerdictSeal
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash
from suanli.protocol.wire.common import Signed

challenge_app = typer.Typer(no_args_is_help=True, help="Object to claims; judge as a juror.")
challenge_app.add_typer(fault_app, name="fault")
mount(challenge_app)
Name = Annotated[str, typer.Argument(help="The id of the claim or of its dispute.")]
Seat = Annotated[int | None, typer.Option("--seat", help="Which of your seats; else all.")]


@command(challenge_app, "open")
def open_(common: Common, claim: Name) -> None:
    """Say that a claim is false, and risk the challenge bond of one's Ledger account."""
    chain, key = common.acting()
    case = find_case(chain, claim)
    if case.challenge is not None:
        raise ClientError(Reason.STATE_CONFLICT, f"claim {claim} is disputed as {case.dispute}")
    hash_ = chain.send(key, "ClaimCourt", "challenge", claim_values(case.claim))
    dispute = find_case(chain, claim).dispute
    common.show({"dispute": dispute, "transaction": hash_}, [f"dispute {dispute}"])


@command(challenge_app, "draw")
def draw(common: Common, name: Name) -> None:
    """Draw the panel of the present round. Repeats are harmless."""
    chain, key = common.acting()
    case = _disputed(chain, name)
    if case.panel is not None:
        common.show(_listed(chain, case), ["the panel is drawn"])
        return
    while case.panel is None:  # a list with many dead entries takes several calls
        hash_ = chain.send(key, "ClaimCourt", "draw", *_handed_in(case))
        case = find_case(chain, name)
    common.show({"transaction": hash_, **_listed(chain, case)}, [f"panel drawn by {hash_}"])


@command(challenge_app, "rearm")
def rearm(common: Common, name: Name) -> None:
    """Name a new block for the seed when nobody drew while the old one could be read."""
    _send_for_case(common, name, "rearm")


@command(challenge_app, "commit")
def commit(
    common: Common,
    name: Name,
    verdict: Annotated[
        Path | None, typer.Option("--verdict", help="JSON of a replay: outcome, result, usage.")
    ] = None,
    abstain: Annotated[
        bool, typer.Option("--abstain", help="The inputs cannot be had: earn nothing, lose nothing.")
    ] = False,
    sign: Annotated[
        Path | None,
        typer.Option("--sign", help="Write the signed seals for somebody to `deliver`; send nothing."),
    ] = None,
    seat: Seat = None,
) -> None:
    """Seal a verdict for one's seats; its salt is kept in the state folder before anything is sent."""
    if (verdict is None) is not abstain:
        raise ClientError(Reason.SETTINGS_INVALID, "give either --verdict FILE or --abstain")
    found = ABSTENTION if verdict is None else read_verdict(verdict)
    chain, key = (common.chain(), common.key()) if sign else common.acting()
    case = _disputed(chain, name)
    rows: list[dict[str, Any]] = []
    signed: list[Signed[VerdictSeal]] = []
    for place in _seats(chain, case, key.address, seat, by_node=sign is not None):
        dispute, stored = str(case.dispute), stored_verdict(chain, case, case.round, place)
        if stored:
            rows.append({"seat": place, "transaction": None, "sealed": _is_ours(common, case, place, stored)})
            continue
        sealed = keep(common.verdicts(), dispute, case.round, place, found)
        if sign:
            message = VerdictSeal(dispute=dispute, round=case.round, seat=place, verdict=sealed.seal())
            signed.append(signed_seal(chain, key, message))
            rows.append({"seat": place, "transaction": None, "sealed": False})
            continue
        arguments = raw(dispute), case.round, place, raw(sealed.seal())
        hash_ = chain.send(key, "ClaimCourt", "commitVerdict", *arguments)
        rows.append({"seat": place, "transaction": hash_, "sealed": True})
    if sign:
        write_seals(sign, signed)
    otherwise = f"see {sign}" if sign else "was sealed before"
    common.show(rows, [f"seat {one['seat']}: {one['transaction'] or otherwise}" for one in rows])


@command(challenge_app, "open-verdict")
def open_verdict(common: Common, name: Name, seat: Seat = None) -> None:
    """Open the sealed verdicts of one's seats with the kept salts. Repeats are harmless."""
    chain, key = common.acting()
    case = _disputed(chain, name)
    rows = []
    for place in _seats(chain, case, key.address, seat):
        kept = load(common.verdicts(), str(case.dispute), case.round, place)
        if kept is None:
            detail = f"no verdict for seat {place} was kept in {common.verdicts()}"
            raise ClientError(Reason.EVIDENCE_MISSING, detail)
        stored = stored_verdict(chain, case, case.round, place)
        hash_ = _open_one(chain, key, kept) if stored == kept.closed() else None
        rows.append({"seat": place, "transaction": hash_})
    common.show(rows, [f"seat {one['seat']}: {one['transaction'] or 'nothing to open'}" for one in rows])


@command(challenge_app, "escalate")
def escalate(common: Common, name: Name) -> None:
    """Take the dispute to the second panel."""
    _send_for_case(common, name, "escalate")


@command(challenge_app, "resolve")
def resolve(common: Common, name: Name) -> None:
    """End the dispute when its last phase is over, and pay everyone."""
    _send_for_case(common, name, "resolve")


@command(challenge_app, "list")
def list_(common: Common) -> None:
    """Every open claim and dispute with its phase, its end and its jurors."""
    chain = common.chain()
    rows = [_listed(chain, case) for case in live_cases(chain)]
    now, columns = chain.now(), ("claim", "dispute", ">amount", "phase", "until", "round", "jurors")
    lines = [
        (
            one["claim"],
            one["dispute"] or "",
            money(int(one["amount"]), chain.deployment),
            one["phase"],
            moment(one["until"], now),
            one["round"],
            len(one["jurors"]) or "",
        )
        for one in rows
    ]
    common.show(rows, [table("claims and disputes", columns, lines)])


def _disputed(chain: Chain, name: Hash) -> Case:
    case = find_case(chain, name)
    if case.challenge is None:
        raise ClientError(Reason.STATE_CONFLICT, f"claim {name} is not challenged")
    return case


def _handed_in(case: Case) -> tuple[Any, Any]:
    if case.challenge is None:
        raise ClientError(Reason.STATE_CONFLICT, f"claim {case.claim.id} is not challenged")
    return claim_values(case.claim), challenge_values(case.challenge)


def _send_for_case(common: Common, name: Hash, function: str) -> None:
    chain, key = common.acting()
    hash_ = chain.send(key, "ClaimCourt", function, *_handed_in(_disputed(chain, name)))
    common.show({"transaction": hash_}, [f"{function}: {hash_}"])


def _listed(chain: Chain, case: Case) -> dict[str, Any]:
    jurors = [] if case.panel is None else jurors_of(chain, case.panel, case.round)
    return {**shown(case, rules_of(chain), chain.now()), "round": case.round, "jurors": jurors}


def _seats(
    chain: Chain, case: Case, account: Address, chosen: int | None, by_node: bool = False
) -> list[int]:
    if case.panel is None:
        raise ClientError(Reason.STATE_CONFLICT, f"the panel of {case.dispute} is not drawn")
    jurors = jurors_of(chain, case.panel, case.round)
    owners = jurors if by_node else [str(chain.read("GridRegistry", "ownerOf", one)) for one in jurors]
    own = [seat for seat, pair in enumerate(zip(jurors, owners, strict=True)) if account in pair]
    own = [seat for seat in own if chosen is None or seat == chosen]
    if not own:
        raise ClientError(Reason.NOT_AUTHORISED, f"{account} has no such seat in dispute {case.dispute}")
    return own


def _is_ours(common: Common, case: Case, seat: int, stored: int) -> bool:
    """Whether the verdict that is sealed on chain is the one that is kept here."""
    kept = load(common.verdicts(), str(case.dispute), case.round, seat)
    return kept is not None and kept.closed() == stored


def _open_one(chain: Chain, key: LocalAccount, kept: SealedVerdict) -> Hash:
    found = kept.verdict
    place = raw(kept.dispute), kept.round, kept.seat
    work = found.outcome, raw(found.result), values_of(found.usage)
    return chain.send(key, "ClaimCourt", "openVerdict", *place, *work, raw(kept.salt))
