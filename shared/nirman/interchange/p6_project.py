"""The settings of a Primavera P6 project, and its options of scheduling: P6's own defaults where the file has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nirman.interchange.p6_calendars import CalendarRecord
from nirman.interchange.p6_row import Row
from nirman.interchange.p6_vocabulary import CRITICAL_BY, LAG_CALENDARS, PROGRESS_LOGIC, SLACK_KINDS
from nirman.planning.findings import Severity
from nirman.planning.model import CriticalBy, LagCalendar, ProgressLogic, Project, Rules, SlackKind

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """`root`: the WBS node that is the project itself."""

    uid: int
    code: str
    name: str
    start: datetime | None
    data_date: datetime | None
    must_finish: datetime | None
    calendar: int | None
    root: int | None
    exported: bool
    baseline: int | None
    original: int | None
    taken_at: datetime | None
    row: Row


@dataclass(frozen=True, slots=True)
class Options:
    lag_calendar: LagCalendar | None
    logic: ProgressLogic
    slack_kind: SlackKind | None
    open_ends: bool
    start_lag: bool
    expected_finish: bool
    own_finish: bool
    external_dates: bool
    """What links to other projects ask for counts."""
    critical_limit: int
    critical_by: CriticalBy


def read_project(row: Row) -> ProjectRecord:
    """Without a uid, as other programs write it, 0."""
    return ProjectRecord(
        uid=row.uid or 0,
        code=row.text("code"),
        name=row.text("name"),
        start=row.instant("start"),
        data_date=row.instant("data_date"),
        must_finish=row.instant("must_finish"),
        calendar=row.reference("calendar"),
        root=row.reference("root"),
        exported=row.flag("exported", default=False),
        baseline=row.reference("baseline"),
        original=row.reference("original"),
        taken_at=row.instant("taken_at"),
        row=row,
    )


def read_options(project: Row, options: Row | None) -> Options:
    """`options` first, then what the project itself says."""
    row = project if options is None else options

    def of(name: str) -> Row:
        return row if row.has(name) else project

    if of("retained").has("retained") or of("override").has("override"):
        if of("retained").flag("retained", default=False):
            logic = ProgressLogic.RETAINED_LOGIC
        elif of("override").flag("override", default=False):
            logic = ProgressLogic.PROGRESS_OVERRIDE
        else:
            logic = ProgressLogic.ACTUAL_DATES
    else:
        logic = of("logic").choice("logic", PROGRESS_LOGIC, ProgressLogic.RETAINED_LOGIC)
    ignored = of("ignore_outer").flag("ignore_outer", default=False) or of("outer").text("outer") == "SD_None"
    limit = project if project.has("critical_limit") else row
    return Options(
        lag_calendar=of("lag_calendar").choice("lag_calendar", LAG_CALENDARS, None),
        logic=logic,
        slack_kind=of("float_kind").choice("float_kind", SLACK_KINDS, None),
        open_ends=of("open_ends").flag("open_ends", default=False),
        start_lag=of("start_lag").flag("start_lag", default=True),
        expected_finish=of("expected_finish").flag("expected_finish", default=True),
        own_finish=of("own_finish").flag("own_finish", default=True),
        external_dates=not ignored,
        critical_limit=limit.minutes("critical_limit", signed=True) or 0,
        critical_by=of("critical_by").choice("critical_by", CRITICAL_BY, CriticalBy.TOTAL_SLACK),
    )


def make_project(
    record: ProjectRecord, options: Options, *, name: str, start: datetime, calendar: CalendarRecord, currency: str
) -> Project:
    hours = _hours(calendar)
    return Project(
        name=name,
        start=start,
        calendar_uid=calendar.calendar.uid,
        status_date=record.data_date,
        must_finish=record.must_finish,
        rules=Rules.PRIMAVERA,
        lag_calendar=options.lag_calendar,
        progress_logic=options.logic,
        critical_by=options.critical_by,
        critical_slack_minutes=options.critical_limit,
        slack_kind=options.slack_kind,
        open_ends_critical=options.open_ends,
        float_by_project=options.own_finish,
        start_lag_from_early_start=options.start_lag,
        use_expected_finish=options.expected_finish,
        **({"currency": currency} if currency else {}),  # type: ignore[arg-type]  # the only key there is
        **hours,  # type: ignore[arg-type]  # whole numbers all
    )


def currency_code(row: Row | None, text: str) -> str:
    """An ISO code, or nothing: P6 lets its users name currencies as they like."""
    if _CURRENCY.fullmatch(text):
        return text
    if text:
        place = "" if row is None else row.place
        report = None if row is None else row.report
        if report is not None:
            report.add(Severity.INFO, "currency", f'currency "{text[:20]}" is no ISO 4217 code', place=place)
    return ""


def _hours(record: CalendarRecord) -> Mapping[str, int]:
    """What a day, a week and a month are in the calendar, and when its first working day begins and ends."""
    worked = [sum(finish - start for start, finish in shifts) for shifts in record.calendar.week if shifts]
    day = min(record.minutes_per_day or max(worked, default=480), 1440)
    found = {"minutes_per_day": day}
    if record.minutes_per_week and record.minutes_per_week <= 10_080:
        found["minutes_per_week"] = record.minutes_per_week
    if record.minutes_per_month:
        found["days_per_month"] = min(max(round(record.minutes_per_month / day), 1), 31)
    shifts = next((shifts for shifts in record.calendar.week if shifts), None)
    if shifts is not None:
        found["default_start_minute"] = shifts[0][0]
        found["default_finish_minute"] = shifts[-1][1]
    return found
