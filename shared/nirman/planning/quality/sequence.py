"""Work where the logic or the status date would not have it."""

from __future__ import annotations

from collections.abc import Iterator

from nirman.planning.findings import Finding
from nirman.planning.logic import SPANNING, TO_START, Logic, is_finished
from nirman.planning.model import ConstraintKind, Link
from nirman.planning.words import about, days, described, instant
from nirman.scheduling.instants import to_datetime, to_minutes


def out_of_sequence(logic: Logic) -> Iterator[Finding]:
    """Progress that a link would not have allowed yet: one finding a link."""
    for link in _in_order(logic):
        successor = logic.plan.tasks[link.successor_uid]
        to_start = link.kind in TO_START
        actual = successor.actual_start if to_start else successor.actual_finish
        if actual is None:
            continue
        asked = logic.asked(link)
        if logic.gap(successor.uid, asked, to_minutes(actual)) < 0:
            did = "started" if to_start else "finished"
            text = (
                f"{did} {instant(actual)}, before its {described(link, logic.plan)} allowed it "
                f"({instant(to_datetime(asked))})"
            )
            yield about(successor, "out-of-sequence", text)


def overridden_logic(logic: Logic) -> Iterator[Finding]:
    """Tasks that have not started and stand earlier than a link allows: by a constraint, or planned by hand."""
    for link in _in_order(logic):
        task = logic.plan.tasks[link.successor_uid]
        if task.actual_start is not None or is_finished(task) or logic.schedule[task.uid].summary:
            continue
        slack = logic.slack(link)
        if slack < 0:
            text = (
                f"{_overriding(logic, link)} puts it {days(-slack, logic.plan.project.minutes_per_day)} "
                f"before its {described(link, logic.plan)} allows"
            )
            yield about(task, "logic-overridden", text)


def not_at_data_date(logic: Logic) -> Iterator[Finding]:
    """Work that is not done before the status date, work that is done after it."""
    status_date = logic.plan.project.status_date
    if status_date is None:
        return
    for dates in logic.schedule:
        task = logic.plan.tasks[dates.uid]
        if dates.summary or dates.uid not in logic.active or task.kind in SPANNING:
            continue
        for what, actual in (("started", task.actual_start), ("finished", task.actual_finish)):
            if actual is not None and actual > status_date:
                text = f"is said to have {what} {instant(actual)}, after the status date"
                yield about(task, "after-status-date", text)
        if is_finished(task):
            continue
        if task.actual_start is None and dates.start < status_date:
            text = f"has not started and is scheduled for {instant(dates.start)}, before the status date"
            yield about(task, "before-status-date", text)
        elif dates.finish < status_date:
            text = f"is not finished and is scheduled to finish {instant(dates.finish)}, before the status date"
            yield about(task, "before-status-date", text)


def without_working_time(logic: Logic) -> Iterator[Finding]:
    """Tasks with a duration whose dates hold no minute of working time: planned by hand on days off, mostly."""
    for dates in logic.schedule:
        task = logic.plan.tasks[dates.uid]
        if dates.summary or task.duration_minutes == 0 or is_finished(task) or dates.uid not in logic.active:
            continue
        if logic.gap(dates.uid, logic.start(dates.uid), logic.finish(dates.uid)) <= 0:
            text = f"its calendar has no working time from {instant(dates.start)} to {instant(dates.finish)}"
            yield about(task, "no-working-time", text)


def _overriding(logic: Logic, link: Link) -> str:
    task = logic.plan.tasks[link.successor_uid]
    if task.manual:
        return "planning by hand"
    if task.constraint in (ConstraintKind.ASAP, ConstraintKind.ALAP) or task.constraint_date is None:
        return "a constraint or the calendar"
    return f"its constraint {task.constraint} {instant(task.constraint_date)}"


def _in_order(logic: Logic) -> Iterator[Link]:
    """Links by their successors in outline order."""
    for uid in logic.schedule.uids:
        yield from logic.incoming.get(uid, ())
