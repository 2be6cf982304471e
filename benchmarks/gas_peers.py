"""What rivals and floors cost: measured earlier under the same rules, not in this run."""

from benchmarks.gas_rows import Row, row

PEERS: tuple[tuple[str, int, str], ...] = (
    ("peer.iexec_poco.replicas1", 1_573_484, "per task, one replica, 5 transactions"),
    ("peer.iexec_poco.replicas3", 2_335_846, "per task, three replicas, 9 transactions"),
    ("peer.iexec_boost.single", 573_412, "per task alone"),
    ("peer.iexec_boost.bag100", 145_398, "per task in a bag of 100"),
    ("peer.sonm.deal", 1_303_151, "ask, bid, open, close; beside gas.auction.bidder"),
    ("peer.lilypad.plain", 1_769_004, "per task, undisputed; beside gas.claim"),
    ("peer.lilypad.disputed", 2_038_923, "per task, disputed; beside gas.dispute.panel3"),
    ("peer.graph_horizon.voucher", 140_191, "one aggregate voucher; beside gas.bilateral.first"),
    ("peer.livepeer.ticket", 203_684, "one winning ticket; beside gas.bilateral.first"),
    ("peer.livepeer.batch50", 87_171, "per winning ticket in a batch of 50; beside gas.bilateral.next"),
    ("peer.golem.multi_transfer", 9_776, "per payment, N = 100; no consent, no evidence"),
    ("peer.golem.multi_transfer.new", 25_972, "the same to accounts that held nothing"),
    ("peer.netting_prototype.n300.p30", 1_707, "per task; earlier prototype without owners, fee, serials"),
    ("peer.netting_prototype.n1000.p30", 988, "per task; earlier prototype without owners, fee, serials"),
    ("peer.netting_prototype.root.n300", 1_116, "per task; earlier prototype, root only"),
    ("peer.bilateral_prototype", 52_000, "first statement; earlier prototype without serials"),
    ("peer.signed_prototype", 10_095, "per task, both parties sign each; beside gas.per_task_signed"),
    ("peer.dispute_prototype", 502_842, "panel of 3, commit, reveal, slash; beside gas.dispute.panel3"),
    ("floor.per_task_signed", 9_050, "per task: both signatures verified and their calldata, nothing else"),
)


def peer_rows() -> list[Row]:
    """Each figure of others, marked as such."""
    return [
        row(name, value, f"{conditions}; measured earlier, not in this run")
        for name, value, conditions in PEERS
    ]
