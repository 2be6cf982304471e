"""A chain in memory for what consent asks of it, for tests whose market is the double.

The real contracts are asked in `test_chain`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from suanli.protocol.serials import word_of
from suanli.protocol.values import Address


@dataclass
class ChainDouble:
    """Who owns which node, which epoch the account took, which serials of nodes are paid."""

    owners: dict[Address, Address]
    epoch: int = 0
    serials: set[tuple[Address, int]] = field(default_factory=set)

    def settled_block(self) -> int:
        """Its only block."""
        return 0

    def epoch_of(self, account: Address, block: int) -> int:
        """The account's last epoch."""
        return self.epoch

    def paid(self, words: Iterable[tuple[Address, int]], block: int) -> frozenset[tuple[Address, int]]:
        """The paid serials of these words."""
        asked = set(words)
        return frozenset((node, serial) for node, serial in self.serials if (node, word_of(serial)) in asked)

    def owners_of(self, nodes: Iterable[Address]) -> dict[Address, Address]:
        """The owners of the nodes that it knows."""
        return {node: self.owners[node] for node in nodes if node in self.owners}
