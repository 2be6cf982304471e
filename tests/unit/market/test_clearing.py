import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.core.clearing import Clearing, Match
from market.core.clearing import clear as decide
from suanli.protocol.book import Book, BookNode, BookOrder, BookTask
from suanli.protocol.charging import lease_cap
from suanli.protocol.reasons import Reason
from suanli.protocol.states import NodeState
from suanli.protocol.units import MICRO_ATOMS_PER_ATOM
from tests.unit.market.books import (
    CHEAP,
    LIMITS,
    NOW,
    address,
    ask,
    book,
    books,
    node,
    order,
    task,
    times,
)


def clear(one: Book, epoch: int) -> Clearing:
    return decide(one, epoch).clearing


def reason_of(cleared: Clearing) -> Reason:
    (only,) = cleared.non_matches
    return only.reason


def orders_of(cleared_book: Book) -> dict[str, BookOrder]:
    return {one.order: one for one in cleared_book.orders}


def nodes_of(cleared_book: Book) -> dict[str, BookNode]:
    return {one.node: one for one in cleared_book.nodes}


def task_of(cleared_book: Book, match: Match) -> BookTask:
    tasks = orders_of(cleared_book)[match.order].tasks
    return next(one for one in tasks if one.index == match.task)


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_the_book_changes_nothing(one: Book, random) -> None:
    def shuffled(items):
        items = list(items)
        random.shuffle(items)
        return tuple(items)

    orders = (
        order.model_copy(
            update={
                "tasks": shuffled(
                    task.model_copy(update={"tried": shuffled(task.tried), "owners": shuffled(task.owners)})
                    for task in order.tasks
                )
            }
        )
        for order in one.orders
    )
    other = one.model_copy(update={"orders": shuffled(orders), "nodes": shuffled(one.nodes)})
    assert clear(other, 7).canonical() == clear(one, 7).canonical()


@given(books())
def test_nobody_pays_above_the_order_or_earns_below_the_ask(one: Book) -> None:
    for match in clear(one, 1).matches:
        wanted, offered = orders_of(one)[match.order], nodes_of(one)[match.node].ask
        assert offered is not None
        assert match.ask == offered.id()
        ladder = (offered.prices.vector(), match.prices.vector(), wanted.maximum_prices.vector())
        assert all(asked <= agreed <= most for asked, agreed, most in zip(*ladder, strict=True))
        ingress = task_of(one, match).ingress
        assert match.cap == lease_cap(match.prices, offered.minimumCharge, wanted.limits, ingress)
        assert offered.minimumCharge <= match.cap
        assert match.cap * MICRO_ATOMS_PER_ATOM <= match.payment
        assert match.cap <= lease_cap(wanted.maximum_prices, 0, wanted.limits, ingress)


@given(books())
def test_slots_budgets_and_copies_are_never_exceeded(one: Book) -> None:
    cleared = clear(one, 1)
    for party in one.nodes:
        given_out = sum(match.node == party.node for match in cleared.matches)
        assert given_out <= party.free_slots
    for wanted in one.orders:
        mine = [match for match in cleared.matches if match.order == wanted.order]
        assert sum(match.cap for match in mine) <= wanted.budget_left
        for single in wanted.tasks:
            attempts = [match.attempt for match in mine if match.task == single.index]
            assert attempts == list(range(single.attempt, single.attempt + len(attempts)))
            assert len(attempts) <= single.copies


@given(books())
def test_copies_of_a_task_never_share_an_owner_and_nobody_works_for_itself(one: Book) -> None:
    owners: dict[tuple[str, int], list[str]] = {}
    for match in clear(one, 1).matches:
        party, wanted = nodes_of(one)[match.node], orders_of(one)[match.order]
        assert wanted.buyer not in (party.owner, party.node)
        assert match.node not in task_of(one, match).tried
        owners.setdefault((match.order, match.task), list(task_of(one, match).owners)).append(party.owner)
    assert all(len(set(found)) == len(found) for found in owners.values())


@given(books())
def test_every_copy_without_a_node_has_a_reason(one: Book) -> None:
    cleared = clear(one, 1)
    explained = {(non.order, index) for non in cleared.non_matches for index in non.tasks}
    for wanted in one.orders:
        for single in wanted.tasks:
            placed = sum((m.order, m.task) == (wanted.order, single.index) for m in cleared.matches)
            assert ((wanted.order, single.index) in explained) == (placed < single.copies)
    assert all(non.detail for non in cleared.non_matches)


@given(books())
@settings(max_examples=30)
def test_the_clearing_names_the_book_it_follows_from(one: Book) -> None:
    cleared = clear(one, 1)
    again = Book.parse(one.ordered().canonical())
    assert cleared.book == again.content_hash()
    assert clear(again, 1) == cleared
    assert Clearing.parse(cleared.canonical()) == cleared
    assert clear(again, 2).verdict() == cleared.verdict()


def test_the_cheapest_node_gets_the_task() -> None:
    fleet = [node(1, prices=times(CHEAP, 3)), node(2), node(3, prices=times(CHEAP, 2))]
    (match,) = clear(book([order()], fleet), 1).matches
    assert match.node == address(2)


def test_equal_prices_go_to_the_lowest_address() -> None:
    (match,) = clear(book([order()], [node(5), node(4), node(6)]), 1).matches
    assert match.node == address(4)


def test_the_order_that_is_worth_more_gets_the_last_slot_and_the_other_is_told_the_price() -> None:
    fleet = [node(1, free_slots=1)]
    rich = order(2, maximum_prices=times(CHEAP, 20))
    cleared = clear(book([order(1), rich], fleet), 1)
    assert [match.order for match in cleared.matches] == [rich.order]
    assert reason_of(cleared) is Reason.OUTBID
    worth = lease_cap(times(CHEAP, 20), 0, LIMITS, 1000)
    assert f"more than {worth} atoms" in cleared.non_matches[0].detail


def test_a_task_waits_for_its_own_orders_other_tasks() -> None:
    cleared = clear(book([order(1, task(0), task(1))], [node(1, free_slots=1)]), 1)
    assert len(cleared.matches) == 1
    assert reason_of(cleared) is Reason.NO_FREE_SLOT


def test_two_replicas_go_to_two_owners() -> None:
    fleet = [node(1, owner=101), node(2, owner=101), node(3, owner=103, prices=times(CHEAP, 2))]
    cleared = clear(book([order(1, task(copies=2))], fleet), 1)
    assert [match.node for match in cleared.matches] == [address(1), address(3)]
    assert [match.attempt for match in cleared.matches] == [0, 1]
    assert not cleared.non_matches


def test_a_third_replica_waits_for_a_third_owner() -> None:
    fleet = [node(1, owner=101), node(2, owner=102), node(3, owner=101)]
    cleared = clear(book([order(1, task(copies=3))], fleet), 1)
    assert len(cleared.matches) == 2
    assert reason_of(cleared) is Reason.SAME_OWNER


@pytest.mark.parametrize(
    ("reason", "party"),
    [
        (Reason.NODE_NOT_CONNECTED, node(1, state=NodeState.UNBONDING)),
        (Reason.NODE_DRAINING, node(1, state=NodeState.DRAINING)),
        (Reason.NODE_DRAINING, node(1, draining=True)),
        (Reason.NODE_SILENT, node(1, last_seen_at=None)),
        (Reason.NODE_SILENT, node(1, last_seen_at=NOW - 16)),
        (Reason.ASK_EXPIRED, node(1, ask=None)),
        (Reason.ASK_EXPIRED, node(1, ask=ask(address(1), expiry=NOW))),
        (Reason.SELF_DEALING, node(1, owner=999)),
        (Reason.SELF_DEALING, node(999)),
        (Reason.PRICE_ABOVE_LIMIT, node(1, prices=times(CHEAP, 11))),
        (Reason.PRICE_ABOVE_LIMIT, node(1, ask=ask(address(1), minimumCharge=10**9))),
        (Reason.NO_FREE_SLOT, node(1, free_slots=0)),
    ],
)
def test_a_node_that_may_not_have_the_task_says_why(reason: Reason, party: BookNode) -> None:
    cleared = clear(book([order()], [party]), 1)
    assert not cleared.matches
    assert reason_of(cleared) is reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fuel", Reason.FUEL_LIMIT_TOO_SMALL),
        ("memoryBytes", Reason.MEMORY_TOO_SMALL),
        ("inputBytes", Reason.INPUT_TOO_LARGE),
        ("outputBytes", Reason.OUTPUT_TOO_LARGE),
        ("wallSeconds", Reason.WALL_LIMIT_TOO_SMALL),
    ],
)
def test_a_node_too_small_for_a_limit_names_it(name: str, reason: Reason) -> None:
    just = node(1, ask=ask(address(1), limits=LIMITS))
    short = LIMITS.model_copy(update={name: getattr(LIMITS, name) - 1})
    too_small = node(1, ask=ask(address(1), limits=short))
    assert clear(book([order()], [just]), 1).matches
    assert reason_of(clear(book([order()], [too_small]), 1)) is reason


def test_an_empty_fleet_is_named() -> None:
    assert reason_of(clear(book([order()], []), 1)) is Reason.NO_NODES


def test_a_task_is_not_given_to_a_node_that_had_it() -> None:
    cleared = clear(book([order(1, task(tried=(address(1),)))], [node(1)]), 1)
    assert reason_of(cleared) is Reason.ALREADY_TRIED


def test_the_nearest_miss_is_the_reason() -> None:
    fleet = [node(1, last_seen_at=None), node(2, prices=times(CHEAP, 11)), node(3, last_seen_at=None)]
    cleared = clear(book([order()], fleet), 1)
    assert reason_of(cleared) is Reason.PRICE_ABOVE_LIMIT
    assert "1 of 3 nodes" in cleared.non_matches[0].detail


def test_a_task_waits_for_the_affordable_node_to_be_free() -> None:
    cap = lease_cap(CHEAP, 0, LIMITS, 1000)
    fleet = [node(1, free_slots=0), node(2, prices=times(CHEAP, 5))]
    cleared = clear(book([order(budget_left=cap)], fleet), 1)
    assert reason_of(cleared) is Reason.NO_FREE_SLOT


def test_a_budget_below_every_cap_is_too_small() -> None:
    cap = lease_cap(CHEAP, 0, LIMITS, 1000)
    assert clear(book([order(budget_left=cap)], [node(1)]), 1).matches
    cleared = clear(book([order(budget_left=cap - 1)], [node(1)]), 1)
    assert reason_of(cleared) is Reason.BUDGET_TOO_SMALL
    assert str(cap) in cleared.non_matches[0].detail


def test_a_task_gets_only_what_its_predecessors_left_of_the_budget() -> None:
    cap = lease_cap(CHEAP, 0, LIMITS, 1000)
    cleared = clear(book([order(1, task(0), task(1), budget_left=2 * cap - 1)], [node(1)]), 1)
    assert [match.task for match in cleared.matches] == [0]
    assert cleared.non_matches[0].tasks == (1,)
    assert reason_of(cleared) is Reason.BUDGET_TOO_SMALL
