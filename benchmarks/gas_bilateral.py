"""What a statement between one buyer and one node costs in gas, alone and among others."""

import random
from collections.abc import Sequence
from statistics import mean

from eth_account.signers.local import LocalAccount

from benchmarks.chain import Chain
from benchmarks.gas_rows import RULES, STEADY, Parties, Row, row
from suanli.protocol.messages import Statement
from suanli.protocol.serials import SERIALS_PER_WORD, marks_hash, marks_of
from suanli.protocol.signatures import sign

RECEIPTS = 16
"""Of one statement; sixteen statements fill one word of serials."""
SIGNED_TASKS = 64
Signed = tuple[object, bytes, bytes, bytes]


class Pair:
    """The statements of a buyer and a node, one after the other."""

    def __init__(self, chain: Chain, buyer: LocalAccount, node: LocalAccount, payee: LocalAccount) -> None:
        self.chain, self.buyer, self.node, self.payee = chain, buyer, node, payee
        self.serial = 1 << 20

    def statement(self, receipts: int = RECEIPTS) -> Signed:
        """The next statement with its marks and both signatures."""
        serials = range(self.serial, self.serial + receipts)
        self.serial += receipts
        marks = marks_of(serials)
        statement = Statement(
            buyer=self.buyer.address,
            node=self.node.address,
            payee=self.payee.address,
            amount=receipts * 50_123,
            receipts=receipts,
            receiptsRoot="0x" + random.Random(self.serial).randbytes(32).hex(),
            marks=marks_hash(marks),
        )
        by_buyer, by_node = (
            bytes.fromhex(sign(signer, self.chain.domain, statement)[2:])
            for signer in (self.buyer, self.node)
        )
        return tuple(dict(statement).values()), marks, by_buyer, by_node


def bilateral_rows(chain: Chain, parties: Parties) -> list[Row]:
    """All figures of statements."""
    people = zip(parties.buyers, parties.nodes, parties.owners, strict=True)
    pairs = [Pair(chain, *three) for three in people]
    fresh = _land(chain, [pairs[0].statement()])
    alone = [_land(chain, [pairs[0].statement()]) for _ in range(SERIALS_PER_WORD // RECEIPTS)]
    for pair in pairs[1:]:
        _land(chain, [pair.statement()])
    more = _marginal(chain, pairs)
    per_task = _per_task_signed(chain, pairs)
    size = f"{RECEIPTS} receipts each"
    return [
        row(
            "gas.bilateral.first",
            mean(alone),
            f"{STEADY}, one statement in its transaction, {size}, mean over one word of serials",
        ),
        row("gas.bilateral.new", fresh, f"{RULES}, the pair's first statement ever, {size}"),
        row(
            "gas.bilateral.next",
            more,
            f"{STEADY}, each further statement of other parties in a transaction, {size}",
        ),
        row(
            "gas.per_task_signed",
            per_task,
            f"{STEADY}, both sign each task: each further statement of one receipt, {len(pairs)} pairs",
        ),
    ]


def _marginal(chain: Chain, pairs: Sequence[Pair]) -> float:
    rounds = SERIALS_PER_WORD // RECEIPTS
    one = mean(_land(chain, [pairs[0].statement(), pairs[1].statement()]) for _ in range(rounds))
    many = mean(_land(chain, [pair.statement() for pair in pairs]) for _ in range(rounds))
    return (many - one) / (len(pairs) - 2)


def _per_task_signed(chain: Chain, pairs: Sequence[Pair]) -> float:
    few = _land(chain, [pair.statement(1) for pair in pairs])
    many = _land(chain, [pair.statement(1) for _ in range(SIGNED_TASKS // len(pairs)) for pair in pairs])
    return (many - few) / (len(pairs) * (SIGNED_TASKS // len(pairs) - 1))


def _land(chain: Chain, statements: Sequence[Signed]) -> int:
    if len(statements) == 1:
        return chain.call("Settlement", "settleStatement", *statements[0])["gasUsed"]
    return chain.call("Settlement", "settleStatements", list(statements))["gasUsed"]
