"""What a sample means: the plan that a person would have to enter to get it, scheduled by the engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from nirman.planning.model import Calendar, CalendarException, Plan, Task


def with_minutes(plan: Plan, minutes: Mapping[int, int]) -> Plan:
    """Tasks, by uid, take so long in all; what has started has so much left."""
    tasks = {uid: _taking(task, minutes[uid]) if uid in minutes else task for uid, task in plan.tasks.items()}
    return replace(plan, tasks=tasks)


def _left(task: Task) -> int:
    if task.remaining_minutes is not None:
        return task.remaining_minutes
    return task.duration_minutes - task.duration_minutes * task.percent_complete // 100


def _taking(task: Task, minutes: int) -> Task:
    left = _left(task)
    if task.actual_start is None:
        if left == task.duration_minutes:
            given = None if task.remaining_minutes is None else minutes
            return replace(task, duration_minutes=minutes, remaining_minutes=given, percent_complete=0)
        remaining = (2 * left * minutes + task.duration_minutes) // (2 * task.duration_minutes)
        return replace(task, duration_minutes=minutes, remaining_minutes=remaining)
    done = max(task.duration_minutes - left, task.duration_minutes * task.percent_complete // 100, 0)
    duration = task.duration_minutes + minutes - left if left <= task.duration_minutes else task.duration_minutes
    percent = min(99, 100 * done // duration) if duration else 0
    return replace(task, duration_minutes=duration, remaining_minutes=minutes, percent_complete=percent)


def with_rain(plan: Plan, stopped: Collection[int], days: Collection[date]) -> Plan:
    """Tasks, by uid, whose calendars have these days off too."""
    calendars, tasks = dict(plan.calendars), dict(plan.tasks)
    twins: dict[int, int] = {}
    off = tuple(CalendarException(start=day, finish=day, name="Rain") for day in sorted(days))
    for uid in stopped:
        base = tasks[uid].calendar_uid or plan.project.calendar_uid
        if base not in twins:
            twins[base] = max(calendars) + 1
            calendars[twins[base]] = Calendar(uid=twins[base], name="Rain", base_uid=base, exceptions=off)
        tasks[uid] = replace(tasks[uid], calendar_uid=twins[base])
    return replace(plan, calendars=calendars, tasks=tasks)
