"""Tasks as activities: what they take, and what holds them beside their links."""

from __future__ import annotations

from collections.abc import Callable

from nirman.optimization.compression.board import Board, End, lag_calendar_of
from nirman.optimization.compression.crossing import crossing, shift_end, until_leap
from nirman.optimization.compression.model import Activity, Arc
from nirman.planning.logic import TO_START
from nirman.planning.model import ConstraintKind, ProgressLogic, Task
from nirman.scheduling.instants import DAY, to_minutes
from nirman.scheduling.kernel.library import NEVER
from nirman.scheduling.timetable import ELAPSED_NUMBER

_PART_FIELDS = 5
_MUST = (ConstraintKind.MSO, ConstraintKind.MFO)
STARTS_NO_EARLIER = (ConstraintKind.SNET, ConstraintKind.SO, ConstraintKind.MSO)
_FINISHES_NO_EARLIER = (ConstraintKind.FNET, ConstraintKind.FO, ConstraintKind.MFO)
_NO_LATER = (ConstraintKind.SNLT, ConstraintKind.FNLT)


def add_task(board: Board, task: Task) -> None:
    uid = task.uid
    early_start, early_finish = board.row(uid, "early_start"), board.row(uid, "early_finish")
    dated = task.manual and (task.manual_start is not None or task.manual_finish is not None)
    started, complete = task.actual_start is not None, task.actual_finish is not None
    if dated or complete or (started and not board.primavera and board.row(uid, "parts")):
        if complete and board.primavera:  # its early dates are those of what holds it back, out of sequence
            early_start = early_finish = board.first
        board.starts[uid], board.finishes[uid] = End(instant=early_start), End(instant=early_finish)
        finish = board.row(uid, "finish") if complete else early_finish
        board.fixed_finish = max(finish, board.fixed_finish or finish)
        board.held.add(uid)
    elif started:
        _add_running(board, task)
    elif board.row(uid, "parts"):
        _add_parts(board, task)
    else:
        if _is_between_calendars(board, task):
            number = board.point(uid, ELAPSED_NUMBER, counts=True)
            board.standing[number] = board.row(uid, "calendar")
            if board.primavera and _is_finish_asked(board, task):
                board.evenings.add(number)
        else:
            number = _activity(board, task, board.row(uid, "duration"))
        board.starts[uid], board.finishes[uid] = End(number), End(number, is_finish=True)
        _constrain(board, task, _before_delay(board, task, number), number)


def _activity(board: Board, task: Task, minutes: int) -> int:
    axis = board.row(task.uid, "calendar")
    board.activities.append(Activity(task.uid, axis, minutes, board.offers.get(task.uid)))
    return len(board.activities) - 1


def _is_between_calendars(board: Board, task: Task) -> bool:
    """What takes no time may stand at an instant at which nobody works in its own calendar."""
    if board.row(task.uid, "duration") or board.row(task.uid, "delay"):
        return False
    own = board.row(task.uid, "calendar")
    return any(
        board.row(link.predecessor_uid, "calendar") != own
        or board.row(link.successor_uid, "calendar") != own
        or (link.lag_minutes and lag_calendar_of(board.schedule, link.uid) != own)
        for link in board.links_of.get(task.uid, ())
    )


def _is_finish_asked(board: Board, task: Task) -> bool:
    dated = (*_FINISHES_NO_EARLIER, *_MUST)
    linked = any(link.kind not in TO_START for link in board.into.get(task.uid, ()))
    return linked or task.constraint in dated or task.second_constraint in dated


def _add_running(board: Board, task: Task) -> None:
    """What remains follows what is done, the data date and, by P6's retained logic, the predecessors."""
    uid = task.uid
    left = board.row(uid, "remaining")
    begun = board.row(uid, "actual_start")
    board.starts[uid] = End(instant=max(begun, board.first) if board.primavera else begun)
    if board.primavera and board.row(uid, "parts"):
        start, finish = _add_parts(board, task)
        board.starts[uid] = End(instant=board.first)
    else:
        start = finish = _activity(board, task, left)
    board.finishes[uid] = End(finish, is_finish=True)
    resume = board.row(uid, "resume")
    if board.primavera:
        board.raise_to(start, max(board.first, resume))
        if board.plan.project.progress_logic is not ProgressLogic.RETAINED_LOGIC:
            board.held.add(uid)
        return
    time, activity = board.time(board.row(uid, "calendar")), board.activities[start]
    board.held.add(uid)
    if resume != NEVER and resume > begun:
        board.raise_to(start, resume)
    else:
        activity.floor = time.worked(begun) + board.row(uid, "done")
    if board.data_date != NEVER and left > 0:
        board.raise_to(start, board.data_date)
    if task.constraint is ConstraintKind.FNET and task.constraint_date is not None:
        board.raise_finish(start, to_minutes(task.constraint_date))


def _add_parts(board: Board, task: Task) -> tuple[int, int]:
    """Assignments that work in several calendars: from one instant to another."""
    uid = task.uid
    start, finish = board.point(uid, ELAPSED_NUMBER, counts=False), board.point(uid, ELAPSED_NUMBER, counts=True)
    finish_from, steady_until = _finish_of_parts(board, task)
    elapsed = board.time(ELAPSED_NUMBER)
    run = crossing(elapsed, elapsed, evening=True, delay=finish_from, steady_until=steady_until)
    board.arcs.append(Arc(None, start, finish, from_finish=True, to_finish=False, crossing=run))
    board.starts[uid], board.finishes[uid] = End(start), End(finish, is_finish=True)
    if task.actual_start is None:
        _constrain(board, task, start, finish)
    return start, finish


def _finish_of_parts(board: Board, task: Task) -> tuple[Callable[[int], int], Callable[[int], int]]:
    """When the last of its assignments ends, by when it may begin; and how long that goes on alike."""
    rows = board.rows
    first, count = board.row(task.uid, "first_part"), board.row(task.uid, "parts")
    parts = []
    for number in range(first, first + count):
        calendar, both, whole, left, delay = rows.parts[number * _PART_FIELDS : (number + 1) * _PART_FIELDS]
        minutes = left + (0 if task.actual_start else delay) if board.primavera else whole + delay
        parts.append((board.time(calendar), board.time(both if board.primavera else calendar), minutes))

    def finish_from(instant: int) -> int:
        start = min(begins.next_start(instant) for _, begins, _ in parts)
        return max(works.add(start, minutes) for works, _, minutes in parts)

    def steady_until(instant: int) -> int:
        start = min(begins.next_start(instant) for _, begins, _ in parts)
        if start > instant:
            return start
        ends = [shift_end(begins, instant) - 1 for _, begins, _ in parts if begins.next_start(instant) == instant]
        leaps = [
            instant + until_leap(works, works.worked(instant) + minutes, evening=True)
            for works, _, minutes in parts
            if minutes
        ]
        return min(*ends, *leaps, instant + DAY)

    return finish_from, steady_until


def _before_delay(board: Board, task: Task, number: int) -> int:
    """Where links into a task that levelling put off end: the point from which it is put off.

    By Microsoft's rules that is when it could begin, by P6's when it is free to, be it the evening before.
    """
    minutes = board.row(task.uid, "delay")
    if not minutes or _is_pinned(board, task):
        return number
    axis, evening = board.activities[number].axis, board.primavera
    point = board.point(task.uid, axis, counts=False)
    late = board.crossing(
        axis, axis, evening=evening, key=("levelled", minutes), delay=lambda instant: instant + minutes
    )
    board.arcs.append(Arc(None, point, number, from_finish=True, to_finish=False, crossing=late))
    board.delayed[task.uid] = point
    return point


def _is_pinned(board: Board, task: Task) -> bool:
    """A date decides, whatever links and levelling ask for."""
    kinds = (task.constraint, task.second_constraint)
    return any(kind in _MUST for kind in kinds) and (board.primavera or board.plan.project.honor_constraints)


def _constrain(board: Board, task: Task, start: int, finish: int) -> None:
    """Floors of a task that has not begun."""
    for kind, at in (
        (task.constraint, task.constraint_date),
        (task.second_constraint, task.second_constraint_date),
    ):
        if at is not None:
            dated = start if board.primavera or finish in board.standing else finish
            _date(board, task, dated, finish, kind, to_minutes(at))
    if _is_pinned(board, task):
        board.held.add(task.uid)
    if task.uid in board.held:
        return
    if board.data_date != NEVER:
        board.raise_to(start, board.data_date)
    if board.primavera:
        board.raise_to(start, max(board.first, board.row(task.uid, "external_start")))
    elif not _is_linked(board, task) and _begins_with_project(board, task, finish):
        board.raise_to(start, board.start)


def _date(board: Board, task: Task, start: int, finish: int, kind: ConstraintKind, instant: int) -> None:
    if kind in STARTS_NO_EARLIER:
        board.raise_to(start, instant)
    elif kind in _FINISHES_NO_EARLIER:
        board.raise_finish(finish, instant)
    elif kind in _NO_LATER and _wins_over_links(board, task):
        board.held.add(task.uid)
        board.loose.append(f'the {kind} date of task "{task.name}" ({task.uid}), which wins over its links')


def _wins_over_links(board: Board, task: Task) -> bool:
    """By Microsoft's rules, where a date says "no later"."""
    honoured = board.plan.project.honor_constraints and not board.primavera
    return honoured and board.row(task.uid, "early_start") < board.row(task.uid, "logic_start")


def _begins_with_project(board: Board, task: Task, finish: int) -> bool:
    """What has no links does, unless its date asks for an earlier start."""
    if task.constraint_date is None or task.constraint not in (ConstraintKind.SNET, ConstraintKind.FNET):
        return True
    activity = board.activities[finish]
    if task.constraint is ConstraintKind.SNET or activity.finish_floor is None:
        return False
    starts = activity.finish_floor - board.row(task.uid, "duration")
    return starts >= board.time(activity.axis).worked(board.start)


def _is_linked(board: Board, task: Task) -> bool:
    if board.into.get(task.uid):
        return True
    above = task.parent_uid
    while above is not None:
        parent = board.plan.tasks[above]
        if board.into.get(above) or parent.constraint in STARTS_NO_EARLIER:
            return True
        above = parent.parent_uid
    return False
