"""Nodes and leases: what an agent and the market say to each other."""

from suanli.protocol.documents import ResultManifest, TaskSpec
from suanli.protocol.messages import Ask, JobOrder, Lease, Receipt
from suanli.protocol.offering import Offering
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.values import Address, Hash, Uint128
from suanli.protocol.wire.common import Signed, Wire


class NodeView(Wire):
    """`GET /nodes`, `GET /nodes/{node}`: a node in public."""

    node: Address
    owner: Address
    state: NodeState
    stake: Uint128
    online: bool
    last_seen_at: int | None
    ask: Signed[Ask] | None
    offering: Offering | None = None
    leases_running: int
    receipts_settled: int
    earned: Uint128


class AskRequest(Wire):
    """`PUT /nodes/{node}/ask`: the new standing ask, and the document whose hash it names, if any."""

    ask: Signed[Ask]
    offering: Offering | None = None


class Heartbeat(Wire):
    """`POST /nodes/{node}/heartbeat`, every few seconds: the leases that the agent still holds."""

    leases: list[Hash]
    draining: bool = False


class HeartbeatAnswer(Wire):
    """The leases of the heartbeat that are void: stop them and drop what is not yet receipted."""

    fenced: list[Hash]


class Assignment(Wire):
    """A lease offered to the node with all it needs to check and run it.

    `proof` shows that `spec` is task `lease.task` under the order's `specRoot`.
    """

    lease: Signed[Lease]
    order: Signed[JobOrder]
    spec: TaskSpec
    proof: list[Hash]


class Assignments(Wire):
    """`GET /nodes/{node}/leases?wait=S`: new and unfinished leases of the node, oldest first."""

    items: list[Assignment]


class LogChunk(Wire):
    """`POST /leases/{lease}/log`: bytes of the log from `offset`, base64; repeats are harmless."""

    offset: int
    data: str


class ReceiptRequest(Wire):
    """`POST /leases/{lease}/receipt`; outputs must have been uploaded before. Repeats are harmless."""

    receipt: Signed[Receipt]
    manifest: ResultManifest


class HandbackRequest(Wire):
    """`POST /leases/{lease}/handback`: the node gives the lease up, without blame of the program."""

    reason: Reason
    detail: str
