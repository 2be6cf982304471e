"""Many bilateral statements in one transaction: packed, each with both signatures of its own. Pure.

The packed form is the calldata of `Settlement.settleStatements` and the public record of its statements.

    batch = buyerCount u8 ‖ payeeCount u8 ‖ nodeCount u8
            ‖ buyers: 20 B each ‖ payees: 20 B each
            ‖ nodes: (address 20 B ‖ payee index u8) each; all three ascending by address
            ‖ rows of 210 B each, in any order:
              buyer index u8 ‖ node index u8 ‖ amount u64 ‖ word u64 ‖ mask 32 B ‖ receipts' root 32 B
              ‖ buyer's signature 64 B ‖ node's signature 64 B (EIP-2098)

A row stands for the Statement of one word of serials, those of the mask's bits. Statements over several
words, and those that a contract signs for its buyer, go through `Settlement.settleStatement`.
"""

import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak

from suanli.protocol.errors import ProtocolError
from suanli.protocol.messages import Statement
from suanli.protocol.netting import Net
from suanli.protocol.party_tables import address_bytes, address_of, ascending, check_table, mismatch
from suanli.protocol.serials import MAXIMUM_SERIAL, marks_hash, marks_of, masks_of, serials_in, word_of
from suanli.protocol.signatures import compacted
from suanli.protocol.units import Money
from suanli.protocol.values import Address, Hash

_HEAD = struct.Struct(">BBB")
_PARTY = struct.Struct(">20s")
_NODE = struct.Struct(">20sB")
_ROW = struct.Struct(">BBQQ32s32s64s64s")
_UINT64 = 1 << 64
_UINT256 = 1 << 256


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement as it stands in calldata: `amount` atoms for the serials `mask` of word `word`.

    `payee` is the account that is paid for the node, `root` the tree over the receipts' ids; the signatures
    are 64 bytes (EIP-2098) as 0x-hex, the buyer's its own or a delegate's.
    """

    buyer: Address
    node: Address
    payee: Address
    amount: int
    word: int
    mask: int
    root: Hash
    buyer_signature: str
    node_signature: str

    @property
    def receipts(self) -> int:
        """How many receipts, and serials, the statement pays."""
        return self.mask.bit_count()

    def serials(self) -> tuple[int, ...]:
        """The serials in the node's space, ascending."""
        return serials_in({self.word: self.mask})

    def marks(self) -> bytes:
        """The serials as packed marks."""
        return marks_of(self.serials())

    def statement(self) -> Statement:
        """The message that both sides signed."""
        return Statement(
            buyer=self.buyer,
            node=self.node,
            payee=self.payee,
            amount=self.amount,
            receipts=self.receipts,
            receiptsRoot=self.root,
            marks=marks_hash(self.marks()),
        )


def row_of(
    statement: Statement, serials: Iterable[int], buyer_signature: str, node_signature: str
) -> StatementRow:
    """The row of a signed statement, whose signatures may be of 64 or 65 bytes.

    Raises ProtocolError(BATCH_MISMATCH) when a row cannot hold it: its serials are not those of its marks or
    lie in several words, its amount does not fit uint64, or a signature is not that of a key.
    """
    masks = masks_of(serials)
    if len(masks) != 1:
        raise mismatch("a row holds the serials of one word, and one or more")
    [(word, mask)] = masks.items()
    row = StatementRow(
        statement.buyer,
        statement.node,
        statement.payee,
        statement.amount,
        word,
        mask,
        statement.receiptsRoot,
        _compacted(buyer_signature),
        _compacted(node_signature),
    )
    if row.statement() != statement:
        raise mismatch("the statement was made for other serials")
    _check_row(row)
    return row


def pack(rows: Sequence[StatementRow]) -> bytes:
    """The calldata of the rows, in their order. Raises ProtocolError(BATCH_MISMATCH)."""
    if not rows:
        raise mismatch("the batch has no statements")
    for row in rows:
        _check_row(row)
    _check_serials(rows)
    named = payees(rows)
    buyers, accounts, nodes = (
        ascending(row.buyer for row in rows),
        ascending(named.values()),
        ascending(named),
    )
    for table in (buyers, accounts, nodes):
        check_table(table)
    parts = [_HEAD.pack(len(buyers), len(accounts), len(nodes))]
    parts += [address_bytes(party) for party in (*buyers, *accounts)]
    parts += [_NODE.pack(address_bytes(node), accounts.index(named[node])) for node in nodes]
    return b"".join([*parts, *(_packed_row(row, buyers, nodes) for row in rows)])


def unpack(packed: bytes) -> tuple[StatementRow, ...]:
    """The rows in calldata. Raises ProtocolError(BATCH_MISMATCH) unless `pack` yields the same bytes."""
    rows = read_packed(packed)
    if pack(rows) != packed:
        raise mismatch("the batch names a party that has no statement in it")
    return rows


def read_packed(packed: bytes) -> tuple[StatementRow, ...]:
    """The rows in calldata as the contract reads it, unused parties allowed; for auditors.

    Raises ProtocolError(BATCH_MISMATCH) where the contract would refuse the form.
    """
    if len(packed) < _HEAD.size:
        raise mismatch("the batch is shorter than its head")
    buyer_count, payee_count, node_count = _HEAD.unpack_from(packed)
    payees_at = _HEAD.size + buyer_count * _PARTY.size
    nodes_at = payees_at + payee_count * _PARTY.size
    rows_at = nodes_at + node_count * _NODE.size
    if len(packed) < rows_at + _ROW.size or (len(packed) - rows_at) % _ROW.size:
        raise mismatch("the batch's length does not fit its parties and one or more whole rows")
    buyers = _read_accounts(packed[_HEAD.size : payees_at])
    accounts = _read_accounts(packed[payees_at:nodes_at])
    named = _read_nodes(packed[nodes_at:rows_at], accounts)
    rows = tuple(_read_row(fields, buyers, named) for fields in _ROW.iter_unpack(packed[rows_at:]))
    _check_serials(rows)
    return rows


def payees(rows: Iterable[StatementRow]) -> dict[Address, Address]:
    """The account that is paid for each node. Raises ProtocolError(BATCH_MISMATCH) for two of one node."""
    found: dict[Address, Address] = {}
    for row in rows:
        if found.setdefault(row.node, row.payee) != row.payee:
            raise mismatch(f"the batch names two payees of the node {row.node}")
    return found


def net(rows: Iterable[StatementRow]) -> Net:
    """What the batch moves: each buyer's payment, each node's earning; statements carry no fee."""
    paid, earned = Counter[Address](), Counter[Address]()
    for row in rows:
        paid[row.buyer] += row.amount
        earned[row.node] += row.amount
    return Net(_money(paid), _money(earned), Money(0))


def batch_hash(packed: bytes) -> Hash:
    """keccak256 of the packed batch: the `batch` field of the event `StatementsSettled`."""
    return "0x" + keccak(packed).hex()


def _packed_row(row: StatementRow, buyers: Sequence[Address], nodes: Sequence[Address]) -> bytes:
    texts = (row.root, row.buyer_signature, row.node_signature)
    root, by_buyer, by_node = (bytes.fromhex(text[2:]) for text in texts)
    indexes = buyers.index(row.buyer), nodes.index(row.node)
    return _ROW.pack(*indexes, row.amount, row.word, row.mask.to_bytes(32, "big"), root, by_buyer, by_node)


def _read_row(
    fields: tuple[int, int, int, int, bytes, bytes, bytes, bytes],
    buyers: Sequence[Address],
    named: Mapping[Address, Address],
) -> StatementRow:
    buyer, node, amount, word, mask, *rest = fields
    nodes = tuple(named)
    if buyer >= len(buyers) or node >= len(nodes):
        raise mismatch("a row of the batch points past the parties")
    texts = ("0x" + part.hex() for part in rest)
    number = int.from_bytes(mask, "big")
    row = StatementRow(buyers[buyer], nodes[node], named[nodes[node]], amount, word, number, *texts)
    _check_row(row)
    return row


def _check_row(row: StatementRow) -> None:
    if not 0 <= row.amount < _UINT64:
        raise mismatch("an amount does not fit uint64")
    if not 0 <= row.word <= word_of(MAXIMUM_SERIAL):
        raise mismatch("a serial does not fit uint64")
    if not 0 < row.mask < _UINT256:
        raise mismatch("a statement marks no serial, or more than one word of them")
    for signature in (row.buyer_signature, row.node_signature):
        if _compacted(signature) != signature:
            raise mismatch("a signature is not in its 64-byte form")


def _check_serials(rows: Iterable[StatementRow]) -> None:
    taken: dict[tuple[Address, int], int] = {}
    for row in rows:
        before = taken.get((row.node, row.word), 0)
        if before & row.mask:
            raise mismatch(f"a serial of the node {row.node} stands in the batch twice")
        taken[row.node, row.word] = before | row.mask


def _read_accounts(table: bytes) -> tuple[Address, ...]:
    accounts = tuple(address_of(account) for (account,) in _PARTY.iter_unpack(table))
    check_table(accounts)
    return accounts


def _read_nodes(table: bytes, accounts: Sequence[Address]) -> dict[Address, Address]:
    rows = [(address_of(node), payee) for node, payee in _NODE.iter_unpack(table)]
    check_table([node for node, _ in rows])
    if any(payee >= len(accounts) for _, payee in rows):
        raise mismatch("a node of the batch points past the payees")
    return {node: accounts[payee] for node, payee in rows}


def _compacted(signature: str) -> str:
    try:
        return compacted(signature)
    except ProtocolError as error:
        raise mismatch("a signature in a row is one of 64 bytes, by a key") from error


def _money(sums: Counter[Address]) -> dict[Address, Money]:
    return {party: Money(amount) for party, amount in sums.items()}
