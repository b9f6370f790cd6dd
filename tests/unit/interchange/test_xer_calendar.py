"""Calendars in the nested text of XER."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from nirman.interchange.xer_reader import read_xer
from nirman.planning.model import Calendar
from nirman.planning.schedule import schedule_plan
from tests.unit.interchange.p6_files import CALENDAR, SHIFTS, STANDARD, activity, xer

DAY = ((480, 720), (780, 1020))


def read(data: str, **values: object) -> tuple[Calendar, list[str]]:
    result = read_xer(xer([activity(1)], CALENDAR=[CALENDAR | {"clndr_data": data} | values]))
    assert result.plan is not None, result.errors
    return result.plan.calendars[1], [finding.rule for finding in result.findings]


def calendar(days: str = "", exceptions: str = "") -> str:
    return f"(0||CalendarData()((0||DaysOfWeek()({days}))(0||VIEW(ShowTotal|Y)())(0||Exceptions()({exceptions}))))"


def monday(shifts: str) -> str:
    return calendar(f"(0||1()())(0||2()({shifts}))")


def test_a_week_begins_with_sunday_and_days_that_are_not_there_are_off():
    found, rules = read(STANDARD)
    assert found.week == (DAY, DAY, DAY, DAY, DAY, (), ())
    assert read(monday(SHIFTS))[0].week == (DAY, (), (), (), (), (), ())
    assert "broken-calendar" not in rules


@pytest.mark.parametrize(
    ("shift", "minutes"),
    [
        ("s|08:00|f|16:00", ((480, 960),)),
        ("f|16:00|s|8:00", ((480, 960),)),
        ("s|08:00 AM|f|04:30 PM", ((480, 990),)),
        ("s|12:00 AM|f|12:00 PM", ((0, 720),)),
        ("s|00:00|f|00:00", ((0, 1440),)),
        ("s|20:00|f|00:00", ((1200, 1440),)),
        ("s|20:00|f|24:00", ((1200, 1440),)),
        ("s|22:00|f|06:00", ((0, 360), (1320, 1440))),
        ("s|07:15|f|11:50", ((435, 710),)),
    ],
)
def test_shifts_are_read_however_their_times_are_written(shift, minutes):
    assert read(monday(f"(0||0({shift})())"))[0].week[0] == minutes


def test_a_shift_of_no_length_is_no_shift():
    shifts = "(0||0(s|08:00|f|08:00)())(0||1(s|13:00|f|17:00)())"
    assert read(monday(shifts))[0].week[0] == ((780, 1020),)


def test_shifts_that_touch_or_overlap_are_one():
    shifts = "(0||0(s|12:00|f|16:00)())(0||1(s|08:00|f|12:00)())(0||2(s|15:00|f|17:00)())"
    assert read(monday(shifts))[0].week[0] == ((480, 1020),)


def test_exceptions_count_days_from_1899_and_runs_of_equal_days_are_one():
    exceptions = f"(0||0(d|46026)())(0||1(d|46024)())(0||2(d|46025)())(0||3(d|46030)({SHIFTS}))"
    found, _ = read(calendar(f"(0||2()({SHIFTS}))", exceptions))
    assert [(e.start, e.finish, e.shifts) for e in found.exceptions] == [
        (date(2026, 1, 2), date(2026, 1, 4), ()),
        (date(2026, 1, 8), date(2026, 1, 8), DAY),
    ]


def test_the_pairs_of_del_that_p6_writes_for_line_breaks_mean_nothing():
    spread = STANDARD.replace("(0||", "\x7f\x7f  (0||").replace("())", "( \x7f\x7f))")
    assert read(spread)[0].week == read(STANDARD)[0].week


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_what_stands_before_a_break_is_kept_and_the_break_is_told(kept):
    text = STANDARD[: int(len(STANDARD) * kept)]
    found, rules = read(text)
    assert "broken-calendar" in rules
    assert found.week[0] == DAY


def test_a_calendar_without_working_time_is_taken_as_a_new_one_and_this_is_told():
    found, rules = read(calendar())
    assert found.week == (DAY,) * 5 + ((), ())
    assert "no-working-time" in rules


def test_a_calendar_keeps_its_base_for_what_it_does_not_say():
    data = calendar()
    rows = [CALENDAR, {"clndr_id": 2, "clndr_name": "Crane", "base_clndr_id": 1, "clndr_data": data}]
    plan = read_xer(xer([activity(1, clndr_id=2)], CALENDAR=rows)).plan
    assert plan.calendars[2].base_uid == 1
    assert plan.calendars[2].week == (None,) * 7


def test_resource_dependent_work_keeps_the_days_off_of_its_resource():
    """Day 46028 of P6 is Tuesday 6 January 2026, 46031 the Friday; the activity itself knows no days off."""
    days = "".join(f"(0||{day}()({SHIFTS}))" for day in range(2, 7))
    own = calendar(days, "(0||0(d|46028)())(0||1(d|46031)((0||0(s|08:00|f|10:00)())))")
    crane = {"rsrc_id": 7, "rsrc_name": "Crane", "rsrc_type": "RT_Equip", "clndr_id": 2}
    work = {"taskrsrc_id": 1, "task_id": 1, "rsrc_id": 7, "target_qty": 32, "remain_qty": 32}
    plan = read_xer(
        xer(
            [activity(1, task_type="TT_Rsrc", target_drtn_hr_cnt=32, remain_drtn_hr_cnt=32)],
            CALENDAR=[CALENDAR, {"clndr_id": 2, "clndr_type": "CA_Rsrc", "clndr_name": "Crane", "clndr_data": own}],
            RSRC=[crane],
            TASKRSRC=[work | {"target_qty_per_hr": 1, "remain_qty_per_hr": 1}],
        )
    ).plan
    dates = schedule_plan(plan)[1]
    assert (dates.start, dates.finish) == (datetime(2026, 1, 5, 8), datetime(2026, 1, 12, 15))


@pytest.mark.parametrize("bases", [(2, 1), (99, None), (None, 2)])
def test_a_base_that_is_not_there_or_goes_in_a_circle_is_left_out(bases):
    rows = [
        CALENDAR | {"clndr_id": uid, "base_clndr_id": "" if base is None else base} for uid, base in enumerate(bases, 1)
    ]
    result = read_xer(xer([activity(1)], CALENDAR=rows))
    bases_kept = [calendar.base_uid for calendar in result.plan.calendars.values()]
    assert None in bases_kept
    told = [finding for finding in result.findings if finding.rule == "calendar-to-nowhere"]
    assert bool(told) == (bases != (None, 2))


@pytest.mark.parametrize("text", ["(0||0(s|08:00|f|25:00)())", "(0||0(s|8|f|noon)())"])
def test_a_time_that_cannot_be_refuses_the_file_and_names_the_line(text):
    result = read_xer(xer([activity(1)], CALENDAR=[CALENDAR | {"clndr_data": monday(text)}]))
    assert result.plan is None
    assert result.errors[0].place == "line 7, CALENDAR 1"
    assert "clndr_data: a shift is from" in result.errors[0].text


def test_a_day_that_cannot_be_refuses_the_file():
    data = calendar("", "(0||0(d|999999999)())")
    result = read_xer(xer([activity(1)], CALENDAR=[CALENDAR | {"clndr_data": data}]))
    assert "must be a number of days" in result.errors[0].text


def test_a_text_of_parentheses_only_takes_no_time():
    found, rules = read("(0||" * 200_000 + "(" * 200_000)
    assert "broken-calendar" in rules
    assert found.week[0] == DAY
