"""One figure in gas as a row of the benchmark table, and the parties that settle together."""

from dataclasses import dataclass
from itertools import cycle

from eth_account.signers.local import LocalAccount
from web3.types import TxReceipt

from benchmarks.chain import Chain, key

Row = dict[str, object]
RULES = "anvil, osaka rules (EIP-7623 floor included), gasUsed of the receipt"
STEADY = f"{RULES}, steady state, fee 1 % in netting"


@dataclass(frozen=True, slots=True)
class Parties:
    """Who settles together; node i belongs to owner i modulo the number of owners."""

    buyers: list[LocalAccount]
    nodes: list[LocalAccount]
    owners: list[LocalAccount]

    @classmethod
    def of(cls, name: str, buyers: int, nodes: int, owners: int) -> "Parties":
        """Fresh keys, the same for the same `name` in every run."""
        kinds = (("buyer", buyers), ("node", nodes), ("owner", owners))
        return cls(*([key(f"{name} {kind} {index}") for index in range(count)] for kind, count in kinds))

    def enter(self, chain: Chain) -> list[TxReceipt]:
        """Fund the accounts and connect the nodes; the receipts of connecting."""
        for account in (*self.buyers, *self.owners):
            chain.fund(account.address)
        owners = cycle(self.owners)
        return [chain.connect(node, next(owners)) for node in self.nodes]

    def describe(self) -> str:
        """The composition in words."""
        return f"{len(self.buyers)} buyers, {len(self.nodes)} nodes of {len(self.owners)} owners"


def row(name: str, gas: float, conditions: str, tasks: int = 1) -> Row:
    """A figure in gas, for one task when a transaction settles many."""
    unit = "gas/task" if tasks > 1 else "gas"
    return {"name": name, "value": round(gas / tasks, 1), "unit": unit, "conditions": conditions}
