"""Samples in which resources hold tasks back: each is levelled by one serial schedule generation, no search.

A sample is drawn as any other, entered into the plan, and its tasks are placed in the order of their latest finishes as
early as links, calendars and units allow; the engine's schedule of the delays that come of it is the sample. A search
would finish somewhat earlier, as it does for the plan itself. Slack, and so what is critical, is the engine's: it knows
links and dates, not who waits for whom. A sample takes as long as a levelling, hence there are few: as many as their
work allows, which is counted and not timed, so that the same are taken on any machine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import numpy as np

from nirman.optimization.levelling.delays import delayed
from nirman.optimization.levelling.placing import Placing
from nirman.optimization.levelling.shop import cleared, shop_of
from nirman.optimization.options import SimulateOptions
from nirman.optimization.simulation.kernel.library import NOT_REPORTED, Array
from nirman.optimization.simulation.model import Bins, Model, Samples
from nirman.optimization.simulation.rain import first_wet_day, stopped_by_rain
from nirman.optimization.simulation.variables import Varying
from nirman.planning.model import Calendar, CalendarException, Plan, Task
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.instants import to_date, to_minutes

LEVELLED_TASKS = 240_000
"""Tasks that are levelled in all samples together: some 20 seconds of a processor."""
_OF_A_SAMPLE = 40
"""Tasks that take as long as what a sample takes beside its tasks."""
LEAST_LEVELLED = 100
"""Samples, of however many tasks."""


def iterations_of(plan: Plan, options: SimulateOptions) -> int:
    """How many samples the run has: those that are asked for, of a levelled one only as many as its work allows."""
    if not options.levelled:
        return options.iterations
    return min(options.iterations, max(LEAST_LEVELLED, LEVELLED_TASKS // (len(plan.tasks) + _OF_A_SAMPLE)))


def levelled_samples(
    model: Model, first: int, count: int, bins: Bins | None = None, *, record: bool = False
) -> Samples:
    """As `Model.run`, levelled."""
    free = model.run(first, count, bins=bins, record=True)
    schedules = [_levelled(_entered(model, free, place)) for place in range(count)]
    return _told(model, free, schedules, bins, record=record)


def _levelled(plan: Plan) -> Schedule:
    shop = shop_of(cleared(plan), within_slack=False)
    if not shop.profiles or not shop.jobs:
        return schedule_plan(plan)
    ranks = [(job.late_finish, -job.task.priority, job.number) for job in shop.jobs]
    return delayed(shop, Placing(shop, split=False).serial(ranks)).schedule


def _entered(model: Model, samples: Samples, place: int) -> Plan:
    assert samples.each_minutes is not None, "it was to be recorded"
    assert samples.each_rain is not None, "it was to be recorded"
    minutes = samples.each_minutes[place].tolist()
    tasks = {one.task.uid: _taking(one, drawn) for one, drawn in zip(model.varying, minutes, strict=True)}
    plan = replace(model.plan, tasks={**model.plan.tasks, **tasks})
    plan = _with_work(plan, {one.task.uid: one for one in model.varying})
    wet = np.flatnonzero(samples.each_rain[place])
    if not len(wet):
        return plan
    since = first_wet_day(plan)
    return _with_rain(plan, stopped_by_rain(plan), [to_date(since + int(day)) for day in wet])


def _taking(one: Varying, minutes: int) -> Task:
    """The task with a whole duration, or once it has started with what is left of it."""
    task = one.task
    if one.started:
        whole = one.planned + minutes - one.left if one.left <= one.planned else one.planned
        percent = min(99, 100 * one.done // whole) if whole else 0
        return replace(task, duration_minutes=whole, remaining_minutes=minutes, percent_complete=percent)
    left = None
    if task.remaining_minutes is not None or task.percent_complete:
        left = (2 * one.left * minutes + one.planned) // (2 * one.planned) if one.planned else minutes
    return replace(task, duration_minutes=minutes, remaining_minutes=left)


def _with_work(plan: Plan, varying: Mapping[int, Varying]) -> Plan:
    """Work that was entered grows with its task, before it starts."""
    changed = {}
    for uid, assignment in plan.assignments.items():
        one = varying.get(assignment.task_uid)
        if one is not None and assignment.work_minutes and one.planned and not one.started:
            now = plan.tasks[assignment.task_uid].duration_minutes
            changed[uid] = replace(assignment, work_minutes=round(assignment.work_minutes * now / one.planned))
    return replace(plan, assignments={**plan.assignments, **changed}) if changed else plan


def _with_rain(plan: Plan, stopped: Collection[Task], days: Collection[date]) -> Plan:
    calendars, tasks = dict(plan.calendars), dict(plan.tasks)
    off = tuple(CalendarException(start=day, finish=day, name="Rain") for day in days)
    wet: dict[int, int] = {}
    for task in stopped:
        dry = plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid
        if dry not in wet:
            uid = wet[dry] = max(calendars) + 1
            calendars[uid] = Calendar(uid=uid, name="Rain", base_uid=dry, exceptions=off)
        tasks[task.uid] = replace(tasks[task.uid], calendar_uid=wet[dry])
    return replace(plan, calendars=calendars, tasks=tasks)


def _told(model: Model, free: Samples, schedules: list[Schedule], bins: Bins | None, *, record: bool) -> Samples:
    """What a sample without resources tells of its tasks is told anew; what was drawn stays."""
    finish, slack = _columns(model, schedules)
    rows = np.flatnonzero(model.reported != NOT_REPORTED)
    planned = np.array(model.schedule.network.rows.task_column("finish"), np.int64)
    ends = np.array([to_minutes(schedule.project_finish) for schedule in schedules], np.int32)
    after = finish.astype(np.int64) - planned
    squares = np.zeros_like(free.finish_squares)
    squares["low"] = (after**2).sum(axis=0)
    histogram = None
    if bins is not None:
        histogram = np.zeros((model.rows, bins.count), np.uint32)
        places = ((finish - bins.start).astype(np.float32) * bins.per_minute).astype(np.int64).clip(0, bins.count - 1)
        for row in rows:
            histogram[row] = np.bincount(places[:, row], minlength=bins.count)
    occurred_finishes = free.occurred_finishes + _shift_of_risks(model, free, ends)
    return replace(
        free,
        finish=ends,
        critical=(slack <= model.plan.project.critical_slack_minutes).sum(axis=0),
        late=_missed(model, finish),
        finishes=after.sum(axis=0),
        finish_squares=squares,
        occurred_finishes=occurred_finishes,
        histogram=histogram,
        each_start=None,
        each_finish=finish if record else None,
        each_slack=slack if record else None,
        each_minutes=free.each_minutes if record else None,
        each_rain=free.each_rain if record else None,
    )


_NEVER_CRITICAL = 2**31 - 1


def _columns(model: Model, schedules: list[Schedule]) -> tuple[Array, Array]:
    """Finish and slack of each row in each sample; what is not a task that is still to be done is never critical."""
    finish = np.zeros((len(schedules), model.rows), np.int32)
    slack = np.full((len(schedules), model.rows), _NEVER_CRITICAL, np.int64)
    uids = model.uids
    rows = [int(row) for row in np.flatnonzero(model.reported != NOT_REPORTED)]
    for place, schedule in enumerate(schedules):
        found = schedule.network.rows
        for row in rows:
            uid = uids[row]
            finish[place, row] = found.task(found.row_of[uid], "finish")
            if not schedule.outline.is_summary(uid) and model.plan.tasks[uid].actual_finish is None:
                slack[place, row] = found.task(found.row_of[uid], "total_slack")
    return finish, slack


def _missed(model: Model, finish: Array) -> Array:
    late = np.zeros(model.rows, np.int64)
    for row, uid in enumerate(model.uids):
        deadline = model.plan.tasks[uid].deadline
        if deadline is not None:
            late[row] = int((finish[:, row] > to_minutes(deadline)).sum())
    return late


def _shift_of_risks(model: Model, free: Samples, ends: Array) -> Array:
    """By how much later, together, the samples finish in which each risk comes about."""
    risen = model.risen(free.first, free.count)
    later: Array = (risen * (ends.astype(np.int64) - free.finish)[:, None]).sum(axis=0).astype(np.int64)
    return later
