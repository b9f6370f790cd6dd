"""How much of a resource there is over time, as MS Project XML has it: a table of periods that leaves nothing out.

In the file the table says it all, and MaxUnits what it says of the day the file was saved; where no period is, there is
none of the resource. In the plan `max_units` is the rule, and `availability` what differs from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from nirman.interchange.mspdi_fields import Fields
from nirman.planning.estimates import Availability
from nirman.planning.findings import Severity
from nirman.planning.model import Resource

_FIRST, _LAST = date(1984, 1, 1), date(2049, 12, 31)
"""What MS Project writes for "always before" and "always after": the ends of its own calendar."""
_ONE_DAY = timedelta(days=1)
_MOST = 1_000


def read_availability(resource: Fields, max_units: float) -> tuple[Availability, ...]:
    """Periods whose units are not `max_units`, and the gaps between periods, in which there are none."""
    periods = sorted(_periods(resource), key=lambda period: period[0])
    if not periods:
        return ()
    found: list[Availability] = []
    following = _FIRST
    for start, finish, units in periods:
        if start < following or finish < start:
            resource.finding(
                Severity.ERROR, "bad-value", "AvailabilityPeriods must not overlap, nor end before they begin"
            )
            return ()
        if start > following:
            found.append(_made(following, start - _ONE_DAY, 0.0))
        found.append(_made(start, finish, units))
        following = min(finish, date.max - _ONE_DAY) + _ONE_DAY
    if following <= _LAST:
        found.append(_made(following, _LAST, 0.0))
    return tuple(period for period in found if period.units != max_units)[:_MOST]


def _periods(resource: Fields) -> Iterator[tuple[date, date, float]]:
    for element in resource.records("AvailabilityPeriods", "AvailabilityPeriod"):
        record = Fields(element, resource.report, "AvailabilityPeriod")
        since, until = record.instant("AvailableFrom"), record.instant("AvailableTo")
        start = _FIRST if since is None else max(_FIRST, since.date())
        finish = _LAST if until is None else min(_LAST, until.date())
        yield start, finish, record.units("AvailableUnits")


def _made(start: date, finish: date, units: float) -> Availability:
    return Availability(
        start=None if start <= _FIRST else start, finish=None if finish >= _LAST else finish, units=units
    )


def availability_xml(resource: Resource) -> str:
    """Nothing where it is always the same."""
    if not resource.availability:
        return ""
    return f"<AvailabilityPeriods>{''.join(_xml(*row) for row in _table(resource))}</AvailabilityPeriods>"


def _table(resource: Resource) -> Iterator[tuple[date, date, float]]:
    following = _FIRST
    for period in resource.availability:
        start = max(_FIRST, period.start or _FIRST)
        finish = min(_LAST, period.finish or _LAST)
        if start > following:
            yield following, start - _ONE_DAY, resource.max_units
        if start <= finish:
            yield start, finish, period.units
            following = finish + _ONE_DAY
    if following <= _LAST:
        yield following, _LAST, resource.max_units


def _xml(start: date, finish: date, units: float) -> str:
    return (
        f"<AvailabilityPeriod><AvailableFrom>{start}T00:00:00</AvailableFrom>"
        f"<AvailableTo>{finish}T23:59:00</AvailableTo><AvailableUnits>{units!r}</AvailableUnits></AvailabilityPeriod>"
    )
