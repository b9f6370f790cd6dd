"""Public holidays as calendar exceptions, with what a tenant knows better laid over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from nirman.errors import InvalidInputError
from nirman.planning.model import CalendarException

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A holiday that was estimated to include the day `estimated` is announced for `start` to `finish`."""

    estimated: date
    start: date
    finish: date

    def __post_init__(self) -> None:
        if self.finish < self.start:
            raise ValueError("a holiday's finish must not precede its start")


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayOverlay:
    """What a tenant adds to its country's holidays, works on all the same, and has seen announced."""

    added: tuple[CalendarException, ...] = ()
    removed: tuple[date, ...] = ()
    confirmed: tuple[Confirmation, ...] = ()


def country_holidays(
    country: str, years: Iterable[int], *, language: str | None = None
) -> tuple[CalendarException, ...]:
    """Days off, ascending, days of one feast that follow each other as one exception.

    `country` by ISO 3166 (BD); `language` of the names (bn; None: the country's own). Days that follow the moon and are
    not announced yet are `estimated`. InvalidInputError for a country that is not known.
    """
    import holidays  # noqa: PLC0415 - 100 ms and megabytes, for a moment of one call

    try:
        days = holidays.country_holidays(country, years=list(years), language=language)
    except NotImplementedError as exc:
        raise InvalidInputError(f"no holidays are known of {country}", place="country") from exc
    label = getattr(days, "estimated_label", None)
    mark = days.tr(label).replace("%s", "").strip() if label else None
    exceptions: list[CalendarException] = []
    for day in sorted(days):
        exception = _day_off(day, days[day], mark)
        if exceptions and _continues(exceptions[-1], exception):
            exceptions[-1] = replace(exceptions[-1], finish=day)
        else:
            exceptions.append(exception)
    return tuple(exceptions)


def bangladesh_holidays(years: Iterable[int]) -> tuple[CalendarException, ...]:
    """With their Bengali names."""
    return country_holidays("BD", years, language="bn")


def with_overlay(holidays: Iterable[CalendarException], overlay: HolidayOverlay) -> tuple[CalendarException, ...]:
    """Ascending. Confirmations of holidays that are not among these, or not estimated, change nothing."""
    announced = [_announced(holiday, overlay) for holiday in holidays]
    kept = [part for holiday in announced for part in _without(holiday, overlay.removed)]
    return tuple(sorted((*kept, *overlay.added), key=lambda holiday: (holiday.start, holiday.finish)))


def _announced(holiday: CalendarException, overlay: HolidayOverlay) -> CalendarException:
    for confirmation in overlay.confirmed:
        if holiday.estimated and holiday.start <= confirmation.estimated <= holiday.finish:
            return replace(holiday, start=confirmation.start, finish=confirmation.finish, estimated=False)
    return holiday


def _without(holiday: CalendarException, days: Iterable[date]) -> list[CalendarException]:
    parts = [holiday]
    for day in days:
        parts = [left for part in parts for left in _cut(part, day)]
    return parts


def _cut(holiday: CalendarException, day: date) -> list[CalendarException]:
    if not holiday.start <= day <= holiday.finish or holiday.recurrence is not None:
        return [holiday]
    ends = ((holiday.start, day - _DAY), (day + _DAY, holiday.finish))
    return [replace(holiday, start=start, finish=finish) for start, finish in ends if start <= finish]


def _day_off(day: date, name: str, mark: str | None) -> CalendarException:
    estimated = mark is not None and mark in name
    plain = name.replace(mark, "").strip() if mark else name
    return CalendarException(start=day, finish=day, name=plain, estimated=estimated)


def _continues(before: CalendarException, after: CalendarException) -> bool:
    same = (before.name, before.estimated) == (after.name, after.estimated)
    return same and after.start == before.finish + _DAY
