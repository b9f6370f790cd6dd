"""Records of a plan as the kernel's columns: one value for all rows, or a list with one for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Any

from nirman.planning.model import ConstraintKind, LagCalendar, Link, LinkKind, Project, Rules, Task, TaskKind
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.kernel.library import NEVER, NONE
from nirman.scheduling.timetable import ELAPSED_NUMBER, Timetable

Column = int | Sequence[int]
_OF_PREDECESSOR, _OF_SUCCESSOR = -2, -3


def codes(kind: type[StrEnum]) -> Mapping[Any, int]:
    """Members by their place: how the kernel numbers them."""
    return {member: place for place, member in enumerate(kind)}


_CONSTRAINTS, _LINK_KINDS, _TASK_KINDS = codes(ConstraintKind), codes(LinkKind), codes(TaskKind)


def _column(records: Sequence[Any], field: str, usual: object, code: int, convert: Callable[[Any], int]) -> Column:
    """Most tasks have the usual value of most fields: then the column is that one code."""
    values = list(map(attrgetter(field), records))
    if values.count(usual) == len(values):
        return code
    return [code if value is usual else convert(value) for value in values]


def _instants(tasks: Sequence[Task], field: str) -> Column:
    return _column(tasks, field, None, NEVER, to_minutes)


def _flags(tasks: Sequence[Task], field: str, *, usual: bool = False) -> Column:
    return _column(tasks, field, usual, int(usual), int)


def task_columns(
    tasks: Sequence[Task],
    timetable: Timetable,
    project_calendar: int,
    row_of: Mapping[int, int],
    active: Column,
    summaries: Callable[[], Iterable[int]],
) -> dict[str, Column]:
    """Given fields of rows, assignments aside; `row_of` has the parents, `summaries` gives the uids with children."""
    own = _column(tasks, "calendar_uid", None, project_calendar, timetable.number)
    counted = _counted_in(tasks, own, summaries)
    work = _with_pauses(tasks)
    parents = _column(tasks, "parent_uid", None, NONE, row_of.__getitem__)
    return {
        "uid": [task.uid for task in tasks],
        "exists": 1,
        "parent": parents,
        "active": active,
        "kind": _column(tasks, "kind", TaskKind.TASK, 0, _TASK_KINDS.__getitem__),
        "own_calendar": own,
        "calendar": counted,
        "slack_calendar": counted,
        "duration": work,
        "first_part": 0,
        "parts": 0,
        "constraint": _column(tasks, "constraint", ConstraintKind.ASAP, 0, _CONSTRAINTS.__getitem__),
        "constraint_at": _instants(tasks, "constraint_date"),
        "second_constraint": _column(tasks, "second_constraint", ConstraintKind.ASAP, 0, _CONSTRAINTS.__getitem__),
        "second_constraint_at": _instants(tasks, "second_constraint_date"),
        "deadline": _instants(tasks, "deadline"),
        "expected_finish": _instants(tasks, "expected_finish"),
        "external_start": _instants(tasks, "external_early_start"),
        "external_finish": _instants(tasks, "external_late_finish"),
        "actual_start": _instants(tasks, "actual_start"),
        "actual_finish": _instants(tasks, "actual_finish"),
        "remaining_given": _column(tasks, "remaining_minutes", None, 0, lambda _: 1),
        "suspend": _instants(tasks, "stop"),
        "resume": _instants(tasks, "resume"),
        "manual": _flags(tasks, "manual"),
        "manual_start": _instants(tasks, "manual_start"),
        "manual_finish": _instants(tasks, "manual_finish"),
        "delay": _column(tasks, "leveling_delay_minutes", 0, 0, int),
        **_progress(tasks, work),
    }


def _counted_in(tasks: Sequence[Task], own: Column, summaries: Callable[[], Iterable[int]]) -> Column:
    """Elapsed durations run in every minute; a summary has none of its own."""
    if isinstance(_flags(tasks, "duration_elapsed"), int):
        return own
    above = set(summaries())
    owns = [own] * len(tasks) if isinstance(own, int) else own
    return [
        ELAPSED_NUMBER if task.duration_elapsed and task.uid not in above else number
        for task, number in zip(tasks, owns, strict=True)
    ]


def active_of(tasks: Sequence[Task], by_uid: Mapping[int, Task]) -> Column:
    """A task below an inactive summary takes no part either."""
    own = _flags(tasks, "active", usual=True)
    if isinstance(own, int) and all(map(attrgetter("active"), by_uid.values())):
        return 1
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


def _with_pauses(tasks: Sequence[Task]) -> list[int]:
    durations = list(map(attrgetter("duration_minutes"), tasks))
    splits = list(map(attrgetter("splits"), tasks))
    if splits.count(()) < len(splits):
        durations = [_paused(task, 0, minutes) for task, minutes in zip(tasks, durations, strict=True)]
    return durations


def _paused(task: Task, after: int, minutes: int) -> int:
    """So many minutes of work, with the pauses that fall between."""
    return minutes + sum(split.pause_minutes for split in task.splits if after <= split.after_minutes < after + minutes)


def _progress(tasks: Sequence[Task], work: Sequence[int]) -> dict[str, Column]:
    fields = attrgetter("percent_complete", "remaining_minutes")
    begun = [place for place, found in enumerate(map(fields, tasks)) if found != (0, None)]
    if not begun:
        return {"done": 0, "remaining": work}
    done, remaining = [0] * len(tasks), list(work)
    for place in begun:
        task = tasks[place]
        left = remaining_minutes(task)
        worked = max(task.duration_minutes - left, task.duration_minutes * task.percent_complete // 100, 0)
        done[place] = _paused(task, 0, worked)
        remaining[place] = _paused(task, worked, left)
    return {"done": done, "remaining": remaining}


def remaining_minutes(task: Task) -> int:
    """Working minutes left, pauses not counted."""
    if task.remaining_minutes is not None:
        return task.remaining_minutes
    return task.duration_minutes - task.duration_minutes * task.percent_complete // 100


def link_columns(
    links: Sequence[Link], tasks: Mapping[int, Task], row_of: Mapping[int, int], usual_lag_calendar: int
) -> dict[str, Column]:
    """Every task that a link names must be there."""
    lags: list[int] = list(map(attrgetter("lag_minutes"), links))
    elapsed: list[bool] = list(map(attrgetter("lag_elapsed"), links))
    percents = list(map(attrgetter("lag_percent"), links))
    if percents.count(None) < len(percents):
        for place, percent in enumerate(percents):
            if percent is not None:
                predecessor = tasks[links[place].predecessor_uid]
                lags[place] = round(predecessor.duration_minutes * percent / 100)
                elapsed[place] = elapsed[place] or predecessor.duration_elapsed
    return {
        "uid": [link.uid for link in links],
        "exists": 1,
        "source": [row_of[link.predecessor_uid] for link in links],
        "target": [row_of[link.successor_uid] for link in links],
        "kind": _column(links, "kind", LinkKind.FS, 0, _LINK_KINDS.__getitem__),
        "lag": lags,
        "lag_calendar": (
            [ELAPSED_NUMBER if every_minute else usual_lag_calendar for every_minute in elapsed]
            if any(elapsed)
            else usual_lag_calendar
        ),
    }


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
