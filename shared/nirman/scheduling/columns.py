"""Records of a plan as the kernel's columns: one value for all rows, or a list with one for each."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

from nirman.errors import InvalidPlanError
from nirman.planning.model import ConstraintKind, LagCalendar, Link, LinkKind, Project, Rules, Task, TaskKind
from nirman.scheduling.instants import is_in_time, to_minutes
from nirman.scheduling.kernel.library import NEVER, NONE, ROW
from nirman.scheduling.timetable import ELAPSED_NUMBER, Timetable

Column = int | Sequence[int]
RowsOf = Callable[["array[int]"], "array[int]"]
"""Rows of tasks by uid, NONE for NONE; `KeyError` for one that is not there."""
_OF_PREDECESSOR, _OF_SUCCESSOR = -2, -3


@cache
def codes(kind: type[StrEnum]) -> Mapping[Any, int]:
    """Members by their place: how the kernel numbers them."""
    return {member: place for place, member in enumerate(kind)}


def _values(records: Sequence[Any], field: str) -> list[Any]:
    return list(map(attrgetter(field), records))


def _numbers(values: Iterable[int]) -> array[int]:
    return array(ROW, values)


def _given(records: Sequence[Any], field: str, code: int, convert: Callable[[Any], int]) -> Column:
    """`code` where a field is None, zero or False: most are, in most plans, for all records."""
    if not any(map(attrgetter(field), records)):
        return code
    return [convert(value) if value else code for value in _values(records, field)]


def _instants(tasks: Sequence[Task], field: str) -> Column:
    try:
        return _given(tasks, field, NEVER, to_minutes)
    except InvalidPlanError as error:
        raise _named(tasks, field, error) from error


def _named(tasks: Sequence[Task], field: str, error: InvalidPlanError) -> InvalidPlanError:
    """With the first task whose date is refused."""
    task = next(task for task in tasks if not is_in_time(getattr(task, field)))
    return InvalidPlanError(error.rule, place=f'{field} of task "{task.name}" ({task.uid})', uids=(task.uid,))


def _kinds(records: Sequence[Any], field: str, usual: StrEnum) -> Column:
    values = _values(records, field)
    if values.count(usual) == len(values):
        return codes(type(usual))[usual]
    # Members are looked up by identity: their hash is computed in Python.
    by_identity = {id(member): code for member, code in codes(type(usual)).items()}
    return _numbers(map(by_identity.__getitem__, map(id, values)))


_RARE = (
    *("active", "kind", "splits", "duration_elapsed", "manual", "leveling_delay_minutes", "deadline"),
    *("constraint", "second_constraint", "actual_start", "actual_finish"),
)
_RARE_BY_RULES = {
    rules: attrgetter(*_RARE, *more)
    for rules, more in (
        (Rules.MICROSOFT, ()),
        (Rules.PRIMAVERA, ("expected_finish", "external_early_start", "external_late_finish", "remaining_minutes")),
    )
}
"""Fields that most tasks of most plans leave as they are; those that only count beside one of them are not named."""
_NOTHING_SET = Task(uid=0)
USUAL_TASK: Mapping[str, int] = {
    **dict.fromkeys(("exists", "active"), 1),
    **dict.fromkeys(("kind", "constraint", "second_constraint", "manual", "delay"), 0),
    **dict.fromkeys(("done", "remaining_given", "first_part", "parts"), 0),
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


def task_columns(
    tasks: Sequence[Task],
    timetable: Timetable,
    project: Project,
    rows_of: RowsOf,
    is_summary: Callable[[int], bool],
) -> TaskColumns:
    """`KeyError` for a parent that is not in the plan. Tasks below an inactive one are like others: see `active_of`."""
    calendars = _values(tasks, "calendar_uid")
    numbers = {uid: timetable.number(project.calendar_uid if uid is None else uid) for uid in set(calendars)}
    own = _numbers(map(numbers.__getitem__, calendars))
    work = _numbers(map(attrgetter("duration_minutes"), tasks))
    every: dict[str, Column] = {
        **USUAL_TASK,
        "uid": _numbers(map(attrgetter("uid"), tasks)),
        "parent": rows_of(_numbers(NONE if uid is None else uid for uid in map(attrgetter("parent_uid"), tasks))),
        "own_calendar": own,
        "calendar": own,
        "slack_calendar": own,
        "duration": work,
        "remaining": work,
    }
    # One look at each task: looking at them field by field takes twice as long.
    rare = _RARE_BY_RULES[project.rules]
    usual = rare(_NOTHING_SET)
    places: Sequence[int] = [place for place, found in enumerate(map(rare, tasks)) if found != usual]
    if 2 * len(places) > len(tasks):
        places = range(len(tasks))  # whole columns are written faster than many single values
    some = [tasks[place] for place in places]
    unusual = _unusual(some, [own[place] for place in places], is_summary) if some else {}
    return TaskColumns(every, places, unusual, any_inactive=not all(task.active for task in some))


def _unusual(tasks: Sequence[Task], own: Sequence[int], is_summary: Callable[[int], bool]) -> dict[str, Column]:
    counted = _counted_in(tasks, own, is_summary)
    work = [_paused(task, 0, task.duration_minutes) for task in tasks]
    return {
        "active": [int(task.active) for task in tasks],
        "kind": _kinds(tasks, "kind", TaskKind.TASK),
        "calendar": counted,
        "slack_calendar": counted,
        "duration": work,
        "constraint": _kinds(tasks, "constraint", ConstraintKind.ASAP),
        "constraint_at": _instants(tasks, "constraint_date"),
        "second_constraint": _kinds(tasks, "second_constraint", ConstraintKind.ASAP),
        "second_constraint_at": _instants(tasks, "second_constraint_date"),
        "deadline": _instants(tasks, "deadline"),
        "expected_finish": _instants(tasks, "expected_finish"),
        "external_start": _instants(tasks, "external_early_start"),
        "external_finish": _instants(tasks, "external_late_finish"),
        "actual_start": _instants(tasks, "actual_start"),
        "actual_finish": _instants(tasks, "actual_finish"),
        "suspend": _instants(tasks, "stop"),
        "resume": _instants(tasks, "resume"),
        "manual": _given(tasks, "manual", 0, int),
        "manual_start": _instants(tasks, "manual_start"),
        "manual_finish": _instants(tasks, "manual_finish"),
        "delay": _given(tasks, "leveling_delay_minutes", 0, int),
        **_progress(tasks, work),
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


def _progress(tasks: Sequence[Task], work: Sequence[int]) -> dict[str, Column]:
    percents, lefts = _values(tasks, "percent_complete"), _values(tasks, "remaining_minutes")
    if not any(percents) and lefts.count(None) == len(lefts):
        return {"done": 0, "remaining": work, "remaining_given": 0}
    begun = [
        place for place, (percent, left) in enumerate(zip(percents, lefts, strict=True)) if percent or left is not None
    ]
    done, remaining = [0] * len(tasks), list(work)
    for place in begun:
        task = tasks[place]
        left = remaining_minutes(task)
        worked = max(task.duration_minutes - left, task.duration_minutes * task.percent_complete // 100, 0)
        done[place] = _paused(task, 0, worked)
        remaining[place] = _paused(task, worked, left)
    return {"done": done, "remaining": remaining, "remaining_given": [int(left is not None) for left in lefts]}


def remaining_minutes(task: Task) -> int:
    """Working minutes left, pauses not counted."""
    if task.remaining_minutes is not None:
        return task.remaining_minutes
    return task.duration_minutes - task.duration_minutes * task.percent_complete // 100


def link_columns(
    links: Sequence[Link],
    tasks: Mapping[int, Task],
    rows_of: RowsOf,
    usual_lag_calendar: int,
    *,
    percent_lags: bool,
) -> dict[str, Column]:
    """`percent_lags`: of these links. `InvalidPlanError` when a link names a task that is not there."""
    try:
        sources = rows_of(_numbers(map(attrgetter("predecessor_uid"), links)))
        targets = rows_of(_numbers(map(attrgetter("successor_uid"), links)))
    except KeyError as exc:
        missing = exc.args[0]
        link = next(link for link in links if missing in (link.predecessor_uid, link.successor_uid))
        raise InvalidPlanError(f"task {missing} is not in the plan", place=f"link {link.uid}") from exc
    lags: Sequence[int] = _values(links, "lag_minutes")
    elapsed: list[bool] = _values(links, "lag_elapsed")
    if percent_lags:
        shares = [_share(link, tasks) for link in links]
        lags, elapsed = [minutes for minutes, _ in shares], [every_minute for _, every_minute in shares]
    return {
        "uid": _numbers(map(attrgetter("uid"), links)),
        "exists": 1,
        "source": sources,
        "target": targets,
        "kind": _kinds(links, "kind", LinkKind.FS),
        "lag": lags,
        "lag_calendar": (
            [ELAPSED_NUMBER if every_minute else usual_lag_calendar for every_minute in elapsed]
            if any(elapsed)
            else usual_lag_calendar
        ),
    }


def _share(link: Link, tasks: Mapping[int, Task]) -> tuple[int, bool]:
    """Minutes of the lag, and whether every minute counts."""
    if link.lag_percent is None:
        return link.lag_minutes, link.lag_elapsed
    predecessor = tasks[link.predecessor_uid]
    minutes = round(predecessor.duration_minutes * link.lag_percent / 100)
    return minutes, link.lag_elapsed or predecessor.duration_elapsed


def has_percent_lags(links: Sequence[Link]) -> bool:
    return _values(links, "lag_percent").count(None) < len(links)


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
