"""EIP-712 hashing of messages that are declared once, as a readable type string.

Pure: values in, hashes out. Keys and signatures are in `signatures.py`.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict

from suanli.protocol.values import Address, Hash

_TYPE_STRING = re.compile(r"^(?P<name>[A-Z]\w*)\((?P<fields>[^()]*)\)$")
_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
DOMAIN_NAME = "Suanli"
DOMAIN_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a type string: its EIP-712 type (`uint64`, `Prices`) and its name."""

    type: str
    name: str


@cache
def fields_of(struct: "type[Struct]") -> tuple[Field, ...]:
    """The fields that a struct's type string declares, in order."""
    match = _TYPE_STRING.match(struct.TYPE)
    if match is None or match["name"] != struct.__name__:
        raise TypeError(f"{struct.__name__} has the type string {struct.TYPE!r}")
    pairs = (part.split(" ") for part in match["fields"].split(","))
    return tuple(Field(type_, name) for type_, name in pairs)


class Struct(BaseModel):
    """A value with an EIP-712 type string in `TYPE`; pydantic fields repeat its names in its order."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)
    TYPE: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "TYPE" not in cls.__dict__:
            return
        declared = [field.name for field in fields_of(cls)]
        if declared != list(cls.model_fields):
            raise TypeError(f"{cls.__name__} fields {list(cls.model_fields)} differ from {cls.TYPE}")

    @classmethod
    def type_string(cls) -> str:
        """The type string followed by those of the structs it refers to, sorted (EIP-712 encodeType)."""
        referred = sorted(_referred_structs(cls), key=lambda struct: struct.__name__)
        return cls.TYPE + "".join(struct.TYPE for struct in referred)

    @classmethod
    def type_hash(cls) -> bytes:
        """keccak256 of the whole type string."""
        return keccak(text=cls.type_string())

    def struct_hash(self) -> bytes:
        """hashStruct(s) = keccak256(typeHash ‖ encodeData(s)), EIP-712 §Definition of hashStruct."""
        fields = fields_of(type(self))
        types = ["bytes32", *(_abi_type(field.type) for field in fields)]
        return keccak(encode(types, [self.type_hash(), *(self._encoded(field) for field in fields)]))

    def id(self) -> Hash:
        """The struct hash as 0x-hex: the message's id on chain, in the database, in URLs and logs."""
        return "0x" + self.struct_hash().hex()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; whole numbers over 32 bits are decimal strings."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The message in plain JSON. Raises pydantic.ValidationError when anything is off."""
        return cls.model_validate(value)

    def _encoded(self, field: Field) -> Any:
        value = getattr(self, field.name)
        if isinstance(value, Struct):
            return value.struct_hash()
        return bytes.fromhex(value[2:]) if field.type == "bytes32" else value


class Message(Struct):
    """A struct that somebody signs."""


class Domain(BaseModel):
    """One deployment on one chain; every message is signed for exactly one domain."""

    model_config = ConfigDict(frozen=True)
    chain_id: int
    ledger: Address

    def separator(self) -> bytes:
        """EIP-712 domain separator; the Ledger's address stands for the whole deployment."""
        types = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
        names = [keccak(text=text) for text in (_DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION)]
        return keccak(encode(types, [*names, self.chain_id, self.ledger]))

    def digest(self, message: Message) -> bytes:
        """The 32 bytes that are signed: keccak256(0x1901 ‖ domainSeparator ‖ hashStruct)."""
        return keccak(b"\x19\x01" + self.separator() + message.struct_hash())


def _referred_structs(struct: type[Struct]) -> set[type[Struct]]:
    direct = {
        info.annotation
        for info in struct.model_fields.values()
        if isinstance(info.annotation, type) and issubclass(info.annotation, Struct)
    }
    return direct.union(*(_referred_structs(one) for one in direct))


def _abi_type(type_: str) -> str:
    return "bytes32" if type_[0].isupper() else type_
