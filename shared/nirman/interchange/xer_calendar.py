"""The text in which XER keeps a calendar's week and exceptions (CALENDAR.clndr_data).

Nested records, each `(number||name(key|value|...)(children))`:

    (0||CalendarData()(
      (0||DaysOfWeek()((0||1()())(0||2()((0||0(s|08:00|f|12:00)()) ...)) ...))
      (0||Exceptions()((0||0(d|43650)()) (0||1(d|43651)((0||0(s|08:00|f|12:00)()))) ...))))

Day 1 is Sunday; `s` and `f` are a shift's start and finish, in 24 or 12 hours; `d` counts days from 1899-12-30.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from nirman.interchange.p6_calendars import is_in_range, merged, shift
from nirman.interchange.p6_row import Row
from nirman.interchange.p6_vocabulary import WEEKDAYS
from nirman.planning.findings import Severity
from nirman.planning.model import DayShifts, Shift

_OPEN = re.compile(r"\(([^()|]*)\|\|([^()]*)\(([^()]*)\)\s*\(")
_CLOSE = re.compile(r"\)\s*\)")
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")
"""P6 writes line breaks in the text as two DEL characters."""
_TIME = re.compile(r"(\d{1,2})[:.](\d\d)(?::\d\d)?(?: ?([AaPp])\.?[Mm]\.?)?", re.ASCII)
_EPOCH = date(1899, 12, 30)
_MAX_DAYS = 400_000
_MAX_DEPTH = 16


def read_calendar_data(row: Row, text: str) -> tuple[list[DayShifts] | None, dict[date, DayShifts]]:
    """The week, Monday to Sunday (None: the text has none), and the days that differ from it.

    A text that breaks off is a warning, and what stands before is kept.
    """
    reading = _Reading(row)
    text = _CONTROL.sub(" ", text)
    at = len(text) - len(text.lstrip())
    while at < len(text):
        if (opened := _OPEN.match(text, at)) and len(reading.path) < _MAX_DEPTH:
            reading.open(opened[2].strip(), opened[3])
            at = opened.end()
        elif (closed := _CLOSE.match(text, at)) and reading.path:
            reading.path.pop()
            at = closed.end()
        else:
            break
        while at < len(text) and text[at] == " ":
            at += 1
    if at < len(text) or reading.path:
        row.finding(
            Severity.WARNING,
            "broken-calendar",
            f"{row.own_name('data')} cannot be read from character {at + 1} on: what stands before is kept",
        )
    return reading.result()


class _Reading:
    """`path`: the names of the records that are open; shifts go to the weekday or the exception opened last."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.path: list[str] = []
        self.week: dict[int, list[Shift]] | None = None
        self.days: dict[date, list[Shift]] = {}
        self.into: list[Shift] | None = None

    def open(self, name: str, attributes: str) -> None:
        values = attributes.split("|")
        pairs = {key.strip(): value.strip() for key, value in zip(values[::2], values[1::2], strict=False)}
        above = self.path[-1] if self.path else ""
        if name == "DaysOfWeek" and self.week is None:
            self.week = {}
        elif above == "DaysOfWeek" and self.week is not None:
            self.into = self.week.setdefault(WEEKDAYS[name], []) if name in WEEKDAYS else None
        elif above == "Exceptions":
            self.into = self._exception(pairs.get("d", ""))
        elif pairs.get("s") and pairs.get("f"):
            self._shift(pairs["s"], pairs["f"])
        self.path.append(name)

    def _exception(self, number: str) -> list[Shift] | None:
        if number.isascii() and number.isdigit() and len(number) < 7 and int(number) <= _MAX_DAYS:
            day = _EPOCH + timedelta(days=int(number))
            if is_in_range(day):
                self.days[day] = []
                return self.days[day]
        self._wrong(f'an exception\'s day is "{number[:20]}" but must be a number of days from 1899-12-30')
        return None

    def _shift(self, start: str, finish: str) -> None:
        times = [_minute(start), _minute(finish)]
        if times[0] is None or times[1] is None:
            self._wrong(f'a shift is from "{start[:20]}" to "{finish[:20]}" but must be two times such as 08:00')
        elif self.into is not None:
            self.into.extend(shift(times[0] % 1440, times[1] % 1440))

    def _wrong(self, text: str) -> None:
        self.row.finding(Severity.ERROR, "bad-value", f"{self.row.own_name('data')}: {text}")

    def result(self) -> tuple[list[DayShifts] | None, dict[date, DayShifts]]:
        week = [merged(self.week.get(day, ())) for day in range(7)] if self.week else None
        return week, {day: merged(shifts) for day, shifts in self.days.items()}


def _minute(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] in "Pp" else 0)
    return hour * 60 + minute if hour * 60 + minute <= 1440 and minute < 60 else None
