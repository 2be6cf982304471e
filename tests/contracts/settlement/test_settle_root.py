"""Settlement.settleRoot: sums and a root in place of the tasks, with the same serials."""

import random

import pytest
from brownie.exceptions import VirtualMachineError

from suanli.protocol.messages import RootNetting
from suanli.protocol.root_netting import batch_hash, net, pack, root_form
from tests.contracts.conftest import FEE_BASIS_POINTS, FUNDS, STAKE
from tests.contracts.reverts import reverts

HEAD, BUYER, PAYEE, NODE = 47, 28, 20, 37
PAYEES = HEAD + 2 * BUYER
NODES = PAYEES + 2 * PAYEE
MASKS = NODES + 2 * NODE


@pytest.fixture
def form(batch):
    return root_form(batch)


@pytest.fixture
def packed(form):
    return pack(form)


@pytest.fixture
def settle_raw(suanli, form, everyone):
    """Settles any bytes, signed by the parties of `form`."""

    def _settle_raw(packed: bytes, swapped=False):
        netting = RootNetting(epoch=int.from_bytes(packed[:8], "big"), batch=batch_hash(packed))
        order = (*form.buyers, *list(form.nodes)[:: -1 if swapped else 1])
        signatures = b"".join(suanli.signed(everyone[party], netting) for party in order)
        return suanli.settlement.settleRoot(packed, signatures, {"from": suanli.relayer})

    return _settle_raw


def put(packed: bytes, place: int, data: bytes) -> bytes:
    return packed[:place] + data + packed[place + len(data) :]


def test_it_moves_exactly_what_the_protocol_computes(
    suanli, settle_raw, form, packed, alice, bob, carol, dave, carols_node, daves_node, treasury
):
    expected = net(form, FEE_BASIS_POINTS)
    receipt = settle_raw(packed)
    for buyer in (alice, bob):
        assert suanli.balance(buyer) == FUNDS - expected.paid[buyer.address]
    for owner, node in ((carol, carols_node), (dave, daves_node)):
        assert suanli.balance(owner) == FUNDS - STAKE + expected.earned[node.address]
    assert suanli.balance(treasury) == expected.fee
    assert dict(receipt.events["RootSettled"]) == {
        "epoch": 1,
        "batch": batch_hash(packed),
        "root": form.root,
        "tasks": 4,
        "volume": expected.volume(),
        "fee": expected.fee,
    }


def test_it_marks_the_serials_and_consumes_the_epoch(suanli, settle_raw, form, packed):
    settle_raw(packed)
    for node, row in form.nodes.items():
        assert suanli.settlement.paidWord(node, 0) == sum(1 << serial for serial in row.serials())
    for buyer in form.buyers:
        assert suanli.ledger.accountOf(buyer)[1] == 1


def test_what_a_listed_batch_paid_is_not_paid_by_root(settle, settle_raw, batch, packed):
    settle(batch)
    with pytest.raises(VirtualMachineError, match="AlreadyPaid"):
        settle_raw(packed)


def test_signatures_of_the_listed_batch_do_not_count(suanli, batch, packed, everyone):
    from tests.contracts.signing import batch_signatures

    with pytest.raises(VirtualMachineError):
        suanli.settlement.settleRoot(
            packed, batch_signatures(batch, suanli.domain, everyone), {"from": suanli.relayer}
        )


@pytest.mark.parametrize("length", [0, HEAD - 1, MASKS - 1])
def test_batch_that_ends_within_its_tables_reverts(settle_raw, packed, length):
    with reverts("BatchTooShort", length):
        settle_raw(packed[:length])


@pytest.mark.parametrize("difference", [-32, -1, 1, 32])
def test_masks_too_few_or_too_many_revert(settle_raw, packed, difference):
    spoilt = packed[:difference] if difference < 0 else packed + bytes(difference)
    with reverts("BatchLength", len(packed), len(spoilt)):
        settle_raw(spoilt)


def test_batch_without_tasks_reverts(settle_raw, packed):
    with reverts("NoTasks"):
        settle_raw(put(packed, 11, bytes(4)))


def test_another_number_of_tasks_than_serials_reverts(settle_raw, packed):
    with reverts("TasksMismatch", 5, 4):
        settle_raw(put(packed, 11, (5).to_bytes(4, "big")))


def test_nodes_that_earn_more_than_buyers_pay_revert(settle_raw, packed):
    more = int.from_bytes(packed[NODES + 21 : NODES + 29], "big") + 10_000
    with pytest.raises(VirtualMachineError, match="Unbalanced"):
        settle_raw(put(packed, NODES + 21, more.to_bytes(8, "big")))


def test_payee_out_of_range_reverts(settle_raw, packed):
    with reverts("PayeeOutOfRange", 0, 2):
        settle_raw(put(packed, NODES + 20, b"\2"))


def test_serials_past_64_bits_revert(settle_raw, packed):
    masks = packed[: MASKS + 32] + bytes(32) + packed[MASKS + 32 :]
    spoilt = put(masks, NODES + 29, b"\xff" * 7 + b"\2")
    with reverts("WordTooLarge", 1 << 56):
        settle_raw(spoilt)


def test_any_flipped_bit_of_the_batch_or_its_signatures_reverts(suanli, form, packed, everyone):
    netting = RootNetting(epoch=form.epoch, batch=batch_hash(packed))
    signatures = b"".join(suanli.signed(everyone[party], netting) for party in form.parties())
    draw = random.Random(20_261_125)
    for bit in draw.sample(range(8 * (len(packed) + len(signatures))), 160):
        spoilt = bytearray(packed + signatures)
        spoilt[bit // 8] ^= 1 << bit % 8
        parts = bytes(spoilt[: len(packed)]), bytes(spoilt[len(packed) :])
        with pytest.raises(VirtualMachineError):
            suanli.settlement.settleRoot.call(*parts, {"from": suanli.relayer})
    suanli.settlement.settleRoot.call(packed, signatures, {"from": suanli.relayer})


@pytest.mark.parametrize(("table", "row"), [(HEAD, BUYER), (PAYEES, PAYEE), (NODES, NODE)])
def test_unsorted_parties_revert(settle_raw, packed, table, row):
    low, high = packed[table : table + row], packed[table + row : table + 2 * row]
    with reverts("PartiesNotAscending", "0x" + high[:20].hex(), "0x" + low[:20].hex()):
        settle_raw(put(packed, table, high + low), swapped=table == NODES)
