"""The choice of resources and the levelling as one problem for the solver: a mode of an activity is who does it.

It is exact where each task, whoever does it, takes as long and works in the same calendar, which is that of all that
moves. Then an axis of working time has the plan's own schedules and no others, and what is proven of the problem is
proven of the plan. Else only those are modes who work in the hours of whoever has the task now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nirman.optimization.allocation.choices import Choices, TaskChoice, Vector
from nirman.optimization.demand import Demands, Pattern, capacity
from nirman.optimization.levelling.jobs import Job, Shop
from nirman.optimization.levelling.model import Model, model_of
from nirman.optimization.levelling.placing import Placing
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.optimization.levelling.search import rules
from nirman.optimization.levelling.shop import cleared, levelled_resources, shop_of
from nirman.optimization.solver.problem import Activity, Mode, Problem
from nirman.planning.model import Plan, ResourceKind
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.working_time import WorkingTime


@dataclass(frozen=True)
class Modes:
    """`numbers` are the activities of the tasks that there is a choice for, in their order; `options` those of each
    that its modes stand for: who asks for more than there ever is has none.
    """

    choices: Choices
    shop: Shop
    model: Model
    problem: Problem
    numbers: tuple[int, ...]
    options: tuple[tuple[int, ...], ...]
    exact: bool

    def vector(self, modes: Sequence[int]) -> Vector:
        return tuple(options[modes[number]] for number, options in zip(self.numbers, self.options, strict=True))

    def costs(self) -> Iterator[tuple[int, tuple[Decimal, ...]]]:
        """Of the modes of each of the activities."""
        for number, task, options in zip(self.numbers, self.choices.tasks, self.options, strict=True):
            yield number, tuple(task.options[option].cost for option in options)

    def rank(self, starts: Sequence[int], finishes: Sequence[int]) -> tuple[list[tuple[int, ...]], list[int]]:
        """In which order a schedule has the tasks; and their uids."""
        jobs = self.shop.jobs
        return [(starts[job.number], finishes[job.number]) for job in jobs], [job.task.uid for job in jobs]


def modes_of(choices: Choices) -> Modes | None:
    """None where nothing would be left of the choice."""
    plan = cleared(choices.plan)
    shop = shop_of(plan, within_slack=False)
    number_of = {job.task.uid: job.number for job in shop.jobs}
    if any(task.uid not in number_of for task in choices.tasks):
        return None
    patterns = _patterns(plan, shop, choices, number_of)
    wide = _with_everybody(shop, patterns, number_of)
    if not wide.jobs or not wide.profiles:
        return None
    first = Placing(wide, split=False).serial(next(iter(rules(wide.jobs))))
    model = model_of(wide, first, split=False)
    places = {uid: place for place, uid in enumerate(wide.profiles)}
    activities, options = list(model.problem.activities), []
    for task in choices.tasks:
        number = number_of[task.uid]
        able = {n: asked for n, asked in enumerate(patterns[task.uid]) if asked is not None and _can_be(plan, asked)}
        if not able:
            return None
        activities[number] = _with_modes(activities[number], list(able.values()), places)
        options.append(tuple(able))
    problem = replace(model.problem, activities=tuple(activities))
    exact = choices.complete and model.exact and not any(None in of_task for of_task in patterns.values())
    numbers = tuple(number_of[task.uid] for task in choices.tasks)
    return Modes(choices, wide, model, problem, numbers, tuple(options), exact)


_OfTask = list[tuple[Pattern, ...] | None]
"""What a task asks of resources that are levelled, by option; None where that would change its hours or its length."""


def _patterns(plan: Plan, shop: Shop, choices: Choices, numbers: Mapping[int, int]) -> dict[int, _OfTask]:
    found: dict[int, _OfTask] = {task.uid: [] for task in choices.tasks}
    levelled = levelled_resources(plan) | {
        uid for uid, resource in plan.resources.items() if resource.can_level or not _any_level(plan)
    }
    for number in range(max(len(task.options) for task in choices.tasks)):
        some = [task for task in choices.tasks if number < len(task.options)]
        changed = _all_with(plan, some, number)
        schedule = schedule_plan(changed)
        rows, demands = schedule.network.rows, Demands(changed, schedule)
        for task in some:
            job, row = shop.jobs[numbers[task.uid]], rows.row_of[task.uid]
            of_task = demands.patterns(task.uid)
            time = rows.timetable[rows.task(row, "calendar")]
            same = time is job.time and rows.task(row, "duration") == job.duration and not rows.task(row, "parts")
            same = same and not job.parts and _is_plain(of_task, job.time)
            asked = tuple(one for one in of_task if one.resource_uid in levelled and one.units)
            found[task.uid].append(asked if same and _is_told_apart(found[task.uid], asked) else None)
    return found


def _any_level(plan: Plan) -> bool:
    return any(resource.can_level for resource in plan.resources.values() if resource.kind is ResourceKind.WORK)


def _all_with(plan: Plan, tasks: Sequence[TaskChoice], number: int) -> Plan:
    changed = {
        assignment: replace(plan.assignments[assignment], resource_uid=resource)
        for task in tasks
        for assignment, resource in task.options[number].resources.items()
    }
    return replace(plan, assignments={**plan.assignments, **changed})


def _can_be(plan: Plan, patterns: Sequence[Pattern]) -> bool:
    """Whether there are ever as many units as are asked for."""
    steps = {pattern: capacity(plan.resources[pattern.resource_uid]) for pattern in patterns}
    return all(any(there >= pattern.units for _, there in found) for pattern, found in steps.items())


def _is_plain(patterns: Sequence[Pattern], time: WorkingTime) -> bool:
    return all(pattern.time is time and pattern.stretches == ((0, None),) for pattern in patterns)


def _is_told_apart(options: _OfTask, asked: Sequence[Pattern]) -> bool:
    """A resource is asked for once, and for as much as in the options before."""
    before = {pattern.resource_uid: pattern.units for of_option in options for pattern in of_option or ()}
    units = {pattern.resource_uid: pattern.units for pattern in asked}
    return len(units) == len(asked) and all(before.get(uid, own) == own for uid, own in units.items())


def _with_everybody(shop: Shop, patterns: Mapping[int, _OfTask], numbers: Mapping[int, int]) -> Shop:
    """Each task asks for all who could do it: so the model knows of all of them."""
    jobs: list[Job] = list(shop.jobs)
    for uid, options in patterns.items():
        every = {pattern.resource_uid: pattern for of_option in options for pattern in of_option or ()}
        jobs[numbers[uid]] = replace(jobs[numbers[uid]], patterns=tuple(every.values()))
    profiles, axes = dict(shop.profiles), dict(shop.axes)
    for job in jobs:
        for pattern in job.patterns:
            if pattern.resource_uid not in profiles:
                axes[pattern.resource_uid] = pattern.time
                profiles[pattern.resource_uid] = Profile(_steps(shop.plan, pattern.resource_uid, pattern.time))
    return replace(shop, jobs=tuple(jobs), profiles=profiles, axes=axes)


def _steps(plan: Plan, resource_uid: int, time: WorkingTime) -> Iterator[tuple[int, int]]:
    """Of a resource that nothing is asked of yet."""
    (_, usual), *later = capacity(plan.resources[resource_uid])
    yield -NEVER_AGAIN, usual
    yield from ((time.worked(instant), units) for instant, units in later)


def _with_modes(activity: Activity, options: Sequence[Sequence[Pattern]], places: Mapping[int, int]) -> Activity:
    (every,) = activity.modes
    modes = []
    for patterns in options:
        demands = {places[pattern.resource_uid]: every.demands[places[pattern.resource_uid]] for pattern in patterns}
        modes.append(Mode(every.duration, demands))
    return replace(activity, modes=tuple(modes))
