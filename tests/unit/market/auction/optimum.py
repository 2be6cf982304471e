"""The best allocation of a small round, by CP-SAT: a reference that shares no code with the auction."""

from ortools.sat.python import cp_model

from suanli.protocol.arrays import Demand, Measure, Supply, pair


def best_welfare(measure: Measure, supply: Supply, demand: Demand, seconds: float = 30) -> tuple[int, bool]:
    """The largest welfare found, micro-atoms, and whether it is proven to be the largest."""
    model = cp_model.CpModel()
    chosen, gain = {}, []
    prices: dict[int, list[tuple[object, int]]] = {}
    for i in range(len(demand)):
        for j in range(len(supply)):
            match = pair(measure, supply, demand, i, j)
            if match is not None:
                chosen[i, j] = model.new_bool_var("")
                gain.append(match.surplus * chosen[i, j])
                prices.setdefault(int(demand.group[i]), []).append((chosen[i, j], match.price))
    for i in range(len(demand)):
        model.add_at_most_one(chosen[i, j] for j in range(len(supply)) if (i, j) in chosen)
    for j in range(len(supply)):
        here = [(i, chosen[i, j]) for i in range(len(demand)) if (i, j) in chosen]
        for r, room in enumerate(supply.capacity[j].tolist()):
            model.add(sum(int(demand.load[i, r]) * x for i, x in here) <= room)
    kin: dict[tuple[int, int], list[object]] = {}
    for (i, j), x in chosen.items():
        kin.setdefault((int(demand.family[i]), int(supply.owner[j])), []).append(x)
    for together in kin.values():
        model.add_at_most_one(together)
    for group, spent in prices.items():
        model.add(sum(price * x for x, price in spent) <= int(demand.budget[group]))
    model.maximize(sum(gain))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    return round(solver.objective_value), status == cp_model.OPTIMAL
