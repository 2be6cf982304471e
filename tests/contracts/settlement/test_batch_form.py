"""Settlement.settleBatch refuses what is not a well-formed batch, whoever signed it."""

import pytest
from brownie.exceptions import VirtualMachineError

from suanli.protocol.messages import Netting
from suanli.protocol.netting import batch_hash, pack
from tests.contracts.reverts import reverts

HEAD, PARTY, NODE, MASK, TASK = 11, 20, 29, 32, 25
PAYEES = HEAD + 2 * PARTY
NODES = PAYEES + 2 * PARTY
WORDS = NODES + 2 * NODE
WORD = MASK + 2 * TASK
"""Each of the two nodes has one word of two tasks."""


@pytest.fixture
def settle_raw(suanli, alice, bob, carols_node, daves_node):
    """Settles any bytes; everybody signs them in the order of the table of `batch`."""
    buyers = sorted((alice, bob), key=lambda person: person.address.lower())
    nodes = sorted((carols_node, daves_node), key=lambda person: person.address.lower())

    def _settle_raw(packed: bytes, signers=None, swapped=False):
        netting = Netting(epoch=int.from_bytes(packed[:8], "big"), batch=batch_hash(packed))
        order = buyers + nodes[:: -1 if swapped else 1] if signers is None else signers
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


@pytest.mark.parametrize("length", [0, 1, HEAD - 1, HEAD, WORDS - 1])
def test_batch_that_ends_before_its_tables_do_reverts(settle_raw, packed, length):
    with reverts("BatchTooShort", length):
        settle_raw(packed[:length])


@pytest.mark.parametrize("missing", [1, TASK, WORD - MASK - 1])
def test_batch_that_ends_within_a_word_reverts(settle_raw, packed, missing):
    with reverts("BatchLength", len(packed), len(packed) - missing):
        settle_raw(packed[:-missing])


def test_batch_that_ends_before_its_last_mask_does_reverts(settle_raw, packed):
    """What stands behind the batch is read for the mask, and refused whatever it marks."""
    for length in (WORDS, WORDS + WORD, WORDS + WORD + MASK - 1):
        with pytest.raises(VirtualMachineError, match=r"BatchLength|BuyerOutOfRange"):
            settle_raw(packed[:length])


@pytest.mark.parametrize("more", [1, TASK, MASK])
def test_trailing_bytes_revert(settle_raw, packed, more):
    with reverts("BatchLength", len(packed), len(packed) + more):
        settle_raw(packed + bytes(more))


@pytest.mark.parametrize("spoil", [b"\2", b"\xff"])
def test_buyer_index_out_of_range_reverts(settle_raw, packed, spoil):
    place = WORDS + WORD + MASK + TASK
    with reverts("BuyerOutOfRange", place, spoil[0]):
        settle_raw(put(packed, place, spoil))


def test_payee_index_out_of_range_reverts(settle_raw, packed):
    with reverts("PayeeOutOfRange", 1, 2):
        settle_raw(put(packed, NODES + NODE + PARTY, b"\2"))


def test_index_out_of_range_reverts_even_where_nothing_is_paid(settle_raw, batch_of, alice, carols_node):
    packed = pack(batch_of((alice, carols_node, 0)))
    place = HEAD + 2 * PARTY + NODE + MASK
    with reverts("BuyerOutOfRange", place, 1):
        settle_raw(put(packed, place, b"\1"), [alice, carols_node])


def test_mask_that_marks_more_or_fewer_tasks_than_follow_reverts(settle_raw, packed):
    for mask in (7, 1):
        with pytest.raises(VirtualMachineError, match=r"BatchLength|BuyerOutOfRange"):
            settle_raw(put(packed, WORDS + WORD, mask.to_bytes(MASK, "big")))


def test_batch_without_tasks_reverts(settle_raw, packed):
    """Words that mark nothing, and nodes without a word."""
    with reverts("NoTasks"):
        settle_raw(packed[:WORDS] + bytes(2 * MASK))
    with reverts("NoTasks"):
        settle_raw(put(put(packed, WORDS - 1, b"\0"), WORDS - NODE - 1, b"\0")[:WORDS])


def test_words_that_mark_nothing_and_a_node_without_words_are_read(suanli, settle_raw, packed, batch):
    first = put(packed, NODES + NODE - 1, b"\3")
    settle_raw(first[:WORDS] + packed[WORDS : WORDS + WORD] + bytes(2 * MASK) + packed[WORDS + WORD :])
    node = batch.nodes()[0]
    assert [suanli.settlement.paidWord(node, word) for word in range(3)][1:] == [0, 0]


def test_serial_past_64_bits_reverts(settle_raw, packed):
    spoilt = put(packed, NODES + PARTY + 1, b"\xff" * 7 + b"\2")
    with reverts("WordTooLarge", 1 << 56):
        settle_raw(spoilt[: WORDS + WORD] + bytes(MASK) + spoilt[WORDS + WORD :])


TABLES = [(HEAD, PARTY), (PAYEES, PARTY), (NODES, NODE)]


@pytest.mark.parametrize(("table", "row"), TABLES)
def test_unsorted_parties_revert(settle_raw, packed, table, row):
    low, high = packed[table : table + row], packed[table + row : table + 2 * row]
    with reverts("PartiesNotAscending", "0x" + high[:20].hex(), "0x" + low[:20].hex()):
        settle_raw(put(packed, table, high + low), swapped=table == NODES)


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
    with reverts("NoTasks"):
        settle_raw(packed[:8] + bytes(3), [])


def test_batch_of_255_parties_of_each_kind_is_read_to_its_end(settle_raw, packed):
    numbers = [number.to_bytes(20, "big") for number in range(1, 256)]
    tables = 2 * b"".join(numbers) + b"".join(number + bytes(9) for number in numbers)
    with reverts("SignaturesLength", 2 * 255 * 64, 0):
        settle_raw(packed[:8] + b"\xff" * 3 + tables, [])
