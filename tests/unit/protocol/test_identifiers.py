"""Urns parse to what was printed; anything else is refused with URN_UNKNOWN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.errors import ProtocolError
from suanli.protocol.identifiers import ADDRESS_KINDS, Urn, UrnKind, make_urn, parse_urn
from suanli.protocol.reasons import Reason
from tests.unit.protocol.strategies import addresses, hashes, value_or_reason

HASH = "0x" + "ab" * 32
ADDRESS = "0x1111111111111111111111111111111111111111"


@st.composite
def urns(draw: st.DrawFn) -> Urn:
    kind = draw(st.sampled_from(UrnKind))
    value = draw(addresses if kind in ADDRESS_KINDS else hashes)
    index = draw(st.integers(0, 2**32 - 1)) if kind is UrnKind.TASK else None
    return make_urn(draw(st.integers(1, 2**53)), kind, value, index)


@given(urns())
def test_an_urn_parses_to_what_was_printed(urn: Urn) -> None:
    assert parse_urn(str(urn)) == urn


@given(urns())
def test_letter_case_of_the_value_does_not_matter(urn: Urn) -> None:
    lower = f"urn:suanli:{urn.chain_id}:{urn.kind}:{urn.value.lower()}"
    assert parse_urn(lower + ("" if urn.index is None else f":{urn.index}")) == urn


@given(st.text(max_size=120))
def test_any_text_is_parsed_or_refused_with_its_reason(text: str) -> None:
    urn = value_or_reason(lambda: parse_urn(text))
    assert urn is Reason.URN_UNKNOWN or str(urn).lower() == text.strip().lower()


@pytest.mark.parametrize(
    "text",
    [
        f"urn:suanli:1:planet:{HASH}",
        f"urn:suanli:0:job:{HASH}",
        f"urn:suanli:1:job:{ADDRESS}",
        f"urn:suanli:1:node:{HASH}",
        f"urn:suanli:1:task:{HASH}",
        f"urn:suanli:1:job:{HASH}:3",
        f"urn:suanli:1:job:{HASH}:",
        f"urn:other:1:job:{HASH}",
        f"urn:suanli:1:job:{HASH}0",
        "urn:suanli:1:node:0x52908400098527886E0F7030069857D2E4169Ee7",
    ],
)
def test_an_unknown_urn_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_urn(text)
    assert caught.value.reason is Reason.URN_UNKNOWN
