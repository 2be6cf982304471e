"""Merkle proofs verify exactly for the hash, the index and the root they were made for."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from suanli.protocol.documents import JobSpec, TaskSpec
from suanli.protocol.errors import ProtocolError
from suanli.protocol.merkle import (
    MerkleTree,
    receipts_proof,
    receipts_root,
    spec_leaf,
    spec_proof,
    spec_root,
    verify,
    verify_receipt,
    verify_spec,
)
from tests.unit.protocol.strategies import hashes

lists = st.lists(hashes, min_size=1, max_size=40, unique=True)


def flipped(hash_: str, bit: int) -> str:
    return f"0x{int(hash_, 16) ^ (1 << bit):064x}"


@given(lists)
def test_every_leaf_is_proved(leaves: list[str]) -> None:
    tree = MerkleTree(leaves)
    assert all(verify(tree.root(), at, leaf, tree.proof(at)) for at, leaf in enumerate(leaves))


@given(lists, st.data())
def test_proof_fails_for_another_hash_index_sibling_or_root(leaves: list[str], data: st.DataObject) -> None:
    tree, at = MerkleTree(leaves), data.draw(st.integers(0, len(leaves) - 1))
    bit, proof = data.draw(st.integers(0, 255)), tree.proof(at)
    assert not verify(tree.root(), at, flipped(leaves[at], bit), proof)
    assert not verify(tree.root(), at + 1, leaves[at], proof)
    assert not verify(flipped(tree.root(), bit), at, leaves[at], proof)
    assert not verify(tree.root(), at, leaves[at], [*proof, leaves[at]])
    for step in range(len(proof)):
        assert not verify(
            tree.root(), at, leaves[at], [*proof[:step], flipped(proof[step], bit), *proof[step + 1 :]]
        )
        assert not verify(tree.root(), at, leaves[at], proof[:step] + proof[step + 1 :])


@given(st.lists(hashes, min_size=2, max_size=20, unique=True), st.data())
def test_order_of_the_leaves_counts(leaves: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(leaves))
    assert (MerkleTree(shuffled).root() == MerkleTree(leaves).root()) == (shuffled == leaves)


def test_leaf_is_the_twice_hashed_abi_encoding() -> None:
    content = "0x" + "5a" * 32
    encoded = encode(["uint32", "bytes32"], [9, bytes.fromhex("5a" * 32)])
    assert spec_leaf(9, content) == "0x" + keccak(keccak(encoded)).hex()


def test_a_single_leaf_is_its_own_root() -> None:
    content = "0x" + "5a" * 32
    assert receipts_root([content]) == spec_leaf(0, content)
    assert receipts_proof([content], 0) == []


def test_three_leaves_hash_as_openzeppelin_would() -> None:
    contents = ["0x" + byte * 32 for byte in ("01", "02", "03")]
    first, second, third = (bytes.fromhex(spec_leaf(at, one)[2:]) for at, one in enumerate(contents))
    pair = keccak(b"".join(sorted((first, second))))
    assert receipts_root(contents) == "0x" + keccak(b"".join(sorted((pair, third)))).hex()


def test_a_job_commits_to_each_task() -> None:
    tasks = [TaskSpec(module="0x" + "00" * 32, module_size=3, arguments=[str(at)]) for at in range(5)]
    job = JobSpec(name="sweep", tasks=tasks)
    for at, task in enumerate(tasks):
        assert verify_spec(spec_root(job), at, task.content_hash(), spec_proof(job, at))
    assert not verify_spec(spec_root(job), 0, tasks[1].content_hash(), spec_proof(job, 0))


def test_a_statement_commits_to_each_receipt() -> None:
    receipts = [f"0x{at:064x}" for at in range(6)]
    root = receipts_root(receipts)
    assert all(verify_receipt(root, at, one, receipts_proof(receipts, at)) for at, one in enumerate(receipts))


def test_a_tree_without_leaves_is_refused() -> None:
    with pytest.raises(ProtocolError, match="DOCUMENT_MALFORMED"):
        MerkleTree([])


@pytest.mark.parametrize("index", [-1, 3])
def test_a_proof_past_the_end_is_refused(index: int) -> None:
    with pytest.raises(ProtocolError, match="NOT_FOUND"):
        MerkleTree(["0x" + "01" * 32] * 3).proof(index)
