"""Settlement.settleBatch refuses what is not a well-formed batch, whoever signed it."""

import pytest

from suanli.protocol.messages import Netting
from suanli.protocol.netting import batch_hash, pack
from tests.contracts.reverts import reverts

HEAD, PARTY, TASK = 10, 20, 42


@pytest.fixture
def settle_raw(suanli, alice, bob, carols_node, daves_node):
    """Settles any bytes; everybody signs them in the order of the table of `batch`."""
    buyers = sorted((alice, bob), key=lambda person: person.address.lower())
    nodes = sorted((carols_node, daves_node), key=lambda person: person.address.lower())

    def _settle_raw(packed: bytes, signers=None):
        netting = Netting(epoch=int.from_bytes(packed[:8], "big"), batch=batch_hash(packed))
        order = buyers + nodes if signers is None else signers
        signatures = b"".join(suanli.signed(signer, netting) for signer in order)
        return suanli.settlement.settleBatch(packed, signatures, {"from": suanli.relayer})

    return _settle_raw


@pytest.fixture
def packed(batch):
    return pack(batch)


def test_the_same_bytes_unspoilt_settle(settle_raw, packed):
    settle_raw(packed)


@pytest.mark.parametrize("length", [0, 1, HEAD - 1, HEAD, HEAD + 4 * PARTY - 1, HEAD + 4 * PARTY])
def test_batch_that_ends_before_its_first_task_reverts(settle_raw, packed, length):
    with reverts("BatchTooShort", length):
        settle_raw(packed[:length])


def test_batch_cut_within_its_first_task_reverts(settle_raw, packed):
    length = HEAD + 4 * PARTY + TASK - 1
    with reverts("BatchTooShort", length):
        settle_raw(packed[:length])


@pytest.mark.parametrize("more", [1, TASK - 1])
def test_trailing_bytes_revert(settle_raw, packed, more):
    with reverts("TrailingBytes", more):
        settle_raw(packed + bytes(more))


def test_batch_cut_within_a_later_task_reverts(settle_raw, packed):
    with reverts("TrailingBytes", TASK - 1):
        settle_raw(packed[:-1])


def test_buyer_index_out_of_range_reverts(settle_raw, packed):
    at = HEAD + 4 * PARTY + 2 * TASK
    node = packed[at + 1]
    with reverts("PartyOutOfRange", 2, 2, node):
        settle_raw(packed[:at] + b"\2" + packed[at + 1 :])


def test_node_index_out_of_range_reverts(settle_raw, packed):
    at = HEAD + 4 * PARTY + 3 * TASK
    buyer = packed[at]
    with reverts("PartyOutOfRange", 3, buyer, 255):
        settle_raw(packed[: at + 1] + b"\xff" + packed[at + 2 :])


def test_index_out_of_range_reverts_even_where_nothing_is_paid(settle_raw, batch_of, alice, carols_node):
    packed = pack(batch_of((alice, carols_node, 0)))
    at = HEAD + 2 * PARTY
    with reverts("PartyOutOfRange", 0, 0, 1):
        settle_raw(packed[: at + 1] + b"\1" + packed[at + 2 :], [alice, carols_node])


def swapped(packed: bytes, first: int) -> bytes:
    second = first + PARTY
    return packed[:first] + packed[second : second + PARTY] + packed[first:second] + packed[second + PARTY :]


@pytest.mark.parametrize("table", [HEAD, HEAD + 2 * PARTY])
def test_unsorted_parties_revert(settle_raw, packed, table):
    low, high = packed[table : table + PARTY], packed[table + PARTY : table + 2 * PARTY]
    with reverts("PartiesNotAscending", "0x" + high.hex(), "0x" + low.hex()):
        settle_raw(swapped(packed, table))


@pytest.mark.parametrize("table", [HEAD, HEAD + 2 * PARTY])
def test_party_named_twice_reverts(settle_raw, packed, table):
    low = packed[table : table + PARTY]
    with reverts("PartiesNotAscending", "0x" + low.hex(), "0x" + low.hex()):
        settle_raw(packed[: table + PARTY] + low + packed[table + 2 * PARTY :])


def test_zero_address_is_no_party(settle_raw, packed):
    zero = "0x" + "00" * 20
    with reverts("PartiesNotAscending", zero, zero):
        settle_raw(packed[:HEAD] + bytes(PARTY) + packed[HEAD + PARTY :])


def test_unknown_node_reverts(suanli, settle_raw, batch_of, alice, mallory):
    with reverts("NodeUnknown", mallory):
        settle_raw(pack(batch_of((alice, mallory, 1000))), [alice, mallory])


def test_batch_without_parties_reverts(settle_raw, packed):
    lone_task = packed[:8] + bytes(2) + packed[-TASK:]
    with reverts("PartyOutOfRange", 0, packed[-TASK], packed[1 - TASK]):
        settle_raw(lone_task, [])


def test_batch_of_255_by_255_parties_is_read_to_its_end(settle_raw, packed):
    head = packed[:8] + b"\xff\xff"
    parties = b"".join(number.to_bytes(PARTY, "big") for number in range(1, 256)) * 2
    with reverts("SignaturesLength", 2 * 255 * 64, 0):
        settle_raw(head + parties + packed[-TASK:], [])
