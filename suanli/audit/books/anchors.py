"""What the events of EpochAnchors say: operators' bonds (which stand in its own account), anchors, faults."""

from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.audit.books.state import Books, Recorder
from suanli.audit.chain import Event
from suanli.protocol.anchoring import FaultReason
from suanli.protocol.checks import check
from suanli.protocol.messages import EpochAnchor
from suanli.protocol.values import Address, Hash

BURNED = "0x000000000000000000000000000000000000dEaD"
"""The Ledger account whose money nobody can move."""
NOBODY = "0x" + "00" * 20


def _bonded(books: Books, event: Event, said: dict[str, Any]) -> None:
    """A bond that was on its way out stays, and stands since when it stood: nothing moves then."""
    operator = books.operators[said["operator"]]
    since = operator.bonded_at if operator.bond else event.at
    books.checks.append(check("bonded", said["bondedAt"] == since, f"{said['operator']} since {since}"))
    books.explain(said["operator"], books.modules.anchors, said["amount"] - operator.bond)
    operator.bond, operator.bonded_at, operator.releasable_at = said["amount"], said["bondedAt"], 0


def _unbonding_started(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.operators[said["operator"]].releasable_at = said["releasableAt"]


def _bond_withdrawn(books: Books, event: Event, said: dict[str, Any]) -> None:
    books.explain(books.modules.anchors, said["operator"], said["amount"])
    _unbond(books, said["operator"])


def _anchored(books: Books, event: Event, said: dict[str, Any]) -> None:
    operator, anchor = books.operators[said["operator"]], EpochAnchor(**said["anchor"])
    once = operator.last_epoch < said["epoch"] == anchor.epoch
    books.checks.append(check("anchor_once", once, f"epoch {said['epoch']} of {said['operator']}"))
    operator.last_epoch = said["epoch"]
    operator.anchors[said["epoch"]] = anchor.id()


def _proved(reason: FaultReason) -> Recorder:
    """Records the fault that an event proves; the slash that follows says what it cost."""

    def recorder(books: Books, event: Event, said: dict[str, Any]) -> None:
        books.operators[said["operator"]].charged = (reason, _fault(reason, said))

    return recorder


def _fault(reason: FaultReason, said: dict[str, Any]) -> Hash:
    """What names a fault within its reason: the lease, the hash of order and epoch, or the epoch."""
    if reason in (FaultReason.LEASE_OUTSIDE_ORDER, FaultReason.LEASE_OUTSIDE_ASK):
        return str(said["lease"])
    if reason in (FaultReason.NOT_ANCHORED, FaultReason.ORDER_LEFT_OUT):
        packed = encode(["bytes32", "uint64"], [bytes.fromhex(said["order"][2:]), said["epoch"]])
        return "0x" + keccak(packed).hex()
    return f"0x{said['epoch']:064x}"


def _bond_slashed(books: Books, event: Event, said: dict[str, Any]) -> None:
    """A fault costs the whole bond, once: half is burned, the rest is shared (IEpochAnchors)."""
    operator = books.operators[said["operator"]]
    fault, shares = operator.charged, _shares(operator.bond, said["harmed"])
    proved = fault is not None and fault[0] == said["reason"] and fault not in operator.proved
    names = ("reporterAmount", "harmedAmount", "burnedAmount")
    books.checks += [
        check("fault", proved, f"the bond of {said['operator']} is taken for {fault}"),
        check("fault_shares", tuple(said[name] for name in names) == shares, f"{shares} of {operator.bond}"),
    ]
    for part in ("reporter", "harmed"):
        books.explain(books.modules.anchors, said[part], said[f"{part}Amount"])
    books.explain(books.modules.anchors, BURNED, said["burnedAmount"])
    operator.charged = None
    if fault is not None:
        operator.proved.add(fault)
    _unbond(books, said["operator"])


def _shares(bond: int, harmed: Address) -> tuple[int, int, int]:
    """What the reporter, the harmed party and nobody get of a bond, in atoms."""
    shared = bond // 2
    to_harmed = 0 if harmed == NOBODY else shared // 2
    return shared - to_harmed, to_harmed, bond - shared


def _unbond(books: Books, address: str) -> None:
    operator = books.operators[address]
    operator.bond = operator.bonded_at = operator.releasable_at = 0


PROOFS = {
    "EquivocationProved": FaultReason.EQUIVOCATION,
    "NotAnchoredProved": FaultReason.NOT_ANCHORED,
    "OrderLeftOutProved": FaultReason.ORDER_LEFT_OUT,
    "BookUnsortedProved": FaultReason.BOOK_UNSORTED,
    "BookMiscountedProved": FaultReason.BOOK_MISCOUNTED,
    "LeaseOutsideOrderProved": FaultReason.LEASE_OUTSIDE_ORDER,
    "LeaseOutsideAskProved": FaultReason.LEASE_OUTSIDE_ASK,
}

RECORDERS: dict[str, Recorder] = {
    "Bonded": _bonded,
    "UnbondingStarted": _unbonding_started,
    "BondWithdrawn": _bond_withdrawn,
    "Anchored": _anchored,
    "BondSlashed": _bond_slashed,
} | {name: _proved(reason) for name, reason in PROOFS.items()}
