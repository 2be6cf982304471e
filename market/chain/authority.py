"""Says whether a signature binds an account: by the account's key, or by its contract (ERC-1271)."""

import structlog
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from market.chain.client import Chain
from market.chain.contracts import Call
from suanli.protocol.errors import ChainError
from suanli.protocol.evidence import signed_by_key
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Address

_SELECTOR = keccak(text="isValidSignature(bytes32,bytes)")[:4]
_PATIENCE_SECONDS = 2.0

_log = structlog.get_logger("authority")


class ChainAuthority:
    """The key is tried first: an account with code (EIP-7702) may still sign by its key."""

    def __init__(self, rpc_url: str) -> None:
        self._chain = Chain(rpc_url, _PATIENCE_SECONDS)

    def __call__(self, account: Address, digest: bytes, signature: str) -> bool:
        """Whether the account agreed to the digest. A contract cannot be asked while the chain is gone."""
        if signed_by_key(account, digest, signature):
            return True
        raw = _bytes(signature)
        if raw is None:
            return False
        try:
            return self._contract_agrees(account, digest, raw)
        except ChainError as error:
            if error.reason is not Reason.CONTRACT_REVERTED:
                _log.warning("contract_not_asked", account=account, **error.to_json())
            return False

    def _contract_agrees(self, account: Address, digest: bytes, signature: bytes) -> bool:
        arguments = encode(["bytes32", "bytes"], [digest, signature])
        answer = self._chain.call(Call(account, "0x" + (_SELECTOR + arguments).hex()))
        return answer[:4] == _SELECTOR


def _bytes(signature: str) -> bytes | None:
    try:
        return bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        return None  # whatever a contract would say to it, it could not be sent
