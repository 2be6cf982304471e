"""What a task costs in gas when many are netted: listed in calldata, or as sums with a root.

Serials are dense for each node, as the operator numbers them; each figure is the mean of consecutive batches
that fill whole words of serials, so the fresh words that steady business needs are in it.
"""

import random
from collections.abc import Sequence
from statistics import mean

from eth_account.signers.local import LocalAccount
from web3.types import TxReceipt

from benchmarks.chain import FUNDS, NEVER, Chain, key
from benchmarks.gas_rows import STEADY, Parties, Row, row
from suanli.protocol import netting, root_netting
from suanli.protocol.eip712 import Message
from suanli.protocol.messages import Delegation
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.serials import SERIALS_PER_WORD
from suanli.protocol.signatures import sign

TRANSACTION_GAS, FLOOR_GAS_ZERO, FLOOR_GAS_NON_ZERO = 21_000, 10, 40
ROUNDS_300, ROUNDS_1000 = 34, 20
"""Of 15 and of 50 serials for each node: just under two, and just under four, words of 256."""


class Business:
    """The batches of some parties, one after the other: the next epoch, each node's next serial."""

    def __init__(self, chain: Chain, parties: Parties, buyer_signers: Sequence[LocalAccount] = ()) -> None:
        self.chain, self.parties = chain, parties
        pairs = zip(parties.buyers, buyer_signers or parties.buyers, strict=True)
        self.signers: dict[str, LocalAccount] = {buyer.address: signer for buyer, signer in pairs}
        self.signers |= {node.address: node for node in parties.nodes}
        self.epoch, self.serial = 0, 0

    def batch(self, count: int) -> Batch:
        """The next `count` tasks with amounts of 0.001 to 0.1 tokens."""
        buyers, nodes, owners = self.parties.buyers, self.parties.nodes, self.parties.owners
        self.epoch += 1
        draw = random.Random(self.epoch)
        tasks = [
            NettingTask(
                draw.choice(buyers).address,
                nodes[index % len(nodes)].address,
                draw.randrange(1_000, 100_000),
                "0x" + draw.randbytes(32).hex(),
                self.serial + index // len(nodes),
            )
            for index in range(count)
        ]
        self.serial += -(-count // len(nodes))
        payees: dict[str, str] = {
            node.address: owners[at % len(owners)].address for at, node in enumerate(nodes)
        }
        return Batch(self.epoch, tuple(tasks), payees)

    def settle(self, count: int) -> TxReceipt:
        """Land the next batch, listed."""
        batch = self.batch(count)
        signatures = self._signatures(netting.message(batch), (*batch.buyers(), *batch.nodes()))
        return self.chain.call("Settlement", "settleBatch", netting.pack(batch), signatures)

    def settle_root(self, count: int) -> TxReceipt:
        """Land the next batch by root."""
        form = root_netting.root_form(self.batch(count))
        signatures = self._signatures(root_netting.message(form), form.parties())
        return self.chain.call("Settlement", "settleRoot", root_netting.pack(form), signatures)

    def begin_word(self) -> None:
        """Go on at the first serial of a fresh word."""
        self.serial = -(-self.serial // SERIALS_PER_WORD) * SERIALS_PER_WORD

    def _signatures(self, message: Message, order: Sequence[str]) -> bytes:
        signed = (sign(self.signers[party], self.chain.domain, message)[2:] for party in order)
        return bytes.fromhex("".join(signed))


def netting_rows(chain: Chain, fleet: Parties, apart: Parties) -> list[Row]:
    """All figures of netting, and the floor under the listed ones."""
    business = Business(chain, fleet)
    business.settle(60)
    operator = key("operator")
    for buyer in fleet.buyers:
        _delegate(chain, buyer, operator)
    rows = []
    for count, rounds in ((300, ROUNDS_300), (1000, ROUNDS_1000)):
        business.begin_word()
        landed = [business.settle(count) for _ in range(rounds)]
        rows.append(_row(f"gas.netting.n{count}.p30", landed, count, fleet))
        floor = mean(_floor(chain, receipt) for receipt in landed)
        conditions = "the same calldata and nothing else: 21 000 + 10 / 40 gas per zero / other byte"
        rows.append(row(f"floor.netting.n{count}.p30", floor, conditions, count))
    business.begin_word()
    roots = [business.settle_root(300) for _ in range(ROUNDS_300)]
    rows.append(_row("gas.netting.root.n300", roots, 300, fleet, reference="root only"))
    by_delegate = Business(chain, fleet, [operator] * len(fleet.buyers))
    by_delegate.epoch, by_delegate.serial = business.epoch, business.serial
    by_delegate.begin_word()
    delegated = [by_delegate.settle(300) for _ in range(ROUNDS_300)]
    signed = "one delegate for all buyers, nodes by key"
    rows.append(_row("gas.netting.n300.p30.delegated", delegated, 300, fleet, signed))
    others = Business(chain, apart)
    others.settle(60)
    others.begin_word()
    spread = [others.settle(300) for _ in range(ROUNDS_300)]
    rows.append(_row("gas.netting.n300.p30.distinct_owners", spread, 300, apart))
    return rows


def _row(
    name: str,
    landed: Sequence[TxReceipt],
    tasks: int,
    parties: Parties,
    signed: str = "all by key",
    reference: str = "16-byte references",
) -> Row:
    batches = f"mean of {len(landed)} consecutive batches, {parties.describe()}"
    conditions = f"{STEADY}, {batches}, signed: {signed}, {reference}"
    return row(name, mean(receipt["gasUsed"] for receipt in landed), conditions, tasks)


def _floor(chain: Chain, receipt: TxReceipt) -> int:
    """What a transaction with the same calldata costs at least (EIP-7623)."""
    calldata = chain.web3.eth.get_transaction(receipt["transactionHash"])["input"]
    zeros = calldata.count(0)
    return TRANSACTION_GAS + FLOOR_GAS_ZERO * zeros + FLOOR_GAS_NON_ZERO * (len(calldata) - zeros)


def _delegate(chain: Chain, account: LocalAccount, delegate: LocalAccount) -> None:
    delegation = Delegation(
        account=account.address, delegate=delegate.address, cap=10 * FUNDS, expiry=NEVER, nonce=1
    )
    signature = bytes.fromhex(sign(account, chain.domain, delegation)[2:])
    chain.call("GridRegistry", "delegateBySignature", tuple(dict(delegation).values()), signature)
