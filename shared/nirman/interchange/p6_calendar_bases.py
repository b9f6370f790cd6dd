"""The calendars of a Primavera P6 file tied together: the project's, and what each is based on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nirman.interchange.p6_calendars import STANDARD_WEEK, CalendarRecord, standard_calendar
from nirman.interchange.p6_project import ProjectRecord
from nirman.planning.findings import Severity
from nirman.planning.model import Calendar

_MAX_BASES = 8
"""Calendars based on one another; P6 has two levels."""


def project_calendar(calendars: dict[int, CalendarRecord], project: ProjectRecord) -> CalendarRecord:
    """What the project names, else the default, else any; where there is none, one is put among `calendars`."""
    if project.calendar is not None and project.calendar in calendars:
        return calendars[project.calendar]
    found = next((c for c in calendars.values() if c.is_default), None) or next(iter(calendars.values()), None)
    if found is None:
        found = standard_calendar(project.row, 1)
        calendars[1] = found
    what = "names no calendar" if project.calendar is None else f"has a calendar ({project.calendar}) that is"
    project.row.finding(
        Severity.WARNING,
        "calendar-to-nowhere",
        f'it {what}{"" if project.calendar is None else " not in the file"}: "{found.calendar.name}" is taken',
    )
    return found


def tied_calendars(calendars: Mapping[int, CalendarRecord]) -> dict[int, Calendar]:
    """A base that is not there, or that leads in a circle, is left out."""
    known = {uid: record.calendar for uid, record in calendars.items()}
    for uid, record in calendars.items():
        base = known[uid].base_uid
        if base is None:
            continue
        endless = base in known and _has_endless_base(known, base)
        if base in known and not endless:
            continue
        record.row.finding(
            Severity.WARNING,
            "calendar-to-nowhere",
            f"its base calendar {base} "
            + ("has no first one that all rests on" if endless else "is not in the file")
            + ": its own days are all it has",
        )
        known[uid] = replace(known[uid], base_uid=None)
        if not any(known[uid].week) and not any(e.shifts for e in known[uid].exceptions):
            known[uid] = replace(known[uid], week=STANDARD_WEEK)
    return known


def _has_endless_base(calendars: Mapping[int, Calendar], uid: int) -> bool:
    """Calendars based on one another in a circle, or on more than P6 knows levels."""
    at: int | None = uid
    for _ in range(_MAX_BASES):
        if at is None or at not in calendars:
            return False
        at = calendars[at].base_uid
    return True
