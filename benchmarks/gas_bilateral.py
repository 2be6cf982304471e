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
from suanli.protocol.statement_batches import StatementRow, pack, row_of

RECEIPTS = 16
"""Of one statement; sixteen statements fill one word of serials."""
SIGNED_TASKS = 60


class Pair:
    """The statements of a buyer and a node, one after the other."""

    def __init__(self, chain: Chain, buyer: LocalAccount, node: LocalAccount, payee: LocalAccount) -> None:
        self.chain, self.buyer, self.node, self.payee = chain, buyer, node, payee
        self.serial = 1 << 20

    def statement(self, receipts: int = RECEIPTS) -> StatementRow:
        """The next statement with its serials and both signatures."""
        serials = range(self.serial, self.serial + receipts)
        self.serial += receipts
        statement = Statement(
            buyer=self.buyer.address,
            node=self.node.address,
            payee=self.payee.address,
            amount=receipts * 50_123,
            receipts=receipts,
            receiptsRoot="0x" + random.Random(self.serial).randbytes(32).hex(),
            marks=marks_hash(marks_of(serials)),
        )
        by_buyer, by_node = (sign(signer, self.chain.domain, statement) for signer in (self.buyer, self.node))
        return row_of(statement, serials, by_buyer, by_node)


def bilateral_rows(chain: Chain, parties: Parties) -> list[Row]:
    """All figures of statements."""
    people = zip(parties.buyers, parties.nodes, parties.owners, strict=True)
    pairs = [Pair(chain, *three) for three in people]
    fresh, *begun = [_land(chain, [pairs[0].statement()]) for _ in range(SERIALS_PER_WORD // RECEIPTS)]
    alone = [_land_alone(chain, pairs[0].statement()) for _ in range(SERIALS_PER_WORD // RECEIPTS)][1:]
    _land(chain, [pair.statement() for pair in pairs])
    next_ = _next(chain, pairs)
    signed = _per_task_signed(chain, pairs)
    size = f"{RECEIPTS} receipts each"
    one = f"one statement in its transaction, {size}"
    return [
        row("gas.bilateral.first", mean(begun), f"{STEADY}, {one}, a batch of one row"),
        row("gas.bilateral.new", fresh, f"{RULES}, {one}, which begins a word of serials"),
        row("gas.bilateral.alone", mean(alone), f"{STEADY}, {one}, by settleStatement"),
        row("gas.bilateral.next", next_, f"{STEADY}, each further statement of another pair, {size}"),
        row(
            "gas.per_task_signed",
            signed,
            f"{STEADY}, both sign each task: each further statement of one receipt, {len(pairs)} pairs",
        ),
    ]


def _next(chain: Chain, pairs: Sequence[Pair]) -> float:
    rounds = SERIALS_PER_WORD // RECEIPTS - 2
    one = mean(_land(chain, [pairs[0].statement()]) for _ in range(rounds // 2))
    many = mean(_land(chain, [pair.statement() for pair in pairs]) for _ in range(rounds // 2))
    return (many - one) / (len(pairs) - 1)


def _per_task_signed(chain: Chain, pairs: Sequence[Pair]) -> float:
    rounds = SIGNED_TASKS // len(pairs)
    for pair in pairs:
        pair.serial = 1 << 30
    _land(chain, [pair.statement(1) for pair in pairs])
    few = _land(chain, [pair.statement(1) for pair in pairs])
    many = _land(chain, [pair.statement(1) for _ in range(rounds) for pair in pairs])
    return (many - few) / (len(pairs) * (rounds - 1))


def _land(chain: Chain, rows: Sequence[StatementRow]) -> int:
    return chain.call("Settlement", "settleStatements", pack(rows))["gasUsed"]


def _land_alone(chain: Chain, one: StatementRow) -> int:
    signatures = (bytes.fromhex(text[2:]) for text in (one.buyer_signature, one.node_signature))
    values = tuple(dict(one.statement()).values())
    return chain.call("Settlement", "settleStatement", values, one.marks(), *signatures)["gasUsed"]
