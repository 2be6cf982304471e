"""What holds of every round, whatever is in it."""

import pytest

from market.core.auction import GREEDY, Budget, clear_round
from suanli.protocol.outcome_digest import outcome_digest
from tests.unit.market.auction.rounds import hold_feasible, random_round

SEED = bytes(range(32))
QUICK = Budget(refreshes=2, steps=10, candidates=4, sweeps=1, ruins=60)


@pytest.mark.parametrize(("budget", "rounds"), [(GREEDY, 1500), (QUICK, 1500)], ids=["greedy", "full"])
def test_no_rule_is_broken_and_nobody_pays_above_value_or_earns_below_ask(
    budget: Budget, rounds: int
) -> None:
    for seed in range(rounds):
        arrays = random_round(seed)
        hold_feasible(*arrays, clear_round(*arrays, SEED, budget))


def test_both_variants_of_the_code_decide_the_same() -> None:
    for seed in range(400):
        arrays = random_round(seed, providers=9, items=25)
        plain, machine = (clear_round(*arrays, SEED, QUICK, compiled=compiled) for compiled in (False, True))
        assert outcome_digest(plain) == outcome_digest(machine), seed
