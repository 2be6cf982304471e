"""Signed messages as the ABI coder knows them: their tuple types, and values back into messages. Pure."""

from typing import Any, TypeVar

from eth_utils.address import to_checksum_address

from suanli.protocol.eip712 import Struct, fields_of

S = TypeVar("S", bound=Struct)


def tuple_type(kind: type[Struct]) -> str:
    """The struct's type in a function's signature, such as `(address,(uint64,uint64))`."""
    return "(" + ",".join(_part(kind, field.type, field.name) for field in fields_of(kind)) + ")"


def struct_of(kind: type[S], values: tuple[Any, ...]) -> S:
    """The struct of values that the coder decoded."""
    named = zip(fields_of(kind), values, strict=True)
    return kind(**{field.name: _value(kind, field.type, field.name, value) for field, value in named})


def _part(kind: type[Struct], type_: str, name: str) -> str:
    return tuple_type(_inner(kind, name)) if type_[0].isupper() else type_


def _value(kind: type[Struct], type_: str, name: str, value: Any) -> Any:
    if type_[0].isupper():
        return struct_of(_inner(kind, name), value)
    if type_ == "address":
        return to_checksum_address(value)
    return "0x" + value.hex() if isinstance(value, bytes) else value


def _inner(kind: type[Struct], name: str) -> type[Struct]:
    inner = kind.model_fields[name].annotation
    assert isinstance(inner, type)
    assert issubclass(inner, Struct)
    return inner
