"""Tables of addresses in packed batches: strictly ascending, nobody's address never among them. Pure."""

from collections.abc import Iterable, Sequence

from eth_utils.address import to_checksum_address

from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

MAXIMUM_PARTIES = 255
"""Of each kind: the counts and indexes of a batch are one byte each."""

_NOBODY = "0x" + "00" * 20


def ascending(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Each address once, ascending by value."""
    return tuple(sorted(set(addresses), key=str.lower))


def address_bytes(address: Address) -> bytes:
    """The 20 bytes of an address."""
    return bytes.fromhex(address[2:])


def address_of(data: bytes) -> Address:
    """The address of 20 bytes."""
    return to_checksum_address(data)


def check_table(table: Sequence[Address]) -> None:
    """Raises ProtocolError(BATCH_MISMATCH) unless the table is one that the contract takes."""
    if tuple(table) != ascending(table):
        raise mismatch("the batch's parties are not strictly ascending")
    if _NOBODY in table:
        raise mismatch("the zero address is nobody's")
    if len(table) > MAXIMUM_PARTIES:
        raise mismatch(f"the batch has over {MAXIMUM_PARTIES} parties of one kind")


def read_accounts(data: bytes) -> tuple[Address, ...]:
    """The addresses of 20 bytes each. Raises ProtocolError(BATCH_MISMATCH) as `check_table` does."""
    table = tuple(address_of(data[at : at + 20]) for at in range(0, len(data), 20))
    check_table(table)
    return table


def mismatch(detail: str) -> ProtocolError:
    """The one error of packed batches."""
    return ProtocolError(Reason.BATCH_MISMATCH, detail)
