"""Signatures bind one message to one domain and one key; eth_account, a second implementation, agrees."""

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.eip712 import Domain, Message, Struct, fields_of
from suanli.protocol.errors import ProtocolError
from suanli.protocol.messages import MESSAGES
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import compact, recover, recover_digest, sign
from tests.unit.protocol.strategies import KEYS, domains, messages, structs, value_or_reason

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DIGEST = b"\x07" * 32
keys = st.sampled_from(KEYS)


def typed_data(domain: Domain, message: Message) -> dict[str, Any]:
    types: dict[str, Any] = {}
    values = _plain(message, types)
    head = {"name": "Suanli", "version": "1", "chainId": domain.chain_id, "verifyingContract": domain.ledger}
    types["EIP712Domain"] = [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ]
    return {"types": types, "primaryType": type(message).__name__, "domain": head, "message": values}


def _plain(struct: Struct, types: dict[str, Any]) -> dict[str, Any]:
    fields = fields_of(type(struct))
    types[type(struct).__name__] = [{"name": field.name, "type": field.type} for field in fields]
    values = {field.name: getattr(struct, field.name) for field in fields}
    return {
        name: _plain(value, types) if isinstance(value, Struct) else value for name, value in values.items()
    }


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_eth_account_computes_the_same_digest(kind: type[Message], data: st.DataObject) -> None:
    domain, message = data.draw(domains), data.draw(structs(kind))
    assert isinstance(message, Message)
    signable = encode_typed_data(full_message=typed_data(domain, message))
    assert _hash_eip191_message(signable) == domain.digest(message)


@given(domains, messages, keys)
def test_signer_is_recovered(domain: Domain, message: Message, key: Any) -> None:
    assert recover(domain, message, sign(key, domain, message)) == key.address


@given(domains, messages, keys, st.integers(0, 511))
def test_a_flipped_bit_never_recovers_the_signer(
    domain: Domain, message: Message, key: Any, bit: int
) -> None:
    flipped = int(sign(key, domain, message), 16) ^ (1 << bit)
    found = value_or_reason(lambda: recover(domain, message, f"0x{flipped:0128x}"))
    assert found != key.address
    assert found is Reason.SIGNATURE_INVALID or found.startswith("0x")


@given(domains, domains, messages, keys)
def test_a_signature_for_another_deployment_does_not_count(
    here: Domain, there: Domain, message: Message, key: Any
) -> None:
    assert (recover(here, message, sign(key, there, message)) == key.address) == (here == there)


def test_full_and_compact_forms_name_the_same_signer() -> None:
    signed = Account.unsafe_sign_hash(DIGEST, KEYS[0].key)
    short = "0x" + compact(signed.r, signed.s, signed.v - 27).hex()
    assert (
        recover_digest(DIGEST, short)
        == recover_digest(DIGEST, "0x" + signed.signature.hex())
        == KEYS[0].address
    )


def test_the_malleable_twin_of_a_signature_is_refused() -> None:
    signed = Account.unsafe_sign_hash(DIGEST, KEYS[0].key)
    twin = signed.r.to_bytes(32, "big") + (ORDER - signed.s).to_bytes(32, "big") + bytes([55 - signed.v])
    with pytest.raises(ProtocolError, match="high s"):
        recover_digest(DIGEST, "0x" + twin.hex())


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "0x",
        "0xzz",
        "0x" + "00" * 63,
        "0x" + "00" * 64,
        "0x" + "00" * 66,
        "0x" + "11" * 64 + "05",
        "0x" + "ff" * 64,
    ],
)
def test_what_is_no_signature_is_refused_with_its_reason(signature: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        recover_digest(DIGEST, signature)
    assert caught.value.reason is Reason.SIGNATURE_INVALID
