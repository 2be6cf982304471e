"""What the contracts cost in gas, by receipts of a real chain in steady state, beside peers' figures.

Steady state: every storage slot that is written held something before; signatures are checked in full.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3.types import TxReceipt

from benchmarks.chain import FUNDS, NEVER, Chain, fresh_chain, key
from suanli.protocol.messages import Delegation, Statement
from suanli.protocol.netting import Batch, NettingTask, message, pack
from suanli.protocol.signatures import sign

Row = dict[str, object]
TRANSACTION_GAS, FLOOR_GAS_ZERO, FLOOR_GAS_NON_ZERO = 21_000, 10, 40
RULES = "anvil, osaka rules (EIP-7623 floor included), gasUsed of the receipt"
STEADY = f"{RULES}, steady state, fee 1 %"


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


PEERS: tuple[tuple[str, int, str], ...] = (
    ("peer.iexec_boost.bag100", 145_398, "per task in a bag of 100"),
    ("peer.graph_horizon.voucher", 140_191, "one aggregate voucher"),
    ("peer.golem.multi_transfer", 9_776, "per payment, N = 100; no consent, no evidence"),
    (
        "peer.netting_prototype.n300.p30",
        1_969,
        "per task; earlier prototype without owners, fee and delegates",
    ),
    (
        "peer.netting_prototype.n1000.p30",
        1_626,
        "per task; earlier prototype without owners, fee and delegates",
    ),
)


def run() -> list[Row]:
    """All gas figures. Netting figures are per task; the others per transaction."""
    with fresh_chain() as chain:
        fleet = Parties.of("fleet", buyers=10, nodes=20, owners=5)
        apart = Parties.of("apart", buyers=15, nodes=15, owners=15)
        fleet.enter(chain)
        connected = apart.enter(chain)
        rows = [_row("gas.connect", connected[0], f"{RULES}, first node of a funded owner, relayed")]
        rows += _netting(chain, fleet, apart)
        rows += _bilateral(chain, apart)
        rows += _money(chain)
    return rows + [_peer(name, value, conditions) for name, value, conditions in PEERS]


def _netting(chain: Chain, fleet: Parties, apart: Parties) -> list[Row]:
    for parties in (fleet, apart):
        _settle(chain, 1, 60, parties, parties.buyers)
    small, large = (
        _settle(chain, epoch, tasks, fleet, fleet.buyers) for epoch, tasks in ((2, 300), (3, 1000))
    )
    spread = _settle(chain, 2, 300, apart, apart.buyers)
    operator = key("operator")
    for buyer in fleet.buyers:
        _delegate(chain, buyer, operator)
    delegated = _settle(chain, 4, 300, fleet, [operator] * len(fleet.buyers))
    by_operator = "one delegate for all buyers, nodes by key"
    return [
        _netting_row("gas.netting.n300.p30", small, 300, fleet),
        _netting_row("gas.netting.n1000.p30", large, 1000, fleet),
        _netting_row("gas.netting.n300.p30.distinct_owners", spread, 300, apart),
        _netting_row("gas.netting.n300.p30.delegated", delegated, 300, fleet, by_operator),
        _floor(chain, "floor.netting.n300.p30", small, 300),
        _floor(chain, "floor.netting.n1000.p30", large, 1000),
    ]


def _floor(chain: Chain, name: str, receipt: TxReceipt, tasks: int) -> Row:
    """What a transaction with the same calldata costs at least, per task (EIP-7623)."""
    calldata = chain.web3.eth.get_transaction(receipt["transactionHash"])["input"]
    zeros = calldata.count(0)
    gas = TRANSACTION_GAS + FLOOR_GAS_ZERO * zeros + FLOOR_GAS_NON_ZERO * (len(calldata) - zeros)
    return _row(
        name, gas, "the same calldata and nothing else: 21 000 + 10 / 40 gas per zero / other byte", tasks
    )


def _netting_row(
    name: str, receipt: TxReceipt, tasks: int, parties: Parties, signed: str = "all by key"
) -> Row:
    return _row(
        name, receipt, f"{STEADY}, {parties.describe()}, signed: {signed}, 32-byte receipt ids", tasks
    )


def _settle(
    chain: Chain,
    epoch: int,
    count: int,
    parties: Parties,
    buyer_signers: Sequence[LocalAccount],
) -> TxReceipt:
    """One batch of `count` tasks with amounts of 0.001 to 0.1 tokens."""
    buyers, nodes = parties.buyers, parties.nodes
    draw = random.Random(epoch)
    tasks = [
        NettingTask(
            buyers[index % len(buyers)].address,
            draw.choice(nodes).address,
            draw.randrange(1_000, 100_000),
            "0x" + draw.randbytes(32).hex(),
        )
        for index in range(count)
    ]
    batch = Batch(epoch, tuple(tasks))
    pairs = zip((*buyers, *nodes), (*buyer_signers, *nodes), strict=True)
    signers: dict[str, LocalAccount] = {party.address: signer for party, signer in pairs}
    order = [signers[party] for party in (*batch.buyers(), *batch.nodes())]
    signatures = "".join(sign(signer, chain.domain, message(batch))[2:] for signer in order)
    return chain.call("Settlement", "settleBatch", pack(batch), bytes.fromhex(signatures))


def _bilateral(chain: Chain, parties: Parties) -> list[Row]:
    buyers, nodes = parties.buyers, parties.nodes
    new_pair = _state(chain, [_statement(chain, buyers[0], nodes[0], 1_000_000)])
    known_pair = _state(chain, [_statement(chain, buyers[0], nodes[0], 2_000_000)])
    for buyer, node in zip(buyers[1:], nodes[1:], strict=True):
        _state(chain, [_statement(chain, buyer, node, 1_000_000)])
    pairs = list(zip(buyers, nodes, strict=True))
    one, many = (
        _state(chain, [_statement(chain, buyer, node, amount) for buyer, node in chosen])["gasUsed"]
        for amount, chosen in ((3_000_000, pairs[:1]), (4_000_000, pairs))
    )
    more = (many - one) // (len(pairs) - 1)
    return [
        _row("gas.bilateral.first", known_pair, f"{STEADY}, one statement in its transaction"),
        _row("gas.bilateral.new_pair", new_pair, f"{RULES}, fee 1 %, the pair's first statement ever"),
        _row(
            "gas.bilateral.next", more, f"{STEADY}, each further statement of other parties in a transaction"
        ),
    ]


def _statement(
    chain: Chain, buyer: LocalAccount, node: LocalAccount, amount: int
) -> tuple[object, bytes, bytes]:
    root = "0x" + random.Random(amount).randbytes(32).hex()
    statement = Statement(
        buyer=buyer.address, node=node.address, amount=amount, receipts=amount // 1000, receiptsRoot=root
    )
    by_buyer, by_node = (bytes.fromhex(sign(signer, chain.domain, statement)[2:]) for signer in (buyer, node))
    return tuple(dict(statement).values()), by_buyer, by_node


def _state(chain: Chain, statements: Sequence[tuple[object, bytes, bytes]]) -> TxReceipt:
    if len(statements) == 1:
        return chain.call("Settlement", "settleStatement", *statements[0])
    return chain.call("Settlement", "settleStatements", list(statements))


def _money(chain: Chain) -> list[Row]:
    account = Account.from_key(key("saver").key)
    chain.cheat("anvil_setBalance", account.address, hex(10**18))
    chain.cheat("anvil_impersonateAccount", account.address)
    chain.fund(account.address)
    chain.call("TestToken", "faucet", account.address, 2 * FUNDS)
    deposit = _deposit_by_permit(chain, account, 0)
    deposit = _deposit_by_permit(chain, account, 1)
    chain.call("Ledger", "thaw", FUNDS, sender=account.address)
    chain.cheat("evm_increaseTime", 24 * 3600)
    withdraw = chain.call("Ledger", "withdraw", account.address, sender=account.address)
    return [
        _row(
            "gas.deposit_permit",
            deposit,
            f"{RULES}, account with a balance, permit nonce above zero, relayed",
        ),
        _row("gas.withdraw", withdraw, f"{RULES}, part of the balance, the recipient holds tokens already"),
    ]


def _deposit_by_permit(chain: Chain, account: LocalAccount, nonce: int) -> TxReceipt:
    token, ledger = (chain.contracts[name].address for name in ("TestToken", "Ledger"))
    amount = FUNDS // 2
    domain = {
        "name": "Suanli Test Credit",
        "version": "1",
        "chainId": chain.domain.chain_id,
        "verifyingContract": token,
    }
    names = (("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256"))
    types = {"Permit": [{"name": name, "type": type_} for name, type_ in (*names, ("deadline", "uint256"))]}
    values = {"owner": account.address, "spender": ledger, "value": amount, "nonce": nonce, "deadline": NEVER}
    signed = account.sign_typed_data(domain, types, values)
    rs = [number.to_bytes(32, "big") for number in (signed.r, signed.s)]
    return chain.call("Ledger", "depositWithPermit", account.address, amount, NEVER, signed.v, *rs)


def _delegate(chain: Chain, account: LocalAccount, delegate: LocalAccount) -> None:
    delegation = Delegation(
        account=account.address, delegate=delegate.address, cap=10 * FUNDS, expiry=NEVER, nonce=1
    )
    signature = bytes.fromhex(sign(account, chain.domain, delegation)[2:])
    chain.call("GridRegistry", "delegateBySignature", tuple(dict(delegation).values()), signature)


def _row(name: str, measured: TxReceipt | int, conditions: str, tasks: int = 1) -> Row:
    gas = measured if isinstance(measured, int) else measured["gasUsed"]
    return {
        "name": name,
        "value": round(gas / tasks, 1),
        "unit": "gas/task" if tasks > 1 else "gas",
        "conditions": conditions,
    }


def _peer(name: str, value: int, conditions: str) -> Row:
    return {
        "name": name,
        "value": value,
        "unit": "gas",
        "conditions": f"{conditions}; measured earlier, not in this run",
    }
