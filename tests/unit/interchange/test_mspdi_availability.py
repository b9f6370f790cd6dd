"""How much of a resource there is over time, in MS Project XML: a table of all periods, whatever MaxUnits says."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # of files we wrote
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nirman.interchange.mspdi_reader import read_mspdi
from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.estimates import Availability
from nirman.planning.model import Plan, Resource
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_plan

FEBRUARY = Availability(start=date(2026, 2, 1), finish=date(2026, 2, 28), units=2.0)


def crane(*availability: Availability, max_units: float = 1.0) -> Plan:
    return make_plan(resources=[Resource(uid=1, name="Crane", max_units=max_units, availability=availability)])


def written(plan: Plan) -> bytes:
    return write_mspdi(plan, schedule_plan(plan))


def table(data: bytes) -> list[tuple[str | None, ...]]:
    names = ("AvailableFrom", "AvailableTo", "AvailableUnits")
    periods = ET.fromstring(data).iter("{http://schemas.microsoft.com/project}AvailabilityPeriod")
    return [tuple(period.findtext(f"{{*}}{name}") for name in names) for period in periods]


def read(periods: str, max_units: str = "1") -> Resource:
    """A file that says so of its only resource."""
    whole = written(crane()).decode()
    said = f"<AvailabilityPeriods>{periods}</AvailabilityPeriods></Resource>"
    whole = whole.replace("</Resource>", said).replace("<MaxUnits>1.0<", f"<MaxUnits>{max_units}<")
    result = read_mspdi(whole.encode())
    assert result.plan is not None, result.errors
    return result.plan.resources[1]


def period(start: str, finish: str, units: float) -> str:
    return (
        f"<AvailabilityPeriod><AvailableFrom>{start}T00:00:00</AvailableFrom>"
        f"<AvailableTo>{finish}T23:59:00</AvailableTo><AvailableUnits>{units}</AvailableUnits></AvailabilityPeriod>"
    )


def test_the_table_leaves_nothing_out():
    assert table(written(crane(FEBRUARY))) == [
        ("1984-01-01T00:00:00", "2026-01-31T23:59:00", "1.0"),
        ("2026-02-01T00:00:00", "2026-02-28T23:59:00", "2.0"),
        ("2026-03-01T00:00:00", "2049-12-31T23:59:00", "1.0"),
    ]


def test_a_resource_that_is_always_there_has_no_table():
    assert table(written(crane())) == []


def test_what_max_units_says_is_the_rule_and_the_rest_differs_from_it():
    periods = period("1984-01-01", "2026-05-31", 1) + period("2026-06-01", "2049-12-31", 3)
    found = read(periods, max_units="3")
    assert (found.max_units, found.availability) == (3.0, (Availability(finish=date(2026, 5, 31), units=1.0),))


def test_where_no_period_is_there_is_nothing_of_the_resource():
    found = read(period("2026-03-01", "2026-03-31", 1) + period("2026-05-01", "2026-06-30", 1))
    assert found.availability == (
        Availability(finish=date(2026, 2, 28), units=0.0),
        Availability(start=date(2026, 4, 1), finish=date(2026, 4, 30), units=0.0),
        Availability(start=date(2026, 7, 1), units=0.0),
    )


@pytest.mark.parametrize(
    "periods",
    [
        period("2026-03-01", "2026-03-31", 1) + period("2026-03-31", "2026-04-30", 2),
        period("2026-03-31", "2026-03-01", 1),
    ],
    ids=["overlapping", "backwards"],
)
def test_periods_that_cannot_be_are_found_wrong(periods):
    whole = (
        written(crane())
        .decode()
        .replace("</Resource>", f"<AvailabilityPeriods>{periods}</AvailabilityPeriods></Resource>")
    )
    (error,) = read_mspdi(whole.encode()).errors
    assert "must not overlap" in error.text


@st.composite
def availabilities(draw: st.DrawFn) -> tuple[Availability, ...]:
    """Of a resource of one unit: none of them says what is the rule anyway."""
    ends = sorted(draw(st.sets(st.integers(1, 2000), max_size=8)))
    days = [date(2025, 1, 1) + timedelta(days=day) for day in ends]
    pairs = list(zip(days[0::2], days[1::2], strict=False))
    found = [Availability(start=a, finish=b, units=draw(st.sampled_from((0.0, 0.5, 4.0)))) for a, b in pairs]
    if found and draw(st.booleans()):
        found[0] = replace(found[0], start=None)
    if found and draw(st.booleans()):
        found[-1] = replace(found[-1], finish=None)
    return tuple(found)


@given(availabilities())
def test_what_is_written_is_read_back(availability):
    plan = read_mspdi(written(crane(*availability))).plan
    assert plan is not None
    assert plan.resources[1].availability == availability
