"""Which contracts take no new business now, and who has which role of the Authority."""

from collections.abc import Iterator

from eth_utils.crypto import keccak

from suanli.audit.views.compare import Compared, Views
from suanli.protocol.abi import ContractName

ADMIN_ROLE = 0
PAUSABLE: tuple[ContractName, ...] = ("Ledger", "GridRegistry", "Bidding", "EpochAnchors")


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "pause", ((name, name in views.books.paused, views(name, "paused")) for name in PAUSABLE)
    yield "authority", ((one, views.books.authorities.get(one), views(one, "authority")) for one in PAUSABLE)
    yield "role", _roles(views)
    yield "function_role", _function_roles(views)


def _roles(views: Views) -> Compared:
    for (role, account), ours in views.books.roles.items():
        member, delay = views("Authority", "hasRole", role, account)
        theirs = [member, delay if ours.delay is not None else None]
        yield f"role {role} of {account}", [ours.member, ours.delay], theirs


def _function_roles(views: Views) -> Compared:
    """Of every function that asks the Authority, also where no event gave it to anyone but the admin."""
    told = views.books.function_roles
    asking = [(name, function) for name in PAUSABLE for function in ("pause()", "unpause()")]
    asking.append(("Ledger", "scheduleModule(address)"))
    known = [(views.chain.place(name), "0x" + keccak(text=function)[:4].hex()) for name, function in asking]
    for target, selector in dict.fromkeys([*known, *told]):
        said = views("Authority", "getTargetFunctionRole", target, selector)
        yield f"{selector} of {target}", told.get((target, selector), ADMIN_ROLE), said
