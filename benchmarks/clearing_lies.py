"""What a buyer or a provider gains by misstating: the round is cleared anew for each lie of a few liars.

A liar tries every lie and keeps the best, judged with hindsight; its gain is held against what it trades.
As in the market, every clearing starts from the last round's duals, here those of an honest round.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.clearing_peers import payments
from benchmarks.clearing_rounds import Round, synthetic
from market.core.auction import Budget, clear_round
from market.core.auction.surplus import prices_at
from suanli.protocol.arrays import Integers, Outcome

LIARS = 30
BUYER_LIES = (0.7, 0.85, 0.92, 0.97, 1.03, 1.1, 1.25, 1.6)
PROVIDER_LIES = (0.8, 0.9, 0.97, 1.03, 1.06, 1.1, 1.2, 1.4)
SETTLED = Budget(refreshes=8, steps=30, candidates=64, ruins=0)
BUDGET = Budget(refreshes=2, steps=20, candidates=32, ruins=4_000)
Gains = dict[str, tuple[float, float]]
"""By payment rule: the gains of the liars by their best lies, and what they trade when they are honest."""


def manipulation(seed: bytes) -> list[dict[str, object]]:
    """The figures `clearing.manipulation_gain.*`."""
    arrays = synthetic(300, 1_000, 7)
    duals = clear_round(*arrays, seed, SETTLED).duals
    rows: list[dict[str, object]] = []

    def clear(stated: Round) -> Outcome:
        return clear_round(*stated, seed, BUDGET, duals)

    for side, gains in (("buyer", _buyers(arrays, clear)), ("provider", _providers(arrays, clear))):
        part = {rule: gain / max(traded, 1) for rule, (gain, traded) in gains.items()}
        ours = part.pop("uniform support price")
        others = ", ".join(f"{rule} {value:.1%}" for rule, value in part.items())
        told = f"300 x 1 000, {LIARS} liars, {len(BUYER_LIES)} lies each, of what they trade; {others}"
        row = {"name": f"clearing.manipulation_gain.{side}", "value": ours, "unit": "fraction"}
        rows.append({**row, "conditions": told})
    return rows


def _buyers(arrays: Round, clear: Callable[[Round], Outcome]) -> Gains:
    measure, supply, demand = arrays
    liars = np.random.default_rng(3).choice(len(demand), LIARS, replace=False)
    honest = _buyer_utilities(arrays, arrays, clear(arrays))
    gains = {rule: (0.0, float(demand.value[liars].sum())) for rule in honest}
    for item in liars.tolist():
        best = dict.fromkeys(honest, 0)
        for lie in BUYER_LIES:
            told = demand.value.copy()
            told[item] = int(told[item] * lie)
            stated = (measure, supply, replace(demand, value=told))
            lied = _buyer_utilities(arrays, stated, clear(stated))
            best = {rule: max(best[rule], int(lied[rule][item] - honest[rule][item])) for rule in best}
        gains = {rule: (gain + best[rule], traded) for rule, (gain, traded) in gains.items()}
    return gains


def _buyer_utilities(true: Round, stated: Round, outcome: Outcome) -> dict[str, Integers]:
    """By rule and item: the true value less quality and payment."""
    _, supply, demand = true
    items = np.flatnonzero(outcome.provider >= 0)
    at = outcome.provider[items]
    quality = (demand.weights[items] * supply.quality[at]).sum(axis=1) + demand.region_cost[
        items, supply.region[at]
    ]
    utilities = {}
    for rule, paid in payments(stated, outcome).items():
        utilities[rule] = np.zeros(len(demand), np.int64)
        utilities[rule][items] = demand.value[items] - quality - paid[items]
    return utilities


def _providers(arrays: Round, clear: Callable[[Round], Outcome]) -> Gains:
    measure, supply, demand = arrays
    liars = np.random.default_rng(4).choice(len(supply), LIARS, replace=False)
    outcome = clear(arrays)
    honest = _provider_utilities(arrays, arrays, outcome)
    sold = {rule: _by_provider(arrays, outcome, paid) for rule, paid in payments(arrays, outcome).items()}
    gains = {rule: (0.0, float(sold[rule][liars].sum())) for rule in honest}
    for provider in liars.tolist():
        best = dict.fromkeys(honest, 0)
        for lie in PROVIDER_LIES:
            prices, minimum = supply.prices.copy(), supply.minimum.copy()
            prices[provider] = (prices[provider] * lie).astype(np.int64)
            minimum[provider] = int(minimum[provider] * lie)
            stated = (measure, replace(supply, prices=prices, minimum=minimum), demand)
            lied = _provider_utilities(arrays, stated, clear(stated))
            best = {
                rule: max(best[rule], int(lied[rule][provider] - honest[rule][provider])) for rule in best
            }
        gains = {rule: (gain + best[rule], traded) for rule, (gain, traded) in gains.items()}
    return gains


def _provider_utilities(true: Round, stated: Round, outcome: Outcome) -> dict[str, Integers]:
    """By rule and provider: what comes in less what its true ask would have charged."""
    items = np.flatnonzero(outcome.provider >= 0)
    cost = np.zeros(len(true[2]), np.int64)
    cost[items] = prices_at(*true, items, outcome.provider[items])
    return {
        rule: _by_provider(true, outcome, paid - cost) for rule, paid in payments(stated, outcome).items()
    }


def _by_provider(arrays: Round, outcome: Outcome, amounts: Integers) -> Integers:
    total = np.zeros(len(arrays[1]), np.int64)
    items = np.flatnonzero(outcome.provider >= 0)
    np.add.at(total, outcome.provider[items], amounts[items])
    return total
