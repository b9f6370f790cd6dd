"""Whether a solution of the solver's `Problem` is one, period by period; shares no code with the solver."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.optimization.solver.answer import Solution
from nirman.optimization.solver.problem import Problem, Relation


def working_periods(problem: Problem, calendar: int | None, until: int) -> set[int]:
    if calendar is None:
        return set(range(until))
    return {p for start, finish in problem.calendars[calendar].intervals for p in range(start, min(finish, until))}


def periods_used(problem: Problem, solution: Solution, number: int) -> set[int]:
    activity = problem.activities[number]
    spans = solution.segments.get(number, ((solution.starts[number], solution.finishes[number]),))
    within = {period for start, finish in spans for period in range(start, finish)}
    return within & working_periods(problem, activity.calendar, solution.makespan + 1)


def units_at(capacity: tuple[tuple[int, int], ...], period: int) -> int:
    return next(units for start, units in reversed(capacity) if start <= period)


def broken(problem: Problem, solution: Solution) -> list[str]:
    """What is wrong, in words; nothing when the solution keeps to everything."""
    wrong = [text for number in range(len(problem.activities)) for text in _of_activity(problem, solution, number)]
    used: dict[tuple[int, int], int] = {}
    for number, activity in enumerate(problem.activities):
        periods = periods_used(problem, solution, number)
        for resource, units in activity.modes[solution.modes[number]].demands.items():
            for period in periods:
                used[resource, period] = used.get((resource, period), 0) + units
    for (resource, period), units in used.items():
        if units > units_at(problem.renewables[resource].capacity, period):
            wrong.append(f"resource {resource} gives {units} in {period}")
    for number, resource in enumerate(problem.non_renewables):
        chosen = zip(problem.activities, solution.modes, strict=True)
        taken = sum(activity.modes[mode].consumption.get(number, 0) for activity, mode in chosen)
        if taken > resource.total:
            wrong.append(f"non-renewable {number} gives {taken}")
    wrong += [
        f"link {number} is broken" for number in range(len(problem.links)) if not _kept(problem, solution, number)
    ]
    if solution.makespan != max(solution.finishes, default=0):
        wrong.append("the makespan is not the last finish")
    return wrong


def _of_activity(problem: Problem, solution: Solution, number: int) -> Iterator[str]:
    activity = problem.activities[number]
    duration = activity.modes[solution.modes[number]].duration
    start, finish = solution.starts[number], solution.finishes[number]
    periods = periods_used(problem, solution, number)
    if len(periods) != duration:
        yield f"{number} works {len(periods)} periods, not {duration}"
    elif periods and (min(periods), max(periods) + 1) != (start, finish) and activity.fixed_start is None:
        yield f"{number} does not work from its start to its finish"
    there = working_periods(problem, activity.calendar, solution.makespan + 1)
    if not activity.may_split and periods != {period for period in there if start <= period < finish}:
        yield f"{number} is interrupted"
    if start < activity.earliest_start or activity.fixed_start not in (None, start):
        yield f"{number} starts in {start}"
    if activity.latest_finish is not None and finish > activity.latest_finish:
        yield f"{number} finishes in {finish}"


def _kept(problem: Problem, solution: Solution, number: int) -> bool:
    link = problem.links[number]
    early = solution.finishes if link.relation in (Relation.FS, Relation.FF) else solution.starts
    late = solution.finishes if link.relation in (Relation.FF, Relation.SF) else solution.starts
    one, other = early[link.predecessor], late[link.successor]
    if link.calendar is None:
        return other >= one + link.lag
    worked = sorted(working_periods(problem, link.calendar, max(one, other) + 1))
    before = [sum(period < instant for period in worked) for instant in (one, other)]
    return before[1] >= before[0] + link.lag
