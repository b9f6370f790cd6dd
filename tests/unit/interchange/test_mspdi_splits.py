"""A task that pauses comes out of MS Project XML with its pauses, and goes back in with them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from nirman.interchange.mspdi_reader import read_mspdi
from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.model import Assignment, Calendar, CalendarException, Resource, ResourceKind, Split
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_plan, make_task, working_week

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "msproject"
HEAD = """<Project xmlns="http://schemas.microsoft.com/project"><StartDate>2026-01-05T08:00:00</StartDate>
<CalendarUID>1</CalendarUID><Calendars><Calendar><UID>1</UID><Name>Office</Name><IsBaseCalendar>1</IsBaseCalendar>
<WeekDays>{days}</WeekDays></Calendar></Calendars>
<Tasks><Task><UID>1</UID><ID>1</ID><Name>Excavation</Name><OutlineLevel>1</OutlineLevel>
<Duration>PT{hours}H0M0S</Duration>{progress}</Task></Tasks>
<Assignments><Assignment><UID>1</UID><TaskUID>1</TaskUID><ResourceUID>-65535</ResourceUID><Units>1</Units>
<WorkContour>8</WorkContour>{periods}</Assignment></Assignments></Project>"""
HOURS = (("08:00:00", "12:00:00"), ("13:00:00", "17:00:00"))


def period(first: str, last: str, hours: int, kind: int = 1) -> str:
    return (
        f"<TimephasedData><Type>{kind}</Type><UID>1</UID><Start>2026-01-{first}:00:00</Start>"
        f"<Finish>2026-01-{last}:00:00</Finish><Unit>2</Unit><Value>PT{hours}H0M0S</Value></TimephasedData>"
    )


def read(*periods: str, hours: int, progress: str = ""):
    """Monday 5 January 2026 is the first day; Saturday and Sunday are off."""
    shifts = "".join(
        f"<WorkingTime><FromTime>{since}</FromTime><ToTime>{until}</ToTime></WorkingTime>" for since, until in HOURS
    )
    days = "".join(
        f"<WeekDay><DayType>{day}</DayType><DayWorking>1</DayWorking><WorkingTimes>{shifts}</WorkingTimes></WeekDay>"
        for day in range(2, 7)
    )
    return read_mspdi(HEAD.format(days=days, hours=hours, progress=progress, periods="".join(periods)).encode())


def test_working_time_without_work_is_a_pause():
    result = read(period("05T08", "06T08", 8), period("06T17", "07T17", 0), period("08T08", "08T17", 8), hours=16)
    assert result.plan.tasks[1].splits == (Split(after_minutes=480, pause_minutes=960),)


def test_a_weekend_is_no_pause():
    result = read(period("08T08", "09T17", 16), period("12T08", "12T17", 8), hours=24)
    assert result.plan.tasks[1].splits == ()


def test_a_pause_within_a_day_counts_its_working_minutes():
    result = read(period("05T08", "05T10", 2), period("05T15", "05T17", 2), hours=4)
    assert result.plan.tasks[1].splits == (Split(after_minutes=120, pause_minutes=240),)


def test_a_pause_between_what_is_done_and_what_remains_counts():
    result = read(period("05T08", "05T17", 8, kind=2), period("07T08", "07T17", 8), hours=16)
    assert result.plan.tasks[1].splits == (Split(after_minutes=480, pause_minutes=480),)


def test_a_pause_that_is_told_by_the_resume_date_too_counts_once():
    progress = (
        "<PercentComplete>50</PercentComplete><ActualStart>2026-01-05T08:00:00</ActualStart>"
        "<ActualDuration>PT8H0M0S</ActualDuration><RemainingDuration>PT8H0M0S</RemainingDuration>"
        "<Stop>2026-01-05T17:00:00</Stop><Resume>2026-01-07T08:00:00</Resume>"
    )
    paused = read(period("05T08", "05T17", 8, kind=2), period("07T08", "07T17", 8), hours=16, progress=progress).plan
    untold = read(hours=16, progress=progress).plan
    assert paused.tasks[1].splits
    assert schedule_plan(paused)[1].finish == schedule_plan(untold)[1].finish == datetime(2026, 1, 7, 17)


def test_what_is_left_pauses_though_what_is_done_took_another_time_than_planned():
    """Ten hours were done over three days; what is left goes on on Thursday, without Friday."""
    progress = (
        "<PercentComplete>38</PercentComplete><ActualStart>2026-01-05T08:00:00</ActualStart>"
        "<ActualDuration>PT10H0M0S</ActualDuration><RemainingDuration>PT16H0M0S</RemainingDuration>"
        "<Stop>2026-01-07T17:00:00</Stop><Resume>2026-01-08T08:00:00</Resume>"
    )
    left = period("08T08", "08T17", 8), period("12T08", "12T17", 8)
    plan = read(period("05T08", "07T17", 10, kind=2), *left, hours=26, progress=progress).plan
    assert plan.tasks[1].splits == (Split(after_minutes=1080, pause_minutes=480),)
    assert schedule_plan(plan)[1].finish == datetime(2026, 1, 12, 17)


def test_seconds_that_are_cut_off_hide_no_pause():
    """Two seconds before the minute, five times: each of the pieces seems a minute shorter than it is."""
    days = ("05", "06", "07", "08", "09")
    pieces = [period(f"{day}T08", f"{day}T15", 6).replace("T15:00:00", "T14:59:58") for day in days]
    splits = read(*pieces, hours=30).plan.tasks[1].splits
    assert [split.pause_minutes for split in splits] == [121] * 4


def test_baselines_spread_over_time_are_not_work():
    result = read(period("05T08", "05T17", 8), period("07T08", "07T17", 8, kind=4), hours=8)
    assert result.plan.tasks[1].splits == ()
    assert "Assignment/TimephasedData is not kept: 1 with a value" in [f.text for f in result.findings]


def test_work_that_is_not_the_duration_says_nothing_of_pauses():
    result = read(period("05T08", "05T17", 8), period("07T08", "07T17", 8), hours=40)
    assert result.plan.tasks[1].splits == ()


def test_uneven_work_is_reported():
    uneven = read(period("05T08", "05T17", 2), period("06T08", "06T17", 4), period("07T08", "07T17", 8), hours=24)
    even = read(period("05T08", "05T17", 8), period("06T08", "06T17", 8), period("07T08", "07T17", 8), hours=24)
    assert "contour" in [finding.rule for finding in uneven.findings]
    assert "contour" not in [finding.rule for finding in even.findings]


@pytest.mark.parametrize(
    ("first", "second", "days", "pauses"),
    [
        (((4, 5), (8, 8)), ((4, 6),), 4, ()),
        (((4, 4), (8, 8)), ((4, 4),), 2, (Split(after_minutes=480, pause_minutes=480),)),
    ],
    ids=["on Wednesday", "also on Monday"],
)
def test_a_day_off_of_all_who_work_on_a_task_is_no_pause(first, second, days, pauses):
    """One is away on Tuesday 6 January and Wednesday, the other on Wednesday. On Monday both could work."""
    away = [CalendarException(start=date(2026, 1, since), finish=date(2026, 1, 7)) for since in (6, 7)]
    crews = [Calendar(uid=uid, name="", base_uid=1, exceptions=(off,)) for uid, off in zip((2, 3), away, strict=True)]
    plan = make_plan(
        [make_task(1, duration_minutes=days * 480)],
        resources=[Resource(uid=uid, calendar_uid=uid) for uid in (2, 3)],
        assignments=[Assignment(uid=uid, task_uid=1, resource_uid=uid) for uid in (2, 3)],
        calendars=[working_week(), *crews],
    )
    text = write_mspdi(plan, schedule_plan(plan)).decode()
    for uid, spans in ((2, first), (3, second)):
        spread = "".join(period(f"{since:02}T08", f"{until:02}T17", 8) for since, until in spans)
        head, mark, rest = text.partition(f"<Assignment><UID>{uid}</UID>")
        assert mark
        text = head + mark + rest.replace("</Assignment>", f"{spread}</Assignment>", 1)
    assert read_mspdi(text.encode()).plan.tasks[1].splits == pauses


@pytest.mark.parametrize(
    "progress", [{}, {"actual_start": datetime(2026, 1, 4, 8), "percent_complete": 25, "remaining_minutes": 1440}]
)
@pytest.mark.parametrize("units", [None, 1.0, 0.5])
def test_pauses_survive_a_round_trip(units, progress):
    splits = (Split(after_minutes=480, pause_minutes=960), Split(after_minutes=1200, pause_minutes=300))
    task = make_task(1, duration_minutes=1920, splits=splits, **progress)
    plan = make_plan(
        [task],
        resources=[Resource(uid=1, name="Crew"), Resource(uid=2, name="Sand", kind=ResourceKind.MATERIAL)],
        assignments=[Assignment(uid=1, task_uid=1, resource_uid=2)]
        + ([] if units is None else [Assignment(uid=2, task_uid=1, resource_uid=1, units=units)]),
    )
    result = read_mspdi(write_mspdi(plan, schedule_plan(plan)))
    assert result.plan.tasks[1].splits == splits
    assert "contour" not in [finding.rule for finding in result.findings]


def test_what_is_left_of_each_assignment_decides_when_a_started_task_ends():
    """Of three days each, one who is away until Thursday 8 January has done one, the other two."""
    away = CalendarException(start=date(2026, 1, 5), finish=date(2026, 1, 7))
    plan = make_plan(
        [
            make_task(
                1,
                duration_minutes=2400,
                actual_start=datetime(2026, 1, 4, 8),
                percent_complete=40,
                remaining_minutes=1440,
                stop=datetime(2026, 1, 5, 17),
                resume=datetime(2026, 1, 6, 8),
            )
        ],
        resources=[Resource(uid=1), Resource(uid=2, calendar_uid=2)],
        assignments=[
            Assignment(uid=uid, task_uid=1, resource_uid=uid, work_minutes=1440, actual_work_minutes=done)
            for uid, done in ((1, 960), (2, 480))
        ],
        calendars=[working_week(), Calendar(uid=2, name="Away", base_uid=1, exceptions=(away,))],
    )
    result = read_mspdi(write_mspdi(plan, schedule_plan(plan)))
    assert schedule_plan(result.plan)[1].finish == datetime(2026, 1, 11, 17)
    assert "dates-moved" not in [finding.rule for finding in result.findings]


def test_a_pause_of_ten_years_is_written_in_few_periods():
    splits = (Split(after_minutes=480, pause_minutes=10 * 52 * 5 * 480),)
    plan = make_plan([make_task(1, duration_minutes=960, splits=splits)], calendars=[working_week()])
    written = write_mspdi(plan, schedule_plan(plan))
    assert written.count(b"<TimephasedData>") < 2_100
    assert read_mspdi(written).plan.tasks[1].splits == splits


def test_pauses_in_a_file_of_ms_project_are_those_it_shows():
    path = FOLDER / "mspdisplittask.xml"
    if not path.exists():
        pytest.skip("the files of MS Project are not beside this checkout")
    tasks = read_mspdi(path.read_bytes()).plan.tasks
    days = len(DAY) * 240
    assert tasks[1].splits == (Split(after_minutes=4 * days, pause_minutes=3 * days),)
    assert tasks[2].splits == (
        Split(after_minutes=3 * days, pause_minutes=2 * days),
        Split(after_minutes=8 * days, pause_minutes=3 * days),
    )


def test_a_split_task_in_a_calendar_that_never_works_is_an_impossible_plan():
    data = HEAD.format(
        days="", hours=16, progress="", periods=period("05T08", "06T08", 8) + period("08T08", "08T17", 8)
    )
    result = read_mspdi(data.encode())
    assert result.plan is None
    assert "impossible-plan" in [finding.rule for finding in result.findings]
