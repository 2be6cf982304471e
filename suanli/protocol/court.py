"""What ClaimCourt hashes and draws: claims, disputes, the work in a verdict, its seal, the panel. Pure.

Mirrors contracts/court/Cases.sol and Draws.sol; tests on the chain hold both equal.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from suanli.protocol.court_rules import LARGE_PANEL, SMALL_PANEL
from suanli.protocol.messages import Usage
from suanli.protocol.values import Address, Hash

UNAVAILABLE = 2
"""The outcome in the verdict of a juror who could not get the task's inputs."""
MAXIMUM_TRIES = 256
"""How many places one call of `draw` tries."""
_KEPT_BITS = 128
_PLACE_BITS = 32
_CLAIM = "(bytes32,bytes32,uint32,address,address,address,bool,uint64,uint128,uint64,bytes32)"
_CHALLENGE = "(address,uint64,uint64,uint64)"


class Ruling(IntEnum):
    """How a dispute ended; the numbers are those of the Solidity enum `Ruling`."""

    UNDECIDED = 0
    STANDS = 1
    FALLS = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """An open claim, field by field as the event `ClaimOpened` tells it; atoms and Unix seconds."""

    id: Hash
    order: Hash
    task: int
    node: Address
    buyer: Address
    payer: Address
    awarded: bool
    serial: int
    amount: int
    opened_at: int
    work: Hash

    def hash(self) -> Hash:
        """The claim's record while it is open and unchallenged."""
        values = [_bytes(value) if _is_hash(value) else value for value in astuple(self)]
        return _hex(keccak(encode([_CLAIM], [tuple(values)])))


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge, field by field as the event `ClaimChallenged` tells it."""

    challenger: Address
    challenged_at: int
    block_number: int
    node_count: int


def dispute_id(claim: Claim, challenge: Challenge) -> Hash:
    """The dispute's id, and the claim's record from the challenge on."""
    return _hex(keccak(encode(["bytes32", _CHALLENGE], [_bytes(claim.hash()), astuple(challenge)])))


def award_task_id(auction: Hash, task: int) -> Hash:
    """What the receipt of an award's task names in place of a lease."""
    return _hex(keccak(encode(["bytes32", "uint32"], [_bytes(auction), task])))


def work_hash(outcome: int, result: Hash, usage: Usage) -> Hash:
    """What a receipt or a verdict says of the work."""
    types = ["uint8", "bytes32", "(uint64,uint64,uint64,uint64)"]
    return _hex(keccak(encode(types, [outcome, _bytes(result), usage.vector()])))


def verdict_seal(dispute: Hash, round_: int, seat: int, work: Hash, salt: Hash) -> Hash:
    """What a juror commits to; `salt` is 32 random bytes that it keeps until it opens the verdict."""
    types = ["bytes32", "uint256", "uint256", "bytes32", "bytes32"]
    return _hex(keccak(encode(types, [_bytes(dispute), round_, seat, _bytes(work), _bytes(salt)])))


def kept(work: Hash) -> int:
    """An opened verdict as the contract keeps and compares it: the lower half, its lowest bit clear."""
    return int(work, 16) & ((1 << _KEPT_BITS) - 2)


def panel_seats(round_: int) -> int:
    """How many jurors judge in the first (0) or second (1) round."""
    return LARGE_PANEL if round_ else SMALL_PANEL


def draw_panel(
    block_hash: Hash,
    dispute: Hash,
    round_: int,
    node_count: int,
    eligible_owner: Callable[[int], Address | None],
    barred: Collection[Address],
    begun: Sequence[int] = (),
    tries: int = 0,
) -> list[int]:
    """The jurors' places in the registry's list, by seat; fewer than needed when one call does not fill them.

    `eligible_owner` tells the owner of the node at a place, None if it cannot judge; `barred` are the
    parties' owners and, in the second round, those of the first panel. A later call goes on after `tries`
    tries with the places that earlier ones have `begun`, whose owners are barred, too.
    """
    seed = keccak(encode(["bytes32", "bytes32", "uint256"], [_bytes(block_hash), _bytes(dispute), round_]))
    places = list(begun)
    taken = set(barred)
    for attempt in range(tries, tries + MAXIMUM_TRIES):
        if len(places) == panel_seats(round_):
            break
        place = int.from_bytes(keccak(encode(["bytes32", "uint256"], [seed, attempt])), "big") % node_count
        owner = eligible_owner(place)
        if owner is None or owner in taken:
            continue
        taken.add(owner)
        places.append(place)
    return places


def places_of(panel: int, round_: int) -> list[int]:
    """The places in the `panel` of the event `PanelDrawn`, by seat."""
    return [panel >> (seat * _PLACE_BITS) & 0xFFFFFFFF for seat in range(panel_seats(round_))]


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == len("0x") + 64


def _bytes(hash_: Hash) -> bytes:
    return bytes.fromhex(hash_[2:])


def _hex(data: bytes) -> Hash:
    return "0x" + data.hex()
