"""The work of split tasks spread over time, which is how MS Project XML says where a task pauses."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.interchange.mspdi_writer_text import span, when
from nirman.planning.model import Task
from nirman.planning.schedule import TaskDates
from nirman.scheduling.instants import to_datetime, to_minutes
from nirman.scheduling.working_time import WorkingTime

BY_PERIOD = "<WorkContour>8</WorkContour>"
"""Contour of an assignment whose work is given period by period."""
_REMAINING_WORK, _ACTUAL_WORK = 1, 2
_DAYS = 2
_MOST_PERIODS = 2_000


def spread_xml(assignment_uid: int, task: Task, dates: TaskDates, units: float, working: WorkingTime) -> str:
    """Day by day from the task's start, pauses as days without work; `working` is what its duration is counted in."""
    records: list[str] = []
    for kind, start, finish, works in _stretches(task, to_minutes(dates.start), working):
        step = 1440 * (1 + (finish - start) // (1440 * _MOST_PERIODS))
        for since in range(start, finish, step):
            until = min(since + step, finish)
            minutes = round(working.between(since, until) * units) if works else 0
            records.append(
                f"<TimephasedData><Type>{kind}</Type><UID>{assignment_uid}</UID>"
                f"<Start>{when(to_datetime(since))}</Start><Finish>{when(to_datetime(until))}</Finish>"
                f"<Unit>{_DAYS}</Unit><Value>{span(minutes)}</Value></TimephasedData>"
            )
    return "".join(records)


def _stretches(task: Task, start: int, working: WorkingTime) -> Iterator[tuple[int, int, int, bool]]:
    """Type of record, from, until, and whether work is done, of what is between two pauses or pauses."""
    remaining = task.remaining_minutes
    if remaining is None:
        remaining = task.duration_minutes - task.duration_minutes * task.percent_complete // 100
    done = max(0, task.duration_minutes - remaining)
    paused = {split.after_minutes: split.pause_minutes for split in task.splits}
    marks = sorted({minutes for minutes in (*paused, done) if 0 < minutes < task.duration_minutes})
    worked = 0
    for mark in (*marks, task.duration_minutes):
        kind = _ACTUAL_WORK if mark <= done else _REMAINING_WORK
        begin = working.next_start(start)
        start = working.add(begin, mark - worked)
        yield kind, begin, start, True
        if mark in paused:
            begin, start = start, working.add(start, paused[mark])
            yield kind, begin, start, False
        worked = mark
