"""`suanli exit`: takes everything that an account has out of the contracts, step by step, needing nobody."""

import time
from typing import Annotated, Any

import typer
from eth_account.signers.local import LocalAccount
from eth_utils.address import is_address, to_checksum_address

from suanli.direct.chain import Chain
from suanli.direct.console import FAILED, Common, command, report
from suanli.direct.steps import Place, Step, places, possible
from suanli.direct.survey import survey
from suanli.protocol.errors import ChainError, ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.units import format_money
from suanli.protocol.values import Address

exit_app = typer.Typer(no_args_is_help=True, help="Take out everything, with no market.")
To = Annotated[str | None, typer.Option("--to", help="Who is paid in the end; else your own account.")]
_MAXIMUM_PASSES = 16
"""More than any chain of steps that is possible at one time; a fault must not spend gas for ever."""


@command(exit_app, "status")
def status(common: Common) -> None:
    """Every place where money of the account stands, and the next step with its time."""
    chain, account = common.chain(), common.whom()
    holdings = survey(chain, account)
    found = places(holdings, account)
    _show(common, chain, account, holdings.now, found, [])


@command(exit_app, "step")
def step(common: Common, to: To = None) -> None:
    """Send every step that is possible now, once."""
    chain, key = common.chain(), common.key()
    sent = _pass(chain, key, _receiver(key, to), common.as_json)
    _finish(common, chain, key.address, sent)


@command(exit_app, "all")
def all_(
    common: Common,
    to: To = None,
    wait: Annotated[bool, typer.Option("--wait", help="Go on until everything is withdrawn.")] = False,
    poll: Annotated[float, typer.Option("--poll", min=0.1, help="Seconds between looks.")] = 15.0,
) -> None:
    """Send steps until none is possible; with --wait until nothing is left. May be interrupted."""
    chain, key = common.chain(), common.key()
    receiver = _receiver(key, to)
    sent: list[dict[str, Any]] = []
    while True:
        sent += _run(chain, key, receiver, common.as_json)
        if not wait or any("failure" in one for one in sent[-1:]) or _is_out(chain, key.address):
            break
        time.sleep(poll)
    _finish(common, chain, key.address, sent)


@command(exit_app, "cancel")
def cancel(common: Common, nonce: Annotated[str, typer.Argument(help="The order's nonce.")]) -> None:
    """Cancel one's order on the chain: nothing may be leased under it, and its reservation ends sooner."""
    chain, key = common.chain(), common.key()
    if not nonce.isdecimal():
        raise ClientError(Reason.SETTINGS_INVALID, f"NONCE: {nonce!r} is no whole number")
    chain.await_pending(key.address)
    before = chain.read("Bidding", "cancelledAt", key.address, int(nonce))
    hash_ = None if before else chain.send(key, "Bidding", "cancel", int(nonce))
    at = chain.read("Bidding", "cancelledAt", key.address, int(nonce))
    common.show(
        {"nonce": nonce, "cancelled_at": at, "transaction": hash_}, [f"{nonce} is cancelled since {at}"]
    )


def _run(chain: Chain, key: LocalAccount, to: Address, as_json: bool) -> list[dict[str, Any]]:
    """Passes until one has nothing to send, or a step fails."""
    sent: list[dict[str, Any]] = []
    for _ in range(_MAXIMUM_PASSES):
        made = _pass(chain, key, to, as_json)
        sent += made
        if not made or "failure" in made[-1]:
            break
    return sent


def _pass(chain: Chain, key: LocalAccount, to: Address, as_json: bool) -> list[dict[str, Any]]:
    chain.await_pending(key.address)
    holdings = survey(chain, key.address)
    sent: list[dict[str, Any]] = []
    for one in possible(places(holdings, to), holdings.now):
        try:
            hash_ = chain.send(key, one.contract, one.function, *one.arguments)
            sent.append({"step": one.function, "subject": one.subject, "transaction": hash_})
        except ChainError as error:
            if error.reason is not Reason.CONTRACT_REVERTED:
                raise
            if _is_still_due(chain, key.address, to, one):
                report(error, as_json)
                sent.append({"step": one.function, "subject": one.subject, "failure": error.detail})
                break
    return sent


def _is_still_due(chain: Chain, account: Address, to: Address, step: Step) -> bool:
    """Whether a step that was refused is still asked for; else somebody was quicker, and all is well."""
    holdings = survey(chain, account)
    due = possible(places(holdings, to), holdings.now)
    return (step.function, step.subject) in {(one.function, one.subject) for one in due}


def _is_out(chain: Chain, account: Address) -> bool:
    return not places(survey(chain, account), account)


def _receiver(key: LocalAccount, to: str | None) -> Address:
    if to is None:
        return str(key.address)
    if not is_address(to):
        raise ClientError(Reason.SETTINGS_INVALID, f"--to: {to!r} is no address")
    return to_checksum_address(to)


def _finish(common: Common, chain: Chain, account: Address, sent: list[dict[str, Any]]) -> None:
    holdings = survey(chain, account)
    _show(common, chain, account, holdings.now, places(holdings, account), sent)
    if any("failure" in one for one in sent):
        raise typer.Exit(FAILED)


def _show(
    common: Common, chain: Chain, account: Address, now: int, found: list[Place], sent: list[dict[str, Any]]
) -> None:
    lines = [f"{one['step']} {one['subject']}: {one.get('transaction') or one['failure']}" for one in sent]
    lines += [_line(chain, one, now) for one in found] or ["nothing is left in the contracts"]
    value = {
        "account": account,
        "now": now,
        "out": not found,
        "sent": sent,
        "places": [_shown(one) for one in found],
    }
    common.show(value, lines)


def _shown(place: Place) -> dict[str, Any]:
    step = None if place.step is None else {"name": place.step.function, "ready_at": place.step.ready_at}
    return {"kind": place.kind, "subject": place.subject, "amount": str(place.amount), "step": step}


def _line(chain: Chain, place: Place, now: int) -> str:
    deployment = chain.deployment
    amount = f"{format_money(place.amount, deployment.token_decimals)} {deployment.token_symbol}"
    if place.step is None:
        what = "locked until its claims are over"
    elif place.step.ready_at > now:
        what = f"{place.step.function} from {place.step.ready_at} on, in {place.step.ready_at - now} s"
    else:
        what = f"{place.step.function} now"
    return f"{place.kind} {place.subject}: {amount}; {what}"
