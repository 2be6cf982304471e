"""Signs transactions (EIP-1559). Pure; the key stays in the account that is passed in."""

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from market.chain.contracts import Call
from suanli.protocol.values import Hash


@dataclass(frozen=True, slots=True)
class Fees:
    """Wei per gas: at most, and for whoever makes the block."""

    maximum: int
    priority: int

    def raised(self, percent: int) -> "Fees":
        """Dearer fees, rounded up."""
        return Fees(-(-self.maximum * percent // 100), -(-self.priority * percent // 100))


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """The bytes to broadcast, and the hash under which they will be found."""

    raw: bytes
    hash: Hash


def sign_transaction(
    account: LocalAccount, chain_id: int, nonce: int, call: Call, gas: int, fees: Fees
) -> SignedTransaction:
    """The account's transaction; a call without a receiver creates a contract."""
    fields: dict[str, Any] = {
        "chainId": chain_id,
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": fees.maximum,
        "maxPriorityFeePerGas": fees.priority,
        "data": call.data,
        "value": call.value,
    }
    if call.to is not None:
        fields["to"] = call.to
    signed = account.sign_transaction(fields)
    return SignedTransaction(bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex())
