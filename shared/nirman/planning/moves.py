"""What an edit moved: tasks whose start or finish is another than before."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import lru_cache

from nirman.planning.events import Moved
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import to_datetime
from nirman.scheduling.kernel.library import moved_rows
from nirman.scheduling.rows import Rows


def moved_tasks(before: Schedule | None, after: Schedule) -> tuple[Moved, ...]:
    """In outline order of `after`, then the tasks that are gone; none when there was no schedule before."""
    if before is None:
        return ()
    moved = list(_other_dates(before.network.rows, after.network.rows))
    order = after.outline.rows if len(moved) > 1 else {}
    gone = before.network.rows.row_of.keys() - after.network.rows.row_of.keys()
    return (
        *(_moved(before, after, uid) for uid in sorted(moved, key=lambda uid: order.get(uid, 0))),
        *(_moved(before, after, uid) for uid in sorted(gone)),
    )


def _other_dates(before: Rows, after: Rows) -> Iterator[int]:
    """Uids of tasks that are new, or start or finish at another time."""
    if before.row_of is after.row_of:
        yield from (after.task(row, "uid") for row in moved_rows(before.tasks, after.tasks))
        return
    (old_starts, old_finishes), (starts, finishes) = _spans(before), _spans(after)
    for uid, row in after.row_of.items():
        old = before.row_of.get(uid)
        if old is None or starts[row] != old_starts[old] or finishes[row] != old_finishes[old]:
            yield uid


def _spans(rows: Rows) -> tuple[array[int], array[int]]:
    return rows.task_column("start"), rows.task_column("finish")


def _moved(before: Schedule, after: Schedule, uid: int) -> Moved:
    (old_start, old_finish), (start, finish) = _dates(before, uid), _dates(after, uid)
    driver = after.driver(uid) if uid in after else None
    return Moved(uid=uid, start=(old_start, start), finish=(old_finish, finish), driver=driver)


def _dates(schedule: Schedule, uid: int) -> tuple[str | None, str | None]:
    rows = schedule.network.rows
    row = rows.row_of.get(uid)
    return (None, None) if row is None else (_text(rows.task(row, "start")), _text(rows.task(row, "finish")))


@lru_cache(maxsize=2**16)  # the tasks of a plan share few instants
def _text(minutes: int) -> str:
    return to_datetime(minutes).isoformat()
