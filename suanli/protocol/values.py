"""The scalar values of messages, as pydantic types: addresses, hashes and bounded whole numbers.

JSON shows whole numbers over 32 bits as decimal strings, so that no reader loses digits.
"""

import re
from typing import Annotated, Any

from eth_utils.address import to_checksum_address
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

_HASH = re.compile(r"^0x[0-9a-f]{64}$")
_ADDRESS = re.compile(r"^0x[0-9a-fA-F]{40}$")
_REGION = "^[a-z0-9]+(-[a-z0-9]+)*$"
_LABEL = "^[a-z0-9][a-z0-9._:=/-]*$"


def _address(text: str) -> str:
    if not _ADDRESS.match(text):
        raise ValueError("an address is 0x and 40 hex digits")
    checksummed = to_checksum_address(text)
    if text not in (checksummed, text.lower()):
        raise ValueError("the address's checksum (EIP-55) is wrong")
    return checksummed


def _hash(text: str) -> str:
    if not _HASH.match(text.lower()):
        raise ValueError("a hash is 0x and 64 hex digits")
    return text.lower()


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("a whole number is needed")
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,78}", value):
        raise ValueError("a whole number in decimal digits is needed")
    return value


def _bounded(bits: int) -> Any:
    def check(value: int) -> int:
        if not 0 <= value < 1 << bits:
            raise ValueError(f"does not fit uint{bits}")
        return value

    return AfterValidator(check)


def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("a name stands there twice")
    return tuple(sorted(names))


_Digits = BeforeValidator(_whole_number)
_AsText = PlainSerializer(str, return_type=str, when_used="json")


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


_DigitsInJson = _text("^[0-9]{1,78}$")

Address = Annotated[str, AfterValidator(_address), _text("^0x[0-9a-fA-F]{40}$")]
"""An EIP-55 checksummed address."""
Hash = Annotated[str, AfterValidator(_hash), _text("^0x[0-9a-f]{64}$")]
"""32 bytes as 0x and 64 lower-case hex digits."""
ZERO_HASH: Hash = "0x" + "0" * 64
"""Stands in a message for a document that there is none of."""
SIGNATURE_BYTES_MAXIMUM = 4096
SignatureHex = Annotated[
    str, Field(pattern=r"^0x([0-9a-fA-F]{2})+$", max_length=2 + 2 * SIGNATURE_BYTES_MAXIMUM)
]
"""A signature as 0x-hex: 64 or 65 bytes of a key, up to 4 KiB of a contract account (ERC-1271)."""
Uint8 = Annotated[int, _Digits, _bounded(8)]
Uint16 = Annotated[int, _Digits, _bounded(16)]
Uint32 = Annotated[int, _Digits, _bounded(32)]
Uint64 = Annotated[int, _Digits, _bounded(64), _AsText, _DigitsInJson]
Uint128 = Annotated[int, _Digits, _bounded(128), _AsText, _DigitsInJson]
Uint256 = Annotated[int, _Digits, _bounded(256), _AsText, _DigitsInJson]
BasisPoints = Annotated[int, _Digits, Field(ge=0, le=10_000)]
"""A share in hundredths of a percent."""
Region = Annotated[str, Field(pattern=_REGION, max_length=32)]
"""Where a machine stands, as its owner calls it: lower-case words joined by hyphens (`eu-west`)."""
Label = Annotated[str, Field(pattern=_LABEL, max_length=64)]
"""What a machine is or has, as its owner says (`gpu`, `tier:datacentre`)."""
Regions = Annotated[tuple[Region, ...], Field(max_length=64), AfterValidator(_ordered)]
"""Several regions, each once; always ascending, so that equal sets have equal hashes."""
Labels = Annotated[tuple[Label, ...], Field(max_length=32), AfterValidator(_ordered)]
"""Several labels, each once; always ascending."""
