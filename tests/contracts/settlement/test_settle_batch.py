"""Settlement.settleBatch: what a good batch does."""

from suanli.protocol.messages import Netting
from suanli.protocol.netting import batch_hash, net, pack
from tests.contracts.clock import next_block_at
from tests.contracts.conftest import FEE_BASIS_POINTS, FUNDS, STAKE, UNBONDING_SECONDS
from tests.contracts.reverts import reverts
from tests.contracts.signing import batch_signatures


def test_batch_moves_exactly_what_the_protocol_computes(
    suanli, settle, batch, alice, bob, carol, dave, carols_node, daves_node, treasury
):
    expected = net(batch, FEE_BASIS_POINTS)
    settle(batch)
    for buyer in (alice, bob):
        assert suanli.balance(buyer) == FUNDS - expected.paid[buyer.address]
    for owner, node in ((carol, carols_node), (dave, daves_node)):
        assert suanli.balance(owner) == FUNDS - STAKE + expected.earned[node.address]
    assert suanli.balance(treasury) == expected.fee


def test_batch_event_names_the_calldata_and_the_sums(settle, batch):
    expected = net(batch, FEE_BASIS_POINTS)
    receipt = settle(batch)
    assert dict(receipt.events["BatchSettled"]) == {
        "epoch": 1,
        "batch": batch_hash(pack(batch)),
        "volume": expected.volume(),
        "fee": expected.fee,
    }


def test_fee_is_rounded_down_for_each_task_alone(suanli, settle, batch_of, alice, carols_node, treasury):
    settle(batch_of(*[(alice, carols_node, 99)] * 5))
    assert suanli.balance(treasury) == 0


def test_batch_consumes_the_epoch_of_buyers_only(suanli, settle, batch, alice, bob, carol, dave, treasury):
    settle(batch)
    assert [suanli.epoch(buyer) for buyer in (alice, bob)] == [1, 1]
    assert [suanli.epoch(other) for other in (carol, dave, treasury)] == [0, 0, 0]


def test_two_nodes_of_one_owner_are_both_paid(suanli, settle, batch_of, alice, carol, carols_node, operator):
    suanli.connect(operator, carol)
    before = suanli.balance(carol)
    signers = {operator.address: operator}
    settle(batch_of((alice, carols_node, 1000), (alice, operator, 2000)), signers=signers)
    assert suanli.balance(carol) == before + 990 + 1980


def test_buyer_may_own_the_node_that_works_for_it(suanli, settle, batch_of, alice, operator, treasury):
    suanli.connect(operator, alice)
    before = suanli.balance(alice)
    rows, payees = (alice, operator, 10_000), {operator.address: alice.address}
    settle(batch_of(rows, payees=payees), signers={operator.address: operator})
    assert (suanli.balance(alice), suanli.balance(treasury)) == (before - 100, 100)


def test_released_node_is_still_paid_for_old_receipts(suanli, settle, batch_of, alice, carol, carols_node):
    ended = suanli.registry.disconnect(carols_node, {"from": carol}).timestamp
    next_block_at(ended + UNBONDING_SECONDS)
    suanli.registry.release(carols_node, {"from": suanli.relayer})
    settle(batch_of((alice, carols_node, 1000)))
    assert suanli.balance(carol) == FUNDS + 990


def test_thawing_money_still_pays(suanli, settle, batch_of, alice, carols_node):
    suanli.ledger.thaw(FUNDS, {"from": alice})
    settle(batch_of((alice, carols_node, FUNDS)))
    assert suanli.balance(alice) == 0


def test_buyer_pays_its_last_atom_and_no_more(suanli, settle, batch_of, alice, carols_node):
    with reverts("BalanceTooSmall", alice, FUNDS, FUNDS + 1):
        settle(batch_of((alice, carols_node, FUNDS), (alice, carols_node, 1)))


def test_one_poor_buyer_stops_the_whole_batch(suanli, settle, batch_of, alice, bob, carols_node):
    with reverts("BalanceTooSmall", bob, FUNDS, 2 * FUNDS):
        settle(batch_of((alice, carols_node, 1000), (bob, carols_node, 2 * FUNDS)))
    assert suanli.balance(alice) == FUNDS


def test_amounts_of_64_bits_add_up_without_overflow(suanli, settle, batch_of, alice, carols_node):
    most = 2**64 - 1
    with reverts("BalanceTooSmall", alice, FUNDS, 3 * most):
        settle(batch_of(*[(alice, carols_node, most)] * 3))


def test_buyer_without_a_task_signs_and_spends_its_epoch(suanli, batch_of, alice, bob, carols_node):
    lone = batch_of((alice, carols_node, 1000))
    packed = with_buyers(lone, alice, bob)
    signatures = sign_packed(suanli, 1, packed, [*sorted_by_address(alice, bob), carols_node])
    suanli.settlement.settleBatch(packed, signatures, {"from": suanli.relayer})
    assert (suanli.balance(bob), suanli.epoch(bob)) == (FUNDS, 1)


def test_task_of_nothing_is_allowed(suanli, settle, batch_of, alice, carols_node):
    settle(batch_of((alice, carols_node, 0)))
    assert (suanli.balance(alice), suanli.epoch(alice)) == (FUNDS, 1)


def test_payee_is_whom_all_signed_not_whom_the_registry_names(
    suanli, settle, batch_of, alice, bob, carols_node
):
    settle(batch_of((alice, carols_node, 1000), payees={carols_node.address: bob.address}))
    assert suanli.balance(bob) == FUNDS + 990


def test_each_task_marks_its_serial_and_no_other(suanli, settle, batch):
    settle(batch)
    for node, serials in batch.serials().items():
        assert suanli.settlement.paidWord(node, 0) == sum(1 << serial for serial in serials)
        assert all(suanli.settlement.isPaid(node, serial) for serial in serials)
    for buyer in batch.buyers():
        assert suanli.settlement.paidWord(buyer, 0) == 0


def test_anyone_may_relay(suanli, batch, everyone, mallory):
    signatures = batch_signatures(batch, suanli.domain, everyone)
    suanli.settlement.settleBatch(pack(batch), signatures, {"from": mallory})


def with_buyers(batch, *buyers) -> bytes:
    """A packed batch of one task whose buyer has company in the table."""
    packed = pack(batch)
    table = b"".join(bytes.fromhex(buyer.address[2:]) for buyer in sorted_by_address(*buyers))
    index = bytes([sorted_by_address(*buyers).index(buyers[0])])
    task = len(packed) - 25
    head = packed[:8] + bytes([len(buyers)]) + packed[9:11]
    return head + table + packed[31:task] + index + packed[task + 1 :]


def sorted_by_address(*people) -> list:
    return sorted(people, key=lambda person: person.address.lower())


def sign_packed(suanli, epoch: int, packed: bytes, signers) -> bytes:
    netting = Netting(epoch=epoch, batch=batch_hash(packed))
    return b"".join(suanli.signed(signer, netting) for signer in signers)
