"""What uses up a serial of a node is that node's signature, or its own claim, and nothing else."""

import pytest

from suanli.protocol import netting, root_netting
from suanli.protocol.netting import Batch, NettingTask
from suanli.protocol.serials import marks_of
from tests.contracts.conftest import FUNDS
from tests.contracts.reverts import reverts
from tests.contracts.settlement.conftest import receipt_id
from tests.contracts.signing import values


@pytest.fixture
def pay_nothing(suanli, alice, mallory):
    """Alice and her own node, whose key mallory has, pay nothing for serial 0 of `node`."""

    def by_list(node):
        batch = batch_of(node)
        signatures = signed(netting.message(batch))
        return suanli.settlement.settleBatch(netting.pack(batch), signatures, {"from": suanli.relayer})

    def by_root(node):
        form = root_netting.root_form(batch_of(node))
        signatures = signed(root_netting.message(form))
        return suanli.settlement.settleRoot(root_netting.pack(form), signatures, {"from": suanli.relayer})

    def by_statement(node):
        statement = suanli.statement(alice, node, 0, payee=alice)
        signatures = suanli.signed(alice, statement), suanli.signed(mallory, statement)
        marks = marks_of([0])
        return suanli.settlement.settleStatement(
            values(statement), marks, *signatures, {"from": suanli.relayer}
        )

    def batch_of(node):
        epoch = suanli.epoch(alice) + 1
        task = NettingTask(alice.address, node.address, 0, receipt_id(epoch), 0)
        return Batch(epoch, (task,), {node.address: alice.address})

    def signed(message):
        return suanli.signed(alice, message) + suanli.signed(mallory, message)

    return {"list": by_list, "root": by_root, "statement": by_statement}


@pytest.mark.parametrize("way", ["list", "root", "statement"])
def test_a_buyer_and_its_own_node_cannot_use_up_serials_of_another_node(
    suanli, pay_nothing, way, bob, mallory, carols_node
):
    pay_nothing[way](mallory)
    assert suanli.settlement.isPaid(mallory, 0)
    with reverts("InvalidSignature", carols_node):
        pay_nothing[way](carols_node)
    assert not suanli.settlement.isPaid(carols_node, 0)
    suanli.settle_statement(bob, carols_node, 1000, serials=(0,))
    assert suanli.balance(bob) == FUNDS - 1000
