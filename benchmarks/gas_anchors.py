"""What it costs in gas to anchor a clearing epoch."""

from eth_utils.crypto import keccak

from benchmarks.chain import Chain, key
from benchmarks.gas_rows import RULES, Row, row
from suanli.protocol.messages import EpochAnchor

URI = "https://market.suanli.example/v1/clearings/1234567/anchor"
ROUNDS = 4


def anchor_rows(chain: Chain) -> list[Row]:
    """One anchor of a bonded operator that has anchored before."""
    operator = key("anchoring operator").address
    chain.impersonate(operator)
    chain.fund(operator, 10**10)
    chain.call("EpochAnchors", "bond", sender=operator)
    first, *later = (_anchor(chain, operator, (1 << 20) + number) for number in range(ROUNDS))
    conditions = f"{RULES}, URI of {len(URI)} bytes"
    return [
        row("gas.epoch_anchor", max(later), f"{conditions}, largest of {len(later)} later epochs"),
        row("gas.epoch_anchor.new", first, f"{conditions}, the operator's first"),
    ]


def _anchor(chain: Chain, operator: str, epoch: int) -> int:
    hashes = {
        name: "0x" + keccak(text=f"{name} {epoch}").hex()
        for name in ("bookRoot", "matchRoot", "prices", "evidence")
    }
    anchor = EpochAnchor(epoch=epoch, orders=1234, leases=5678, **hashes)
    return chain.call("EpochAnchors", "anchor", tuple(dict(anchor).values()), URI, sender=operator)["gasUsed"]
