"""Files saved by MS Project itself: they import, and the engine gives the dates and slack that they hold."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # of files we trust
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from nirman.interchange.mspdi_reader import read_mspdi
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes
from nirman.scheduling.recurrence import occurrences

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "msproject"
FILES = sorted(FOLDER.glob("*.xml"))
NAMESPACE = "{http://schemas.microsoft.com/project}"

pytestmark = pytest.mark.skipif(not FILES, reason="the files of MS Project are not beside this checkout")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_imports(path):
    result = read_mspdi(path.read_bytes())
    assert result.plan is not None
    assert not result.errors


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_starts_finishes_and_total_slack_are_those_of_ms_project(path):
    data = path.read_bytes()
    plan = read_mspdi(data).plan
    schedule, calendars = schedule_plan(plan), Calendars(plan.calendars)
    others = set()
    for stored in ET.fromstring(data).iter(f"{NAMESPACE}Task"):
        uid = int(stored.findtext(f"{NAMESPACE}UID"))
        if uid not in schedule or schedule[uid].summary or plan.tasks[uid].actual_start is not None:
            continue
        dates, task = schedule[uid], plan.tasks[uid]
        working = calendars.working_time(plan.project.calendar_uid if task.calendar_uid is None else task.calendar_uid)
        for name, found in (("Start", dates.start), ("Finish", dates.finish)):
            theirs = datetime.fromisoformat(stored.findtext(f"{NAMESPACE}{name}"))
            same = found == theirs or (
                task.duration_minutes == 0 and working.between(to_minutes(found), to_minutes(theirs)) == 0
            )
            if not same:
                others.add(uid)
        # Tenths of minutes; some writers leave out a zero.
        if dates.total_slack_minutes != float(stored.findtext(f"{NAMESPACE}TotalSlack") or 0) / 10:
            others.add(uid)
    assert not others


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_reader_reports_no_date_that_differs(path):
    assert not [finding for finding in read_mspdi(path.read_bytes()).findings if finding.rule == "dates-moved"]


def test_recurring_exceptions_fall_on_the_days_that_ms_project_lists():
    """The file holds each exception twice: as a rule, and as the days it means for readers of 2003."""
    path = FOLDER / "recurring-exceptions-msp2016.xml"
    data = path.read_bytes()
    listed: set[date] = set()
    for weekday in ET.fromstring(data).iter(f"{NAMESPACE}WeekDay"):
        period = weekday.find(f"{NAMESPACE}TimePeriod")
        if weekday.findtext(f"{NAMESPACE}DayType") == "0":
            day = datetime.fromisoformat(period.findtext(f"{NAMESPACE}FromDate"))
            last = datetime.fromisoformat(period.findtext(f"{NAMESPACE}ToDate"))
            while day <= last:
                listed.add(day.date())
                day += timedelta(days=1)
    computed: set[date] = set()
    for exception in read_mspdi(data).plan.calendars[1].exceptions:
        if exception.recurrence is None:
            computed |= {
                exception.start + timedelta(days=n) for n in range((exception.finish - exception.start).days + 1)
            }
        else:
            computed |= set(occurrences(exception.recurrence, exception.start, exception.finish))
    assert computed == listed
    assert len(computed) > 130
