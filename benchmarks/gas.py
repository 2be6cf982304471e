"""What the contracts cost in gas, by a real chain's receipts, beside rivals' measured figures.

Steady state: accounts, balances and nodes existed before; signatures are checked in full.
"""

from benchmarks.chain import fresh_chain
from benchmarks.gas_anchors import anchor_rows
from benchmarks.gas_auctions import auction_rows
from benchmarks.gas_bilateral import bilateral_rows
from benchmarks.gas_court import court_rows
from benchmarks.gas_money import money_rows
from benchmarks.gas_netting import netting_rows
from benchmarks.gas_peers import peer_rows
from benchmarks.gas_rows import RULES, Parties, Row, row


def run() -> list[Row]:
    """All gas figures. Netting figures are per task; the others as their conditions say."""
    with fresh_chain() as chain:
        fleet = Parties.of("fleet", buyers=10, nodes=20, owners=5)
        apart = Parties.of("apart", buyers=15, nodes=15, owners=15)
        fleet.enter(chain)
        connected = apart.enter(chain)[0]
        conditions = f"{RULES}, first node of a funded owner, relayed"
        rows = [row("gas.connect", connected["gasUsed"], conditions)]
        rows += netting_rows(chain, fleet, apart)
        rows += bilateral_rows(chain, apart)
        rows += anchor_rows(chain)
        rows += auction_rows(chain, apart)
        rows += court_rows(chain, apart)
        rows += money_rows(chain)
    return rows + peer_rows()
