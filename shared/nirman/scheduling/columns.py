"""Records of a plan as the kernel's columns: one value for all rows, or a list with one for each."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any

from nirman.errors import InvalidPlanError
from nirman.planning.model import ConstraintKind, LagCalendar, Link, LinkKind, Project, Rules, Task, TaskKind
from nirman.scheduling.instants import is_in_time, to_minutes
from nirman.scheduling.kernel.library import NEVER, NONE, ROW
from nirman.scheduling.slots import Slots, SlotsOf
from nirman.scheduling.timetable import ELAPSED_NUMBER, Timetable

Column = int | Sequence[int]
RowsOf = Callable[["array[int]"], "array[int]"]
"""Rows of tasks by uid, NONE for NONE; `KeyError` for one that is not there."""
_OF_PREDECESSOR, _OF_SUCCESSOR = -2, -3


@cache
def codes(kind: type[StrEnum]) -> Mapping[Any, int]:
    """Members by their place: how the kernel numbers them."""
    return {member: place for place, member in enumerate(kind)}


_TASKS = Slots(Task, [field.name for field in fields(Task)])
_LINKS = Slots(Link, [field.name for field in fields(Link)])


def _given(records: SlotsOf, field: str, usual: Any, code: int, convert: Callable[[Any], int]) -> Column:
    """`code` where a field is as usual: it is, in most plans, for all records."""
    places = records.unusual({field: usual})
    if not places:
        return code
    column = array(ROW, [code]) * len(records)
    for place in places:
        column[place] = convert(getattr(records[place], field))
    return column


def _instants(tasks: SlotsOf, field: str) -> Column:
    try:
        return _given(tasks, field, None, NEVER, to_minutes)
    except InvalidPlanError as error:
        raise _named(tasks, field, error) from error


def _named(tasks: Iterable[Task], field: str, error: InvalidPlanError) -> InvalidPlanError:
    """With the first task whose date is refused."""
    task = next(task for task in tasks if not is_in_time(getattr(task, field)))
    return InvalidPlanError(error.rule, place=f'{field} of task "{task.name}" ({task.uid})', uids=(task.uid,))


def _kinds(records: SlotsOf, field: str, usual: StrEnum) -> Column:
    if not records.unusual({field: usual}):
        return codes(type(usual))[usual]
    return records.codes(field, tuple(type(usual)))


_RARE = (
    *("active", "kind", "splits", "duration_elapsed", "manual", "leveling_delay_minutes", "deadline"),
    *("constraint", "second_constraint", "actual_start", "actual_finish"),
)
_NOTHING_SET = Task(uid=0)
_USUAL_BY_RULES: Mapping[Rules, Mapping[str, Any]] = {
    rules: {field: getattr(_NOTHING_SET, field) for field in (*_RARE, *more)}
    for rules, more in (
        (Rules.MICROSOFT, ()),
        (Rules.PRIMAVERA, ("expected_finish", "external_early_start", "external_late_finish", "remaining_minutes")),
    )
}
"""Fields that most tasks of most plans leave as they are; those that only count beside one of them are not named."""
USUAL_TASK: Mapping[str, int] = {
    **dict.fromkeys(("exists", "active"), 1),
    **dict.fromkeys(("kind", "constraint", "second_constraint", "manual", "delay"), 0),
    **dict.fromkeys(("done", "first_part", "parts"), 0),
    **dict.fromkeys(
        ("constraint_at", "second_constraint_at", "deadline", "expected_finish", "external_start", "external_finish"),
        NEVER,
    ),
    **dict.fromkeys(("actual_start", "actual_finish", "suspend", "resume", "manual_start", "manual_finish"), NEVER),
}


USUAL_LINK: Mapping[str, int] = {"exists": 1}


@dataclass(frozen=True, slots=True)
class TaskColumns:
    """Given fields of rows, assignments aside: those of all tasks, and the others of tasks in unusual `places`."""

    every: Mapping[str, Column]
    places: Sequence[int]
    unusual: Mapping[str, Column]
    any_inactive: bool


@dataclass(frozen=True, slots=True)
class LinkColumns:
    """Given fields of rows; `any_percent`: some lag is a share of its predecessor's duration."""

    every: Mapping[str, Column]
    any_percent: bool


def task_columns(
    tasks: list[Task],
    timetable: Timetable,
    project: Project,
    rows_of: RowsOf,
    is_summary: Callable[[int], bool],
) -> TaskColumns:
    """`KeyError` for a parent that is not in the plan. Tasks below an inactive one are like others: see `active_of`."""
    records = _TASKS.of(tasks)
    calendars = records.numbers("calendar_uid")
    numbers = {uid: timetable.number(project.calendar_uid if uid == NONE else uid) for uid in set(calendars)}
    own = array(ROW, map(numbers.__getitem__, calendars))
    work = records.numbers("duration_minutes")
    every: dict[str, Column] = {
        **USUAL_TASK,
        "uid": records.numbers("uid"),
        "parent": rows_of(records.numbers("parent_uid")),
        "own_calendar": own,
        "calendar": own,
        "slack_calendar": own,
        "duration": work,
        "remaining": work,
    }
    places: Sequence[int] = records.unusual(_USUAL_BY_RULES[project.rules])
    if 2 * len(places) > len(tasks):
        places = range(len(tasks))  # whole columns are written faster than many single values
    some = [tasks[place] for place in places]
    unusual = _unusual(some, [own[place] for place in places], is_summary) if some else {}
    return TaskColumns(every, places, unusual, any_inactive=not all(task.active for task in some))


def _unusual(tasks: list[Task], own: Sequence[int], is_summary: Callable[[int], bool]) -> dict[str, Column]:
    records = _TASKS.of(tasks)
    counted = _counted_in(tasks, own, is_summary)
    work = [_paused(task, 0, task.duration_minutes) for task in tasks]
    return {
        "active": records.codes("active", (False, True)),
        "kind": _kinds(records, "kind", TaskKind.TASK),
        "calendar": counted,
        "slack_calendar": counted,
        "duration": work,
        "constraint": _kinds(records, "constraint", ConstraintKind.ASAP),
        "constraint_at": _instants(records, "constraint_date"),
        "second_constraint": _kinds(records, "second_constraint", ConstraintKind.ASAP),
        "second_constraint_at": _instants(records, "second_constraint_date"),
        "deadline": _instants(records, "deadline"),
        "expected_finish": _instants(records, "expected_finish"),
        "external_start": _instants(records, "external_early_start"),
        "external_finish": _instants(records, "external_late_finish"),
        "actual_start": _instants(records, "actual_start"),
        "actual_finish": _instants(records, "actual_finish"),
        "suspend": _instants(records, "stop"),
        "resume": _instants(records, "resume"),
        "manual": records.codes("manual", (False, True)),
        "manual_start": _instants(records, "manual_start"),
        "manual_finish": _instants(records, "manual_finish"),
        "delay": records.numbers("leveling_delay_minutes"),
        **_progress(tasks, records, work),
    }


def _counted_in(tasks: Sequence[Task], own: Sequence[int], is_summary: Callable[[int], bool]) -> Sequence[int]:
    """Elapsed durations run in every minute; a summary has none of its own."""
    return [
        ELAPSED_NUMBER if task.duration_elapsed and not is_summary(task.uid) else number
        for task, number in zip(tasks, own, strict=True)
    ]


def active_of(tasks: Iterable[Task], by_uid: Mapping[int, Task]) -> Sequence[int]:
    """A task below an inactive summary takes no part either."""
    known: dict[int | None, bool] = {None: True}

    def active(uid: int | None) -> bool:
        path: list[int] = []
        while uid not in known:
            assert uid is not None, "None is known"
            path.append(uid)
            uid = by_uid[uid].parent_uid
        above = known[uid]
        for below in reversed(path):
            above = known[below] = above and by_uid[below].active
        return above

    return [int(active(task.uid)) for task in tasks]


def _paused(task: Task, after: int, minutes: int) -> int:
    """So many minutes of work, with the pauses that fall between."""
    if not task.splits:
        return minutes
    return minutes + sum(split.pause_minutes for split in task.splits if after <= split.after_minutes < after + minutes)


def _progress(tasks: Sequence[Task], records: SlotsOf, work: Sequence[int]) -> dict[str, Column]:
    begun = records.unusual({"percent_complete": 0, "remaining_minutes": None})
    done, remaining = [0] * len(tasks), list(work)
    for place in begun:
        task = tasks[place]
        left = remaining_minutes(task)
        worked = max(task.duration_minutes - left, task.duration_minutes * task.percent_complete // 100, 0)
        done[place] = _paused(task, 0, worked)
        remaining[place] = _paused(task, worked, left)
    return {
        "done": done,
        "remaining": remaining,
    }


def remaining_minutes(task: Task) -> int:
    """Working minutes left, pauses not counted."""
    if task.remaining_minutes is not None:
        return task.remaining_minutes
    return task.duration_minutes - task.duration_minutes * task.percent_complete // 100


def link_columns(links: list[Link], tasks: Mapping[int, Task], rows_of: RowsOf, usual_lag_calendar: int) -> LinkColumns:
    """`InvalidPlanError` when a link names a task that is not there."""
    records = _LINKS.of(links)
    try:
        sources = rows_of(records.numbers("predecessor_uid"))
        targets = rows_of(records.numbers("successor_uid"))
    except KeyError as exc:
        missing = exc.args[0]
        link = next(link for link in links if missing in (link.predecessor_uid, link.successor_uid))
        raise InvalidPlanError(f"task {missing} is not in the plan", place=f"link {link.uid}") from exc
    lags = records.numbers("lag_minutes")
    lag_calendars = array(ROW, [usual_lag_calendar]) * len(links)
    for place in records.unusual({"lag_elapsed": False}):
        lag_calendars[place] = ELAPSED_NUMBER
    shares = records.unusual({"lag_percent": None})
    for place in shares:
        lags[place], every_minute = _share(links[place], tasks)
        lag_calendars[place] = ELAPSED_NUMBER if every_minute else usual_lag_calendar
    every: dict[str, Column] = {
        "uid": records.numbers("uid"),
        "exists": 1,
        "source": sources,
        "target": targets,
        "kind": _kinds(records, "kind", LinkKind.FS),
        "lag": lags,
        "lag_calendar": lag_calendars,
    }
    return LinkColumns(every, any_percent=bool(shares))


def _share(link: Link, tasks: Mapping[int, Task]) -> tuple[int, bool]:
    """Minutes of a lag that is a share of its predecessor, and whether every minute counts."""
    assert link.lag_percent is not None
    predecessor = tasks[link.predecessor_uid]
    minutes = round(predecessor.duration_minutes * link.lag_percent / 100)
    return minutes, link.lag_elapsed or predecessor.duration_elapsed


def usual_lag_calendar(project: Project, timetable: Timetable) -> int:
    match lag_calendar(project):
        case LagCalendar.PREDECESSOR:
            return _OF_PREDECESSOR
        case LagCalendar.SUCCESSOR:
            return _OF_SUCCESSOR
        case LagCalendar.PROJECT:
            return timetable.number(project.calendar_uid)
        case LagCalendar.ELAPSED:
            return ELAPSED_NUMBER


def lag_calendar(project: Project) -> LagCalendar:
    """The project's choice, else what its rules have."""
    if project.lag_calendar is not None:
        return project.lag_calendar
    return LagCalendar.PREDECESSOR if project.rules is Rules.PRIMAVERA else LagCalendar.SUCCESSOR
