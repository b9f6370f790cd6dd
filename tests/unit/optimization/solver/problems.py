"""Small problems, by hand and by chance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from nirman.optimization.solver.answer import Solution
from nirman.optimization.solver.problem import (
    Activity,
    Link,
    Mode,
    NonRenewable,
    Part,
    Problem,
    Relation,
    Renewable,
    WorkingPeriods,
)


def activity(duration: int, units: int = 0, **fields) -> Activity:
    """In one mode, with units of the first resource."""
    return Activity((Mode(duration, {0: units} if units else {}),), **fields)


def crew(*durations: int, units: int = 1) -> Problem:
    """Activities that want the same unit, without links."""
    return Problem(tuple(activity(d, 1) for d in durations), renewables=(Renewable(((0, units),), "crew"),))


def every_schedule(problem: Problem, until: int) -> Iterator[Solution]:
    """All starts up to `until` in all modes, kept to the rules or not; for activities that run through every period."""
    modes = [range(len(a.modes)) for a in problem.activities]
    for chosen in product(*modes):
        durations = [a.modes[mode].duration for a, mode in zip(problem.activities, chosen, strict=True)]
        for starts in product(*(range(until - d + 1) for d in durations)):
            finishes = tuple(start + d for start, d in zip(starts, durations, strict=True))
            yield Solution(starts, finishes, chosen, max(finishes))


@st.composite
def modes(draw: st.DrawFn, resources: int, non_renewables: int, most: int) -> Mode:
    units = st.integers(0, most)
    return Mode(
        draw(st.integers(0, 4)),
        {resource: draw(units) for resource in range(resources)},
        {resource: draw(units) for resource in range(non_renewables)},
    )


@st.composite
def calendars(draw: st.DrawFn) -> WorkingPeriods:
    """Shifts and gaps of some periods, then work without end."""
    lengths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=12))
    at, intervals = draw(st.integers(0, 3)), []
    for work, gap in zip(lengths[::2], lengths[1::2], strict=False):
        intervals.append((at, at + work))
        at += work + gap
    return WorkingPeriods((*intervals, (at, at + 200)))


def in_parts(draw: st.DrawFn, resources: int, calendar: st.SearchStrategy[int | None]) -> Activity:
    """Each part in its own calendar, some later than the activity, and no two with the same resource."""
    taker = [draw(st.integers(-1, 2)) for _ in range(resources)]
    units = [{r: draw(st.integers(1, 3)) for r in range(resources) if taker[r] == part} for part in range(3)]
    parts = tuple(
        Part(draw(st.integers(0, 4)), units[number], draw(calendar), draw(st.integers(0, 2)))
        for number in range(1, draw(st.integers(2, 3)))
    )
    first = Mode(draw(st.integers(1, 4)), units[0])
    return Activity((first,), earliest_start=draw(st.integers(0, 3)), calendar=draw(calendar), parts=parts)


@st.composite
def problems(draw: st.DrawFn, *, plain: bool = False, several: bool = False, size: int = 8) -> Problem:
    """Always with a schedule: capacities end high enough, and nothing must finish by any date.

    `plain`: no calendars, nothing splits or has parts; `several`: modes and non-renewables.
    """
    count = draw(st.integers(1, size))
    resources, totals = draw(st.integers(1, 6)), draw(st.integers(1, 2)) if several else 0
    shifts = () if plain else tuple(draw(st.lists(calendars(), max_size=2)))
    calendar = st.none() if not shifts else st.none() | st.integers(0, len(shifts) - 1)
    activities = tuple(
        in_parts(draw, resources, calendar)
        if shifts and draw(st.integers(0, 2)) == 0
        else Activity(
            tuple(draw(modes(resources, totals, 3)) for _ in range(draw(st.integers(1, 3 if several else 1)))),
            earliest_start=draw(st.integers(0, 3)),
            may_split=not plain and draw(st.booleans()),
            calendar=draw(calendar),
        )
        for _ in range(count)
    )
    links = tuple(
        Link(one, other, draw(st.sampled_from(Relation)), draw(st.integers(-2, 3)), draw(calendar))
        for one in range(count)
        for other in range(one + 1, count)
        if draw(st.integers(0, 3)) == 0
    )
    steps = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 4)), max_size=3, unique_by=lambda step: step[0])
    capacities = [
        ((0, draw(st.integers(0, 4))), *sorted(draw(steps)), (15, draw(st.integers(3, 5)))) for _ in range(resources)
    ]
    return Problem(
        activities,
        links,
        tuple(Renewable(capacity) for capacity in capacities),
        tuple(NonRenewable(sum(a.modes[0].consumption.get(k, 0) for a in activities)) for k in range(totals)),
        shifts,
    )
