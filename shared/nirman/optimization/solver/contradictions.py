"""Which rules cannot be kept together, where it took a search to prove that there is no schedule."""

from __future__ import annotations

from collections.abc import Sequence

from nirman.optimization.solver.answer import Conflict
from nirman.optimization.solver.problem import Problem

WORK_LIMIT = 0.5
"""CP-SAT's deterministic seconds to find out whether totals alone are to blame, and which."""
_MOST_NAMES = 5


def contradiction(problem: Problem) -> Conflict:
    """Of a problem that is proven to have no schedule.

    Where no choice of modes keeps the totals, it names these, and none that does not matter as far as that was seen in
    the time; else the rules that the problem has.
    """
    blamed = _totals_to_blame(problem)
    if not blamed:
        return Conflict(f"there is no schedule that keeps to {_all_rules(problem)}")
    totals = [f"{_total_name(problem, number)} ({problem.non_renewables[number].total})" for number in blamed]
    rule = f"no choice of modes keeps to {_listed('the total', totals)}{' together' if len(blamed) > 1 else ''}"
    return Conflict(rule, non_renewable=blamed[0])


def _totals_to_blame(problem: Problem) -> tuple[int, ...]:
    """Non-renewables that no choice of modes keeps together; none where there is one, or it was not seen in time."""
    blamed = tuple(range(len(problem.non_renewables)))
    if not blamed or all(len(activity.modes) == 1 for activity in problem.activities):
        return ()
    choice = _Choice(problem)
    core = choice.refuted(blamed)
    for number in core:
        fewer = tuple(other for other in core if other != number)
        if choice.refuted(fewer):
            core = fewer
    return core


class _Choice:
    """Modes of all activities, and totals that can be asked for or not."""

    def __init__(self, problem: Problem) -> None:
        from ortools.sat.python import cp_model  # noqa: PLC0415  # only where it has proven something already

        self._left = WORK_LIMIT
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._infeasible = cp_model.INFEASIBLE
        self._model = model = cp_model.CpModel()
        taken: list[list[cp_model.LinearExprT]] = [[] for _ in problem.non_renewables]
        for activity in problem.activities:
            chosen = [model.new_bool_var("") for _ in activity.modes]
            model.add_exactly_one(chosen)
            for mode, literal in zip(activity.modes, chosen, strict=True):
                for number, units in mode.consumption.items():
                    taken[number].append(literal * units)
        self._asked = [model.new_bool_var("") for _ in taken]
        for asked, terms, resource in zip(self._asked, taken, problem.non_renewables, strict=True):
            model.add(sum(terms) <= resource.total).only_enforce_if(asked)

    def refuted(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Some of these that are refuted together; none where they are not, or that was not seen in time."""
        if self._left <= 0:
            return ()
        self._model.clear_assumptions()
        self._model.add_assumptions([self._asked[number] for number in numbers])
        self._solver.parameters.max_deterministic_time = self._left
        status = self._solver.solve(self._model)
        self._left -= self._solver.response_proto.deterministic_time
        if status != self._infeasible:
            return ()
        core = set(self._solver.sufficient_assumptions_for_infeasibility())
        return tuple(number for number in numbers if self._asked[number].index in core)


def _all_rules(problem: Problem) -> str:
    numbered = list(enumerate(problem.activities))
    late = [problem.label(number) for number, activity in numbered if activity.latest_finish is not None]
    fixed = [problem.label(number) for number, activity in numbered if activity.fixed_start is not None]
    totals = [_total_name(problem, number) for number in range(len(problem.non_renewables))]
    wanted = {number for activity in problem.activities for mode in activity.modes for number in mode.demands}
    units = [problem.renewables[number].name or f"resource {number}" for number in sorted(wanted)]
    rules = [
        *([_listed("the latest finish", late, "es")] if late else ()),
        *([_listed("the fixed start", fixed)] if fixed else ()),
        *([_listed("the total", totals)] if totals else ()),
        *([f"what there is of {_named(units)}"] if units else ()),
    ]
    return _joined(rules) if rules else "all links"


def _total_name(problem: Problem, number: int) -> str:
    return problem.non_renewables[number].name or f"non-renewable {number}"


def _listed(rule: str, names: Sequence[str], plural: str = "s") -> str:
    return f"{rule}{plural if len(names) > 1 else ''} of {_named(names)}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return _joined([*names[:_MOST_NAMES], f"{more} more"] if more > 0 else names)


def _joined(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
