"""Calendars as MS Project XML: weeks, exceptions with their recurrence, work weeks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from nirman.errors import InvalidPlanError
from nirman.interchange.mspdi_writer_text import bit, clock, escaped
from nirman.planning.model import (
    Calendar,
    CalendarException,
    DayShifts,
    Plan,
    Recurrence,
    RecurrenceKind,
    WorkWeek,
)
from nirman.scheduling.recurrence import occurrences

MAX_SHIFTS = 5
_DAILY_RANGE = 1
"""The type of an exception that holds on each day of its range."""
_TYPES = {
    RecurrenceKind.YEARLY_DAY: 2,
    RecurrenceKind.YEARLY_POSITION: 3,
    RecurrenceKind.MONTHLY_DAY: 4,
    RecurrenceKind.MONTHLY_POSITION: 5,
    RecurrenceKind.WEEKLY: 6,
    RecurrenceKind.DAILY: 7,
}
_FIRST_WEEKDAY_ITEM = 3
"""MonthItem of Sunday; the days of the week follow."""


def calendars_xml(plan: Plan) -> Iterator[str]:
    """`<Calendars>`. InvalidPlanError: more shifts a day than MS Project has room for."""
    yield "<Calendars>"
    for calendar in as_ms_project_knows_them(plan).values():
        base = "-1" if calendar.base_uid is None else str(calendar.base_uid)
        place = f"calendar {calendar.uid}"
        yield (
            f"<Calendar><UID>{calendar.uid}</UID><Name>{escaped(calendar.name)}</Name>"
            f"<IsBaseCalendar>{bit(calendar.base_uid is None)}</IsBaseCalendar>"
            f"<BaseCalendarUID>{base}</BaseCalendarUID><WeekDays>{_week(_stated(calendar), place)}</WeekDays>"
        )
        if calendar.exceptions:
            yield f"<Exceptions>{''.join(_exception(e, place) for e in calendar.exceptions)}</Exceptions>"
        if calendar.work_weeks:
            yield f"<WorkWeeks>{''.join(_work_week(w, place) for w in calendar.work_weeks)}</WorkWeeks>"
        yield "</Calendar>\n"
    yield "</Calendars>"


def as_ms_project_knows_them(plan: Plan) -> Mapping[int, Calendar]:
    """Only a resource's calendar may have a base, and that base none: any other is written out with its base's days."""
    calendars = plan.calendars
    of_resources = {resource.calendar_uid for resource in plan.resources.values()}
    elsewhere = {task.calendar_uid for task in plan.tasks.values()} | {plan.project.calendar_uid}
    bases = {calendar.base_uid for calendar in calendars.values()}
    fit = of_resources - elsewhere - bases
    return {uid: calendar if uid in fit else _flattened(calendar, calendars) for uid, calendar in calendars.items()}


def _flattened(calendar: Calendar, calendars: Mapping[int, Calendar]) -> Calendar:
    if calendar.base_uid is None:
        return calendar
    base = _flattened(calendars[calendar.base_uid], calendars)
    return replace(
        calendar,
        base_uid=None,
        week=_inherited(calendar.week, base.week),
        exceptions=calendar.exceptions + base.exceptions,
        # A base's work week does not reach the days that this calendar's own week settles.
        work_weeks=calendar.work_weeks
        + tuple(replace(work_week, week=_unsettled(calendar.week, work_week.week)) for work_week in base.work_weeks),
    )


_Week = tuple[DayShifts | None, ...]


def _inherited(own: _Week, base: _Week) -> Any:
    return tuple(base_day if day is None else day for day, base_day in zip(own, base, strict=True))


def _unsettled(own: _Week, other: _Week) -> Any:
    return tuple(other_day if day is None else None for day, other_day in zip(own, other, strict=True))


def _stated(calendar: Calendar) -> Iterable[DayShifts | None]:
    """Without a base a day that says nothing is a day off, and MS Project wants it said."""
    return calendar.week if calendar.base_uid is not None else ((day or ()) for day in calendar.week)


def _week(days: Iterable[DayShifts | None], place: str) -> str:
    """Sunday first, as day types 1 to 7; days that say nothing are left out."""
    monday_first = list(days)
    sunday_first = [monday_first[-1], *monday_first[:-1]]
    return "".join(
        f"<WeekDay><DayType>{day_type}</DayType>{_working(shifts, place)}</WeekDay>"
        for day_type, shifts in enumerate(sunday_first, 1)
        if shifts is not None
    )


def _working(shifts: DayShifts, place: str) -> str:
    if not shifts:
        return "<DayWorking>0</DayWorking>"
    if len(shifts) > MAX_SHIFTS:
        raise InvalidPlanError(f"MS Project knows at most {MAX_SHIFTS} shifts a day", place=place)
    times = "".join(
        f"<WorkingTime><FromTime>{clock(start)}</FromTime><ToTime>{clock(finish)}</ToTime></WorkingTime>"
        for start, finish in shifts
    )
    return f"<DayWorking>1</DayWorking><WorkingTimes>{times}</WorkingTimes>"


def _period(start: date, finish: date) -> str:
    return (
        f"<TimePeriod><FromDate>{start.isoformat()}T00:00:00</FromDate>"
        f"<ToDate>{finish.isoformat()}T23:59:00</ToDate></TimePeriod>"
    )


def _exception(exception: CalendarException, place: str) -> str:
    recurrence = exception.recurrence
    if recurrence is None:
        count = (exception.finish - exception.start).days + 1
        rule = f"<Type>{_DAILY_RANGE}</Type>"
    else:
        count = sum(1 for _ in occurrences(recurrence, exception.start, exception.finish))
        rule = _rule(recurrence)
    return (
        f"<Exception><EnteredByOccurrences>0</EnteredByOccurrences>{_period(exception.start, exception.finish)}"
        f"<Occurrences>{count}</Occurrences><Name>{escaped(exception.name)}</Name>{rule}"
        f"{_working(exception.shifts, place)}</Exception>"
    )


def _rule(recurrence: Recurrence) -> str:
    kind = recurrence.kind
    text = f"<Type>{_TYPES[kind]}</Type>"
    if kind not in (RecurrenceKind.YEARLY_DAY, RecurrenceKind.YEARLY_POSITION):
        text += f"<Period>{recurrence.interval}</Period>"
    if kind is RecurrenceKind.WEEKLY:
        text += f"<DaysOfWeek>{sum(1 << (weekday + 1) % 7 for weekday in set(recurrence.weekdays))}</DaysOfWeek>"
    if kind in (RecurrenceKind.MONTHLY_POSITION, RecurrenceKind.YEARLY_POSITION):
        items = (_FIRST_WEEKDAY_ITEM + (weekday + 1) % 7 for weekday in recurrence.weekdays[:1])
        text += "".join(f"<MonthItem>{item}</MonthItem>" for item in items)
        text += f"<MonthPosition>{recurrence.position - 1}</MonthPosition>"
    if kind in (RecurrenceKind.YEARLY_DAY, RecurrenceKind.YEARLY_POSITION):
        text += f"<Month>{recurrence.month - 1}</Month>"
    if kind in (RecurrenceKind.MONTHLY_DAY, RecurrenceKind.YEARLY_DAY):
        text += f"<MonthDay>{recurrence.day}</MonthDay>"
    return text


def _work_week(work_week: WorkWeek, place: str) -> str:
    return (
        f"<WorkWeek>{_period(work_week.start, work_week.finish)}<Name>{escaped(work_week.name)}</Name>"
        f"<WeekDays>{_week(work_week.week, place)}</WeekDays></WorkWeek>"
    )
