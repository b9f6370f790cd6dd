"""Why a problem has no schedule, where that is seen before any search: rule, activity, resource."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nirman.optimization.solver.answer import Conflict
from nirman.optimization.solver.problem import FROM_FINISH, TO_FINISH, Problem


def conflicts(problem: Problem, early: Sequence[int], late: Sequence[int]) -> Iterator[Conflict]:
    """`early` and `late`: finishes by links and dates alone."""
    by_dates = list(_too_late(problem, early)) or list(_in_the_way(problem, early, late))
    yield from by_dates
    yield from _too_much(problem)
    yield from _fixed_too_much(problem)
    yield from _consumed_too_much(problem)


def _too_late(problem: Problem, early: Sequence[int]) -> Iterator[Conflict]:
    for number, activity in enumerate(problem.activities):
        if activity.latest_finish is not None and early[number] > activity.latest_finish:
            rule = (
                f"{problem.label(number)} must finish by period {activity.latest_finish}, "
                f"and its links let it finish in {early[number]} at the earliest"
            )
            yield Conflict(rule, activity=number, period=activity.latest_finish)


def _in_the_way(problem: Problem, early: Sequence[int], late: Sequence[int]) -> Iterator[Conflict]:
    """Of what follows and is fixed, or must be finished."""
    for number, activity in enumerate(problem.activities):
        if activity.fixed_start is None and early[number] > late[number]:
            rule = (
                f"{problem.label(number)} must finish by period {late[number]} for what follows it, "
                f"and can in {early[number]} at the earliest"
            )
            yield Conflict(rule, activity=number, period=late[number])
    for link in problem.links:
        one, other = problem.activities[link.predecessor], problem.activities[link.successor]
        if one.fixed_start is None or other.fixed_start is None or link.calendar is not None:
            continue
        before = early[link.predecessor] if link.relation in FROM_FINISH else one.fixed_start
        after = early[link.successor] if link.relation in TO_FINISH else other.fixed_start
        if after < before + link.lag:
            rule = (
                f"{problem.label(link.predecessor)} and {problem.label(link.successor)} are fixed, "
                "and their link cannot be kept"
            )
            yield Conflict(rule, activity=link.successor, period=after)


def _too_much(problem: Problem) -> Iterator[Conflict]:
    """An activity that needs more than there ever is, in every mode."""
    most = [max(units for _, units in renewable.capacity) for renewable in problem.renewables]
    for number, activity in enumerate(problem.activities):
        lacking = [
            next((r for r, units in mode.demands.items() if mode.duration and units > most[r]), None)
            for mode in activity.modes
        ]
        first = lacking[0]
        if first is not None and all(resource is not None for resource in lacking):
            units = activity.modes[0].demands[first]
            rule = (
                f"{problem.label(number)} needs {units} of {_name(problem, first)}, and there are {most[first]} at most"
            )
            yield Conflict(rule, activity=number, renewable=first)
        for part in activity.parts:
            for resource, units in part.demands.items():
                if part.duration and units > most[resource]:
                    there = f"and there are {most[resource]} at most"
                    rule = f"{problem.label(number)} needs {units} of {_name(problem, resource)}, {there}"
                    yield Conflict(rule, activity=number, renewable=resource)


def _fixed_too_much(problem: Problem) -> Iterator[Conflict]:
    """Fixed activities that need more together than there is; where all work without calendars."""
    for resource, renewable in enumerate(problem.renewables):
        changes = [(start, 0, units) for start, units in renewable.capacity]
        for activity in problem.activities:
            mode = activity.modes[0]
            units = mode.demands.get(resource, 0)
            if activity.fixed_start is not None and activity.calendar is None and mode.duration and units:
                changes += [(activity.fixed_start, 1, units), (activity.fixed_start + mode.duration, 1, -units)]
        there = used = 0
        instants = sorted({period for period, _, _ in changes})
        by_period: dict[int, list[tuple[int, int]]] = {period: [] for period in instants}
        for period, kind, units in changes:
            by_period[period].append((kind, units))
        for period in instants:
            for kind, units in by_period[period]:
                there, used = (units, used) if kind == 0 else (there, used + units)
            if used > there:
                name = renewable.name or str(resource)
                rule = f"fixed activities need {used} of {name} in period {period}, and there are {there}"
                yield Conflict(rule, renewable=resource, period=period)
                break


def _consumed_too_much(problem: Problem) -> Iterator[Conflict]:
    for number, resource in enumerate(problem.non_renewables):
        least = sum(min(mode.consumption.get(number, 0) for mode in a.modes) for a in problem.activities)
        if least > resource.total:
            name = resource.name or str(number)
            rule = f"activities take {least} of {name} at least, and there are {resource.total}"
            yield Conflict(rule, non_renewable=number)


def _name(problem: Problem, resource: int) -> str:
    return problem.renewables[resource].name or f"resource {resource}"
