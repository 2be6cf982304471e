"""A market that settles: buyers with money, connected nodes, and hands that sign."""

from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from market.db.queries import settlement
from market.db.session import transaction
from market.db.tables.settle import BatchRow, StatementRow
from market.roles.loops import PROPOSING, TIDYING
from market.services import bundles, cosign, settle, statements
from market.services.step import step
from suanli.protocol.signatures import sign
from tests.integration.chain.world import World
from tests.integration.settlement.receipts import Desk


@dataclass
class Market:
    """The world, its receipts, and the steps of a settlement."""

    world: World
    desk: Desk

    def propose(self) -> None:
        """What the settler does once an interval."""
        for service in PROPOSING:
            with step(self.world.runtime) as session:
                service(session, self.world.runtime, self.world.now)

    def tidy(self) -> None:
        """What the settler does all the time."""
        for service in TIDYING:
            with step(self.world.runtime) as session:
                service(session, self.world.runtime, self.world.now)

    def wait(self, seconds: int) -> None:
        """Time goes by in the market."""
        self.world.now += seconds
        self.tidy()

    def open_batches(self, party: LocalAccount) -> list[BatchRow]:
        """The batches that wait for somebody."""
        with transaction(self.world.runtime.engine) as session:
            return settlement.batches_waiting_for(session, party.address)

    def sign(self, *parties: LocalAccount, by: LocalAccount | None = None) -> None:
        """Each party signs what waits for it; `by` a delegate when that is given."""
        for party in parties:
            for row in self.open_batches(party):
                signature = sign(by or party, self.world.runtime.domain, settle.netting_of(row))
                with step(self.world.runtime) as session:
                    cosign.sign_batch(
                        session, self.world.runtime, row.id, party.address, signature, self.world.now
                    )

    def open_statements(self, party: LocalAccount) -> list[StatementRow]:
        """The statements that wait for somebody."""
        with transaction(self.world.runtime.engine) as session:
            return settlement.statements_waiting_for(session, party.address)

    def sign_statements(self, *parties: LocalAccount) -> None:
        """Each party signs the statements that wait for it, and the next interval sends what is complete."""
        for party in parties:
            for row in self.open_statements(party):
                signature = sign(party, self.world.runtime.domain, row.message)
                with step(self.world.runtime) as session:
                    statements.sign_statement(
                        session, self.world.runtime, row.id, party.address, signature, self.world.now
                    )
        with step(self.world.runtime) as session:
            bundles.send_signed(session, self.world.runtime, self.world.now)

    def batches(self) -> list[BatchRow]:
        """Every batch, oldest first."""
        with transaction(self.world.runtime.engine) as session:
            return list(reversed(settlement.batch_page(session, None, 100)))

    def balance(self, address: str) -> int:
        """Somebody's balance on chain, past everything that the market believes."""
        balance: int = self.world.on_chain("Ledger", "accountOf", address)[0]
        return balance
