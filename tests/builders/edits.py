"""Random edits of a plan, of every kind that a command knows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from nirman.planning.commands import Create, Delete, Operation, Update
from nirman.planning.model import (
    CalendarException,
    ConstraintKind,
    EffortKind,
    Kind,
    LinkKind,
    Plan,
    ScheduleFrom,
    SlackKind,
    Split,
)

_DURATIONS = (0, 60, 480, 960, 2400)


def random_edit(random: Random, plan: Plan) -> Operation:
    """It may break a rule, such as a link that closes a circle."""
    return (random.choice(_EDITS) if len(plan.tasks) > 1 else _create_task)(random, plan)


def _moment(random: Random, plan: Plan) -> datetime:
    return plan.project.start + timedelta(hours=random.randrange(24 * 90))


def _task_values(random: Random, plan: Plan) -> dict[str, Any]:
    kind = random.choice(list(ConstraintKind))
    undated = kind in (ConstraintKind.ASAP, ConstraintKind.ALAP)
    start = _moment(random, plan)
    return random.choice(
        (
            {"duration_minutes": random.choice(_DURATIONS)},
            {"duration_minutes": 1440, "duration_elapsed": random.random() < 0.5},
            {"constraint": kind, "constraint_date": None if undated else start},
            {"constraint": ConstraintKind.ASAP, "constraint_date": None},
            {"deadline": random.choice((None, start))},
            {"calendar_uid": random.choice((None, *plan.calendars))},
            {"leveling_delay_minutes": random.choice((0, 480))},
            {"active": random.random() < 0.7},
            {"effort": random.choice(list(EffortKind))},
            {"manual": True, "manual_start": start, "manual_finish": start + timedelta(days=2)},
            {"manual": False},
            {"splits": (Split(after_minutes=60, pause_minutes=random.choice((240, 480))),)},
            {"actual_start": start, "actual_finish": None, "percent_complete": 40, "remaining_minutes": 300},
            {"actual_start": start, "actual_finish": start + timedelta(days=1), "percent_complete": 100},
            {"actual_start": None, "actual_finish": None, "percent_complete": 0, "remaining_minutes": None},
        )
    )


def _update_task(random: Random, plan: Plan) -> Operation:
    return Update(kind=Kind.TASK, uid=random.choice(list(plan.tasks)), values=_task_values(random, plan))


def _create_task(random: Random, plan: Plan) -> Operation:
    values = {"name": "New", "parent_uid": random.choice((None, *plan.tasks)), "position": random.random() * 50}
    return Create(kind=Kind.TASK, values=values | _task_values(random, plan))


def _move_task(random: Random, plan: Plan) -> Operation:
    values = {"parent_uid": random.choice((None, *plan.tasks)), "position": random.random() * 50}
    return Update(kind=Kind.TASK, uid=random.choice(list(plan.tasks)), values=values)


def _delete_task(random: Random, plan: Plan) -> Operation:
    return Delete(kind=Kind.TASK, uid=random.choice(list(plan.tasks)))


def _link_values(random: Random) -> dict[str, Any]:
    return {
        "kind": random.choice(list(LinkKind)),
        "lag_minutes": random.choice((0, 0, 480, -240)),
        "lag_elapsed": random.random() < 0.3,
        "lag_percent": random.choice((None, None, 50.0)),
    }


def _create_link(random: Random, plan: Plan) -> Operation:
    one, other = random.sample(sorted(plan.tasks), 2)
    values = {"predecessor_uid": min(one, other), "successor_uid": max(one, other)}
    return Create(kind=Kind.LINK, values=values | _link_values(random))


def _edit_link(random: Random, plan: Plan) -> Operation:
    if not plan.links:
        return _create_link(random, plan)
    uid = random.choice(list(plan.links))
    if random.random() < 0.5:
        return Delete(kind=Kind.LINK, uid=uid)
    return Update(kind=Kind.LINK, uid=uid, values=_link_values(random))


def _edit_assignment(random: Random, plan: Plan) -> Operation:
    chosen = random.choice((None, *plan.assignments))
    values = {"units": random.choice((0.5, 1.0, 2.0)), "work_minutes": random.choice((None, 480, 1440))}
    if chosen is None:
        named = {"task_uid": random.choice(list(plan.tasks)), "resource_uid": random.choice(list(plan.resources))}
        return Create(kind=Kind.ASSIGNMENT, values=values | named | {"delay_minutes": random.choice((0, 240))})
    if random.random() < 0.4:
        return Delete(kind=Kind.ASSIGNMENT, uid=chosen)
    return Update(kind=Kind.ASSIGNMENT, uid=chosen, values=values)


def _update_resource(random: Random, plan: Plan) -> Operation:
    values = {"calendar_uid": random.choice((None, *plan.calendars))}
    return Update(kind=Kind.RESOURCE, uid=random.choice(list(plan.resources)), values=values)


def _update_calendar(random: Random, plan: Plan) -> Operation:
    calendar = plan.calendars[random.choice(list(plan.calendars))]
    day = date(2026, 1, 5) + timedelta(days=random.randrange(90))
    exceptions = (*calendar.exceptions, CalendarException(start=day, finish=day, shifts=((600, 660),)))
    return Update(kind=Kind.CALENDAR, uid=calendar.uid, values={"exceptions": exceptions})


def _update_project(random: Random, plan: Plan) -> Operation:
    later = plan.project.start + timedelta(days=random.randrange(-3, 4))
    values = random.choice(
        (
            {"start": later},
            {"status_date": later + timedelta(days=20), "work_after_status_date": True},
            {"work_after_status_date": False},
            {"honor_constraints": random.random() < 0.5},
            {"slack_kind": random.choice((None, *SlackKind))},
            {"schedule_from": ScheduleFrom.FINISH, "finish": later + timedelta(days=200)},
            {"schedule_from": ScheduleFrom.START},
        )
    )
    return Update(kind=Kind.PROJECT, uid=0, values=values)


_EDITS = (
    *(_update_task,) * 6,
    *(_edit_link, _create_link, _edit_assignment) * 2,
    *(_create_task, _move_task, _delete_task, _update_resource, _update_calendar, _update_project),
)
