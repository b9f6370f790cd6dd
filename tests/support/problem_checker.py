"""Whether a solution of the solver's `Problem` is one, period by period; shares no code with the solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nirman.optimization.solver.answer import Solution
from nirman.optimization.solver.problem import Activity, Mode, Part, Problem, Relation


def working_periods(problem: Problem, calendar: int | None, until: int) -> set[int]:
    if calendar is None:
        return set(range(until))
    return {p for start, finish in problem.calendars[calendar].intervals for p in range(start, min(finish, until))}


def periods_used(problem: Problem, solution: Solution, number: int) -> set[int]:
    activity = problem.activities[number]
    spans = solution.segments.get(number, ((solution.starts[number], solution.finishes[number]),))
    within = {period for start, finish in spans for period in range(start, finish)}
    return within & working_periods(problem, activity.calendar, solution.makespan + 1)


def part_periods(problem: Problem, solution: Solution, number: int) -> Iterator[tuple[Mode | Part, list[int]]]:
    """What works when, of an activity in parts: each so many working periods of its calendar after the start."""
    activity = problem.activities[number]
    for part in (Part(*_first(activity)), *activity.parts):
        there = working_periods(problem, part.calendar, solution.makespan + 1)
        after = sorted(period for period in there if period >= solution.starts[number])
        yield part, after[part.after : part.after + part.duration]


def _first(activity: Activity) -> tuple[int, Mapping[int, int], int | None]:
    (mode,) = activity.modes
    return mode.duration, mode.demands, activity.calendar


def units_at(capacity: tuple[tuple[int, int], ...], period: int) -> int:
    return next(units for start, units in reversed(capacity) if start <= period)


def broken(problem: Problem, solution: Solution) -> list[str]:
    """What is wrong, in words; nothing when the solution keeps to everything."""
    wrong = [text for number in range(len(problem.activities)) for text in _of_activity(problem, solution, number)]
    used: dict[tuple[int, int], int] = {}
    for number, activity in enumerate(problem.activities):
        takers = [(activity.modes[solution.modes[number]], periods_used(problem, solution, number))]
        for taker, periods in part_periods(problem, solution, number) if activity.parts else takers:
            for resource, units in taker.demands.items():
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
    if activity.parts:
        yield from _of_parts(problem, solution, number)
    elif len(periods) != duration:
        yield f"{number} works {len(periods)} periods, not {duration}"
    elif periods and (min(periods), max(periods) + 1) != (start, finish) and activity.fixed_start is None:
        yield f"{number} does not work from its start to its finish"
    there = working_periods(problem, activity.calendar, solution.makespan + 1)
    if (
        not activity.parts
        and not activity.may_split
        and periods != {period for period in there if start <= period < finish}
    ):
        yield f"{number} is interrupted"
    if start < activity.earliest_start or activity.fixed_start not in (None, start):
        yield f"{number} starts in {start}"
    if activity.latest_finish is not None and finish > activity.latest_finish:
        yield f"{number} finishes in {finish}"


def _of_parts(problem: Problem, solution: Solution, number: int) -> Iterator[str]:
    start, finish = solution.starts[number], solution.finishes[number]
    parts = list(part_periods(problem, solution, number))
    if any(len(periods) != part.duration for part, periods in parts):
        yield f"{number} has a part that is not done"
    if finish != max(periods[-1] + 1 for _, periods in parts if periods):
        yield f"{number} does not finish with its last part"
    if not any(start in working_periods(problem, part.calendar, start + 1) for part, _ in parts):
        yield f"{number} starts when nobody works"


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
