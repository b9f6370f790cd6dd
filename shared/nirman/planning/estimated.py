"""Holidays that follow the moon and are not announced yet: what would move if one fell a day earlier or later."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from nirman.planning.change import apply_changes
from nirman.planning.commands import Update
from nirman.planning.events import Change, Moved
from nirman.planning.holidays import Confirmation, HolidayOverlay, with_overlay
from nirman.planning.model import Calendar, CalendarException, Kind, Plan
from nirman.planning.moves import moved_tasks
from nirman.planning.outline import outline
from nirman.planning.records import to_plain
from nirman.planning.schedule import Schedule, reschedule
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

MAX_HOLIDAYS = 40
"""Tried at most, the first in time: each is two more schedules."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedHoliday:
    """The same days in every calendar that has it."""

    name: str
    start: date
    finish: date
    calendar_uids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftEffect:
    """`finish_minutes`: working minutes of the project's calendar that the finish moves, later is positive.

    `moved` counts tasks, summaries not; `furthest` is the uid of the one whose finish moves most, by `furthest_days` of
    24 hours.
    """

    project_finish: datetime
    finish_minutes: int
    moved: int
    furthest: int | None
    furthest_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRisk:
    holiday: EstimatedHoliday
    a_day_earlier: ShiftEffect
    a_day_later: ShiftEffect

    @property
    def delay_minutes(self) -> int:
        """The worse of the two for the project's finish; 0 when neither delays it."""
        return max(self.a_day_earlier.finish_minutes, self.a_day_later.finish_minutes, 0)


def estimated_holidays(plan: Plan) -> tuple[EstimatedHoliday, ...]:
    """By date."""
    found: dict[tuple[date, date, str], list[int]] = {}
    for calendar in plan.calendars.values():
        for exception in calendar.exceptions:
            if exception.estimated and exception.recurrence is None:
                found.setdefault((exception.start, exception.finish, exception.name), []).append(calendar.uid)
    return tuple(
        EstimatedHoliday(name=name, start=start, finish=finish, calendar_uids=tuple(uids))
        for (start, finish, name), uids in sorted(found.items())
    )


def holiday_risks(plan: Plan, schedule: Schedule) -> tuple[HolidayRisk, ...]:
    """Of the estimated holidays during the project, the one that delays its finish most first; then by tasks moved."""
    first, last = schedule.project_start.date() - _DAY, schedule.project_finish.date() + _DAY
    during = [day for day in estimated_holidays(plan) if day.start <= last and day.finish >= first]
    summaries = outline(plan.tasks).children.keys()
    risks = []
    for holiday in during[:MAX_HOLIDAYS]:
        earlier, later = (_effect(plan, schedule, _shifted(plan, holiday, days), summaries) for days in (-1, +1))
        risks.append(HolidayRisk(holiday=holiday, a_day_earlier=earlier, a_day_later=later))
    return tuple(
        sorted(
            risks,
            key=lambda risk: (
                -risk.delay_minutes,
                -max(risk.a_day_earlier.moved, risk.a_day_later.moved),
                risk.holiday.start,
            ),
        )
    )


def confirmed(plan: Plan, confirmations: Sequence[Confirmation]) -> tuple[Update, ...]:
    """What to commit once holidays are announced: every calendar that has one of them, with the announced days."""
    overlay = HolidayOverlay(confirmed=tuple(confirmations))
    return tuple(
        Update(Kind.CALENDAR, calendar.uid, {"exceptions": to_plain(exceptions)})
        for calendar in plan.calendars.values()
        if (exceptions := with_overlay(calendar.exceptions, overlay))
        and any(exception not in calendar.exceptions for exception in exceptions)
    )


def _shifted(plan: Plan, holiday: EstimatedHoliday, days: int) -> tuple[Change, ...]:
    by = timedelta(days=days)
    return tuple(
        Change(
            kind=Kind.CALENDAR,
            uid=uid,
            op="updated",
            fields={"exceptions": (to_plain(calendar.exceptions), to_plain(_with_shifted(calendar, holiday, by)))},
        )
        for uid in holiday.calendar_uids
        for calendar in (plan.calendars[uid],)
    )


def _with_shifted(calendar: Calendar, holiday: EstimatedHoliday, by: timedelta) -> tuple[CalendarException, ...]:
    return tuple(
        replace(exception, start=exception.start + by, finish=exception.finish + by)
        if exception.estimated and (exception.start, exception.finish) == (holiday.start, holiday.finish)
        else exception
        for exception in calendar.exceptions
    )


def _effect(
    plan: Plan, schedule: Schedule, changes: Sequence[Change], summaries: Collection[int | None]
) -> ShiftEffect:
    after = apply_changes(plan, changes)
    shifted = reschedule(schedule, after, changes)
    moves = {
        move.uid: _finish(move, after=True) - _finish(move, after=False)
        for move in moved_tasks(schedule, shifted)
        if move.uid not in summaries
    }
    furthest = max(moves, key=lambda uid: abs(moves[uid]), default=None)
    return ShiftEffect(
        project_finish=shifted.project_finish,
        finish_minutes=_moved_minutes(plan, after, schedule.project_finish, shifted.project_finish),
        moved=len(moves),
        furthest=furthest,
        furthest_days=0 if furthest is None else round(moves[furthest] / _DAY, 2),
    )


def _finish(move: Moved, *, after: bool) -> datetime:
    found = move.finish[after]
    assert found is not None, "no task comes or goes with a holiday"
    return datetime.fromisoformat(found)


def _moved_minutes(before: Plan, after: Plan, was: datetime, now: datetime) -> int:
    """By the calendar with the holiday where it was or where it is, whichever gives more: a day that moved is not 0."""
    gaps = (
        Calendars(plan.calendars).working_time(plan.project.calendar_uid).between(to_minutes(was), to_minutes(now))
        for plan in (before, after)
    )
    return max(gaps, key=abs)
