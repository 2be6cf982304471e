"""Settlement: proposals that parties check against their own books and co-sign."""

from suanli.protocol.messages import Netting, Statement
from suanli.protocol.values import Address, Hash, SignatureHex
from suanli.protocol.wire.common import Explanation, Wire


class BatchProposal(Wire):
    """`GET /settlement/batches?party=A`: a netting that waits for A. `packed` is `netting.pack(...)`, 0x-hex.

    `id` is the Netting's struct hash. A party is a buyer's account or a node.
    """

    id: Hash
    netting: Netting
    packed: str
    parties: list[Address]


class PartyView(Wire):
    """How far a party of a batch is; `reason` says why it was left out of the next variant."""

    party: Address
    signed: bool
    reason: Explanation | None


class BatchView(Wire):
    """`GET /batches`, `GET /batches/{id}`: a batch in public, `state` as in `market.core.settlement`.

    With `root` it landed by root: `netting` has the values of its RootNetting, `packed` lists no tasks.
    """

    id: Hash
    netting: Netting
    packed: str
    state: str
    parties: list[PartyView]
    created_at: int
    transaction: Hash | None
    reason: Explanation | None
    root: Hash | None = None


class StatementProposal(Wire):
    """`GET /settlement/statements?party=A`: a statement that waits for A; `receipts` in the tree's order.

    Its marks are those of the serials of the receipts' leases.
    """

    id: Hash
    statement: Statement
    receipts: list[Hash]


class CoSignature(Wire):
    """`POST /settlement/{batches|statements}/{id}/signatures`: the signer may be a delegate of the party."""

    party: Address
    signature: SignatureHex


class Refusal(Wire):
    """`POST /settlement/{batches|statements}/{id}/refusals`: the party's books differ; it is dropped."""

    party: Address
    reason: str
    detail: str
