"""Where the money lies that a buyer has set aside for one order. Mirrors Reservations.sol. Pure."""

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from suanli.protocol.values import Address, Hash


def reservation_account(order: Hash) -> Address:
    """The Ledger account of an order's or award's reservation; nobody has its key."""
    return to_checksum_address(keccak(b"Suanli reservation" + bytes.fromhex(order[2:]))[12:])
