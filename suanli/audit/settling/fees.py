"""The deployment's one fee."""

from dataclasses import dataclass

from suanli.protocol.values import Address

MAXIMUM_BASIS_POINTS = 1000
"""The hard cap in the contract."""


@dataclass(frozen=True, slots=True)
class FeeRule:
    """The fee for good: hundredths of a percent of each netted task, and who receives it."""

    basis_points: int
    recipient: Address
