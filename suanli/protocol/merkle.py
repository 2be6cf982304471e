"""Merkle trees over ordered lists of hashes: the tasks of a job, the receipts of a statement. Pure.

Proofs are those of OpenZeppelin's MerkleProof: commutative pairs; a leaf is hashed twice, so that no inner
node can pose as one, and carries its index. An odd node moves up unchanged.
"""

from collections.abc import Sequence
from functools import cached_property

from eth_utils.crypto import keccak

from suanli.protocol.documents import JobSpec
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.values import Hash


class MerkleTree:
    """The tree over a list of hashes; build it once when many proofs are needed."""

    def __init__(self, hashes: Sequence[Hash]) -> None:
        if not hashes:
            raise ProtocolError(Reason.DOCUMENT_MALFORMED, "a tree needs at least one leaf")
        self.size = len(hashes)
        self._leaves = [_leaf(index, hash_) for index, hash_ in enumerate(hashes)]

    @cached_property
    def _layers(self) -> list[list[bytes]]:
        layers = [self._leaves]
        while len(layers[-1]) > 1:
            layers.append(_layer_above(layers[-1]))
        return layers

    def root(self) -> Hash:
        """The root, which commits to every hash and its index."""
        return _hex(self._layers[-1][0])

    def proof(self, index: int) -> list[Hash]:
        """The siblings from leaf `index` up. Raises ProtocolError(NOT_FOUND) past the end."""
        if not 0 <= index < self.size:
            raise ProtocolError(Reason.NOT_FOUND, f"there is no leaf {index} among {self.size}")
        siblings = []
        for layer in self._layers[:-1]:
            sibling = index ^ 1
            if sibling < len(layer):
                siblings.append(_hex(layer[sibling]))
            index //= 2
        return siblings


def verify(root: Hash, index: int, hash_: Hash, proof: Sequence[Hash]) -> bool:
    """Whether `hash_` is number `index` of the list under `root`."""
    node = _leaf(index, hash_)
    for sibling in proof:
        node = _pair(node, _bytes(sibling))
    return _hex(node) == root


def spec_leaf(index: int, content_hash: Hash) -> Hash:
    """keccak256(keccak256(abi.encode(uint32 index, bytes32 content_hash)))."""
    return _hex(_leaf(index, content_hash))


def spec_tree(job: JobSpec) -> MerkleTree:
    """The tree over the content hashes of a job's tasks."""
    return MerkleTree([task.content_hash() for task in job.tasks])


def spec_root(job: JobSpec) -> Hash:
    """The `specRoot` of the job's order."""
    return spec_tree(job).root()


def spec_proof(job: JobSpec, index: int) -> list[Hash]:
    """Shows that task `index` is the job's; for many tasks ask one `spec_tree`."""
    return spec_tree(job).proof(index)


def verify_spec(root: Hash, index: int, content_hash: Hash, proof: Sequence[Hash]) -> bool:
    """Whether the task specification `content_hash` is number `index` under an order's `specRoot`."""
    return verify(root, index, content_hash, proof)


def receipts_root(receipts: Sequence[Hash]) -> Hash:
    """The `receiptsRoot` of a statement over receipt ids in their order."""
    return MerkleTree(receipts).root()


def receipts_proof(receipts: Sequence[Hash], index: int) -> list[Hash]:
    """Shows that receipt `index` is one of a statement's."""
    return MerkleTree(receipts).proof(index)


def verify_receipt(root: Hash, index: int, receipt: Hash, proof: Sequence[Hash]) -> bool:
    """Whether `receipt` is number `index` under a statement's `receiptsRoot`."""
    return verify(root, index, receipt, proof)


def _leaf(index: int, hash_: Hash) -> bytes:
    if not 0 <= index < 1 << 32:
        raise ProtocolError(Reason.MESSAGE_MALFORMED, f"the index {index} does not fit uint32")
    return keccak(keccak(index.to_bytes(32, "big") + _bytes(hash_)))


def _layer_above(layer: list[bytes]) -> list[bytes]:
    pairs = [_pair(layer[at], layer[at + 1]) for at in range(0, len(layer) - 1, 2)]
    return pairs + layer[len(pairs) * 2 :]


def _pair(left: bytes, right: bytes) -> bytes:
    return keccak(min(left, right) + max(left, right))


def _bytes(hash_: Hash) -> bytes:
    return bytes.fromhex(hash_[2:])


def _hex(data: bytes) -> Hash:
    return "0x" + data.hex()
