"""Sealed bids on disk: a price and its salt, kept for its owner only before the seal is sent.

Without the salt a bid cannot be opened, and its deposit is lost: so it is on disk first.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from suanli.direct.durable import write_private
from suanli.protocol.auctions import Bid, seal
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address, Hash

_SALT_BYTES = 32


class SealedBid(BaseModel):
    """A bid in one auction with the salt that hides it; the price in atoms for all tasks."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    auction: Hash
    node: Address
    price: int
    qualities: tuple[int, ...]
    salt: Hash

    def bid(self) -> Bid:
        """The bid as it is opened."""
        return Bid(self.node, self.price, self.qualities, self.salt)

    def seal(self) -> Hash:
        """What is committed on chain."""
        return seal(self.auction, self.bid())


def load_bid(folder: Path, auction: Hash, node: Address) -> SealedBid | None:
    """The bid that was kept for a node. Raises ClientError(DOCUMENT_MALFORMED)."""
    path = _path(folder, auction, node)
    try:
        return SealedBid.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ClientError(Reason.DOCUMENT_MALFORMED, f"{path} is damaged: {error}") from error


def keep_bid(folder: Path, auction: Hash, node: Address, price: int, qualities: tuple[int, ...]) -> SealedBid:
    """A bid with a new salt, durable on disk when this returns; the same bid keeps its salt."""
    known = load_bid(folder, auction, node)
    if known is not None and (known.price, known.qualities) == (price, qualities):
        return known
    salt = "0x" + secrets.token_bytes(_SALT_BYTES).hex()
    made = SealedBid(auction=auction, node=node, price=price, qualities=qualities, salt=salt)
    write_private(_path(folder, auction, node), made.model_dump_json().encode())
    return made


def kept_bids(folder: Path) -> Iterator[SealedBid]:
    """Every bid that was kept."""
    for path in sorted(folder.glob("*.json")):
        auction, _, node = path.stem.partition("-")
        found = load_bid(folder, auction, node)
        if found is not None:
            yield found


def _path(folder: Path, auction: Hash, node: Address) -> Path:
    return folder / f"{auction}-{node}.json"
