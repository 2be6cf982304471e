"""The digest of what a round decided: equal wherever, and with whichever code, the same round is cleared."""

import hashlib

import numpy as np

from suanli.protocol.arrays import Outcome


def outcome_digest(outcome: Outcome) -> bytes:
    """SHA-256 over provider (int32) ‖ payment ‖ duals ‖ supports (int64, all little-endian) ‖ welfare ‖ bound
    (16 bytes each, big-endian)."""
    digest = hashlib.sha256(np.ascontiguousarray(outcome.provider, dtype="<i4").tobytes())
    for numbers in (outcome.payment, outcome.duals, outcome.supports):
        digest.update(np.ascontiguousarray(numbers, dtype="<i8").tobytes())
    for total in (outcome.welfare, outcome.bound):
        digest.update(int(total).to_bytes(16, "big"))
    return digest.digest()
