"""Settlement.settleBatch refuses what is not a well-formed batch, whoever signed it."""

import pytest

from suanli.protocol.messages import Netting
from suanli.protocol.netting import batch_hash, pack
from tests.contracts.reverts import reverts

HEAD, BUYER, PAYEE, NODE, TASK = 11, 28, 20, 21, 28
PAYEES = HEAD + 2 * BUYER
NODES = PAYEES + 2 * PAYEE
TASKS = NODES + 2 * NODE


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


def put(packed: bytes, place: int, data: bytes) -> bytes:
    return packed[:place] + data + packed[place + len(data) :]


def test_the_same_bytes_unspoilt_settle(settle_raw, packed):
    settle_raw(packed)


@pytest.mark.parametrize("length", [0, 1, HEAD - 1, HEAD, TASKS - 1, TASKS, TASKS + TASK - 1])
def test_batch_that_ends_before_its_first_task_does_reverts(settle_raw, packed, length):
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
    place = TASKS + 3 * TASK
    with reverts("PartyOutOfRange", 3, 2, packed[place + 1]):
        settle_raw(put(packed, place, b"\2"))


def test_node_index_out_of_range_reverts(settle_raw, packed):
    place = TASKS + 3 * TASK
    with reverts("PartyOutOfRange", 3, packed[place], 255):
        settle_raw(put(packed, place + 1, b"\xff"))


def test_payee_index_out_of_range_reverts(settle_raw, packed):
    with reverts("PayeeOutOfRange", 1, 2):
        settle_raw(put(packed, NODES + 2 * NODE - 1, b"\2"))


def test_index_out_of_range_reverts_even_where_nothing_is_paid(settle_raw, batch_of, alice, carols_node):
    packed = pack(batch_of((alice, carols_node, 0)))
    with reverts("PartyOutOfRange", 0, 0, 1):
        settle_raw(put(packed, HEAD + BUYER + PAYEE + NODE + 1, b"\1"), [alice, carols_node])


def test_one_serial_twice_reverts(settle_raw, packed):
    with reverts("TasksNotAscending", 1):
        settle_raw(packed[: TASKS + TASK] + packed[TASKS : TASKS + TASK] + packed[TASKS + 2 * TASK :])


def test_tasks_out_of_order_revert(settle_raw, packed):
    first, second = packed[TASKS : TASKS + TASK], packed[TASKS + TASK : TASKS + 2 * TASK]
    with reverts("TasksNotAscending", 1):
        settle_raw(put(packed, TASKS, second + first))


def test_buyers_out_of_order_in_the_tasks_revert(settle_raw, packed):
    halves = packed[TASKS : TASKS + 2 * TASK], packed[TASKS + 2 * TASK :]
    with reverts("TasksNotAscending", 2):
        settle_raw(put(packed, TASKS, halves[1] + halves[0]))


def test_base_within_a_word_reverts(settle_raw, packed):
    with reverts("BaseNotAligned", 1, 1):
        settle_raw(put(packed, PAYEES - 1, b"\1"))


def test_serial_past_64_bits_reverts(settle_raw, packed):
    spoilt = put(packed, HEAD + 20, b"\xff" * 7 + b"\0")
    with reverts("WordTooLarge", 1 << 56):
        settle_raw(put(spoilt, TASKS + TASK + 10, b"\1\0"))


TABLES = [(HEAD, BUYER), (PAYEES, PAYEE), (NODES, NODE)]


@pytest.mark.parametrize(("table", "row"), TABLES)
def test_unsorted_parties_revert(settle_raw, packed, table, row):
    low, high = packed[table : table + row], packed[table + row : table + 2 * row]
    with reverts("PartiesNotAscending", "0x" + high[:20].hex(), "0x" + low[:20].hex()):
        settle_raw(put(packed, table, high + low))


@pytest.mark.parametrize(("table", "row"), TABLES)
def test_party_named_twice_reverts(settle_raw, packed, table, row):
    low = packed[table : table + row]
    with reverts("PartiesNotAscending", "0x" + low[:20].hex(), "0x" + low[:20].hex()):
        settle_raw(put(packed, table + row, low))


@pytest.mark.parametrize(("table", "row"), TABLES)
def test_zero_address_is_no_party(settle_raw, packed, table, row):
    zero = "0x" + "00" * 20
    with reverts("PartiesNotAscending", zero, zero):
        settle_raw(put(packed, table, bytes(20)))


def test_batch_without_parties_reverts(settle_raw, packed):
    lone_task = packed[:8] + bytes(3) + packed[-TASK:]
    with reverts("PartyOutOfRange", 0, packed[-TASK], packed[1 - TASK]):
        settle_raw(lone_task, [])


def test_batch_of_255_parties_of_each_kind_is_read_to_its_end(settle_raw, packed):
    numbers = [number.to_bytes(20, "big") for number in range(1, 256)]
    tables = b"".join(number + bytes(8) for number in numbers) + b"".join(numbers)
    tables += b"".join(number + b"\0" for number in numbers)
    with reverts("SignaturesLength", 2 * 255 * 64, 0):
        settle_raw(packed[:8] + b"\xff" * 3 + tables + packed[-TASK:], [])
