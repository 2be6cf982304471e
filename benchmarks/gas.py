"""What the contracts cost in gas, by a real chain's receipts, beside rivals' measured figures.

Steady state: accounts, balances and nodes existed before; signatures are checked in full.
"""

from benchmarks.chain import fresh_chain
from benchmarks.gas_bilateral import bilateral_rows
from benchmarks.gas_money import money_rows
from benchmarks.gas_netting import netting_rows
from benchmarks.gas_rows import RULES, Parties, Row, row

PEERS: tuple[tuple[str, int, str], ...] = (
    ("peer.iexec_poco.replicas1", 1_573_484, "per task, one replica, 5 transactions"),
    ("peer.iexec_poco.replicas3", 2_335_846, "per task, three replicas, 9 transactions"),
    ("peer.iexec_boost.single", 573_412, "per task alone"),
    ("peer.iexec_boost.bag100", 145_398, "per task in a bag of 100"),
    ("peer.sonm.deal", 1_303_151, "ask, bid, open, close"),
    ("peer.lilypad.plain", 1_769_004, "per task, undisputed"),
    ("peer.lilypad.disputed", 2_038_923, "per task, disputed; beside gas.dispute.panel3"),
    ("peer.graph_horizon.voucher", 140_191, "one aggregate voucher; beside gas.bilateral.first"),
    ("peer.livepeer.ticket", 203_684, "one winning ticket; beside gas.bilateral.first"),
    ("peer.livepeer.batch50", 87_171, "per winning ticket in a batch of 50; beside gas.bilateral.next"),
    ("peer.golem.multi_transfer", 9_776, "per payment, N = 100; no consent, no evidence"),
    (
        "peer.netting_prototype.n300.p30",
        1_707,
        "per task; earlier prototype without owners, fee, serials",
    ),
    (
        "peer.netting_prototype.n1000.p30",
        988,
        "per task; earlier prototype without owners, fee, serials",
    ),
    ("peer.netting_prototype.root.n300", 1_116, "per task; earlier prototype, root only"),
    ("peer.signed_prototype", 10_095, "per task, both parties sign each; beside gas.per_task_signed"),
    ("peer.dispute_prototype", 502_842, "panel of 3, commit, reveal, slash; beside gas.dispute.panel3"),
)


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
        rows += money_rows(chain)
    return rows + [_peer(name, value, conditions) for name, value, conditions in PEERS]


def _peer(name: str, value: int, conditions: str) -> Row:
    return row(name, value, f"{conditions}; measured earlier, not in this run")
