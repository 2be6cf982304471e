"""Every message survives JSON, and its id changes with any of its fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from suanli.protocol.eip712 import Message, Struct, fields_of
from suanli.protocol.messages import MESSAGES, Delegation, Lease, Prices
from tests.unit.protocol.strategies import messages, scalars, structs


@given(messages)
def test_json_round_trip(message: Message) -> None:
    again = type(message).from_json(message.to_json())
    assert again == message
    assert again.id() == message.id()
    assert type(message).model_validate_json(message.model_dump_json()) == message


@given(messages, st.data())
def test_id_changes_with_any_field(message: Message, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(fields_of(type(message))))
    before = getattr(message, field.name)
    strategy: st.SearchStrategy[Any] = (
        structs(type(before)) if isinstance(before, Struct) else scalars(field.type)
    )
    after = data.draw(strategy.filter(lambda value: value != before))
    assert message.model_copy(update={field.name: after}).id() != message.id()


@given(messages, messages)
def test_different_messages_have_different_ids(one: Message, other: Message) -> None:
    assert (one.id() == other.id()) == (one == other)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
def test_whole_numbers_over_32_bits_are_decimal_strings(message: type[Message]) -> None:
    for field in fields_of(message):
        if field.type in ("uint64", "uint128", "uint256"):
            schema = message.model_json_schema(mode="serialization")["properties"][field.name]
            assert schema["type"] == "string"


VALID = {"fuel": "1", "memoryFuel": "2", "ingress": "3", "egress": "4"}


@pytest.mark.parametrize(
    "change",
    [
        {"fuel": str(1 << 64)},
        {"fuel": "-1"},
        {"fuel": 1.0},
        {"fuel": True},
        {"fuel": "0x10"},
        {"fuel": "١"},
        {"fuel": None},
        {"extra": "1"},
    ],
    ids=str,
)
def test_malformed_numbers_and_unknown_fields_are_refused(change: dict[str, Any]) -> None:
    assert Prices.from_json(VALID).fuel == 1
    with pytest.raises(ValidationError):
        Prices.from_json({**VALID, **change})


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        Prices.from_json({"fuel": "1"})


def test_an_address_with_a_wrong_checksum_is_refused() -> None:
    with pytest.raises(ValidationError, match="EIP-55"):
        Delegation(
            account="0x52908400098527886E0F7030069857D2E4169Ee7",
            delegate="0x1111111111111111111111111111111111111111",
            cap=1,
            expiry=1,
            nonce=1,
        )


def test_nested_types_follow_in_the_type_string() -> None:
    assert Lease.type_string() == Lease.TYPE + Prices.TYPE


def test_a_class_whose_fields_differ_from_its_type_string_is_refused() -> None:
    with pytest.raises(TypeError):
        type("Odd", (Message,), {"TYPE": "Odd(uint8 first)", "__annotations__": {"second": int}})
