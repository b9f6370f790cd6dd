"""The time axis of a Gantt chart: instants to millimetres, and the two rows of labels that fit."""

from __future__ import annotations

from calendar import month_abbr
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

SUNDAY, MONDAY = 6, 0
_DAY = timedelta(days=1)
_MARGIN = 0.01
"""Of the whole time, left free on each side."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A piece of a label row, in millimetres."""

    left: float
    right: float
    label: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """A step of the axis: boundaries from the last at or before an instant, and how a piece is called."""

    floor: Callable[[datetime], datetime]
    following: Callable[[datetime], datetime]
    label: Callable[[datetime], str]
    typical: timedelta
    least_mm: float
    """Narrower than this, the next coarser unit is taken."""


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _months(count: int) -> tuple[Callable[[datetime], datetime], Callable[[datetime], datetime]]:
    """Boundaries every `count` months, counted from January."""

    def at(index: int) -> datetime:
        return datetime(index // 12, index % 12 + 1, 1)

    def floor(instant: datetime) -> datetime:
        index = instant.year * 12 + instant.month - 1
        return at(index - index % count)

    def following(instant: datetime) -> datetime:
        return at(instant.year * 12 + instant.month - 1 + count)

    return floor, following


def _days() -> _Unit:
    return _Unit(_midnight, lambda at: at + _DAY, lambda at: str(at.day), _DAY, 3.6)


def _weeks(first_weekday: int) -> _Unit:
    def floor(at: datetime) -> datetime:
        return _midnight(at) - _DAY * ((at.weekday() - first_weekday) % 7)

    return _Unit(floor, lambda at: at + 7 * _DAY, lambda at: str(at.day), 7 * _DAY, 4.4)


def _month() -> _Unit:
    return _Unit(*_months(1), lambda at: month_abbr[at.month], 30 * _DAY, 7)


def _quarter() -> _Unit:
    return _Unit(*_months(3), lambda at: f"Q{at.month // 3 + 1}", 91 * _DAY, 6)


def _year() -> _Unit:
    return _Unit(*_months(12), lambda at: str(at.year), 365 * _DAY, 6)


def _decade() -> _Unit:
    return _Unit(*_months(120), lambda at: f"{at.year}s", 3652 * _DAY, 0)


def _named_month() -> _Unit:
    return _Unit(*_months(1), lambda at: f"{month_abbr[at.month]} {at.year}", 30 * _DAY, 0)


class Scale:
    """From `left` to `left + width`, all of the time from `start` to `finish` and a little more."""

    def __init__(self, start: datetime, finish: datetime, left: float, width: float, first_weekday: int) -> None:
        span = max(finish - start, _DAY)
        self.start = start - span * _MARGIN
        self.finish = start + span * (1 + _MARGIN)
        self.left = left
        self.width = width
        self._mm_per_second = width / (self.finish - self.start).total_seconds()
        self._units = self._fitting(first_weekday)

    def x(self, at: datetime) -> float:
        return self.left + (at - self.start).total_seconds() * self._mm_per_second

    def covers(self, at: datetime) -> bool:
        return self.start <= at <= self.finish

    def coarse(self) -> list[Tick]:
        return list(self._ticks(self._units[0]))

    def fine(self) -> list[Tick]:
        return list(self._ticks(self._units[1]))

    def _fitting(self, first_weekday: int) -> tuple[_Unit, _Unit]:
        pairs = (
            (_named_month(), _days()),
            (_named_month(), _weeks(first_weekday)),
            (_year(), _month()),
            (_year(), _quarter()),
            (_decade(), _year()),
        )
        for coarse, fine in pairs:
            if fine.typical.total_seconds() * self._mm_per_second >= fine.least_mm:
                return coarse, fine
        return _decade(), _decade()

    def _ticks(self, unit: _Unit) -> Iterator[Tick]:
        right = self.left + self.width
        for start, finish in pairwise(self._boundaries(unit)):
            yield Tick(max(self.left, self.x(start)), min(right, self.x(finish)), unit.label(start))

    def _boundaries(self, unit: _Unit) -> Iterator[datetime]:
        at = unit.floor(self.start)
        while at < self.finish:
            yield at
            at = unit.following(at)
        yield at
