"""Reading MS Project XML: what is taken, what is said, what is refused."""

from __future__ import annotations

import resource
from datetime import date, datetime
from decimal import Decimal

import pytest

from nirman.errors import UnreadableFileError
from nirman.interchange.mspdi_reader import read_mspdi
from nirman.planning.findings import Severity
from nirman.planning.model import ConstraintKind, EffortKind, LinkKind, RecurrenceKind, ResourceKind, ScheduleFrom
from nirman.planning.schedule import schedule_plan

NAMESPACE = "http://schemas.microsoft.com/project"
SHIFTS = (
    "<WorkingTimes>"
    "<WorkingTime><FromTime>08:00:00</FromTime><ToTime>12:00:00</ToTime></WorkingTime>"
    "<WorkingTime><FromTime>13:00:00</FromTime><ToTime>17:00:00</ToTime></WorkingTime>"
    "</WorkingTimes>"
)
WEEK = "".join(
    f"<WeekDay><DayType>{day}</DayType><DayWorking>{int(working)}</DayWorking>{SHIFTS * working}</WeekDay>"
    for day, working in enumerate((True, True, True, True, True, False, False), 1)
)


def calendar(uid: int = 1, *, base: int = -1, days: str = WEEK, more: str = "") -> str:
    return (
        f"<Calendar><UID>{uid}</UID><Name>C{uid}</Name><IsBaseCalendar>{int(base < 0)}</IsBaseCalendar>"
        f"<BaseCalendarUID>{base}</BaseCalendarUID><WeekDays>{days}</WeekDays>{more}</Calendar>"
    )


def task(uid: int, more: str = "", *, level: int = 1, name: str | None = None) -> str:
    return (
        f"<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name or f'T{uid}'}</Name><OutlineLevel>{level}</OutlineLevel>"
        f"<Duration>PT8H0M0S</Duration><DurationFormat>7</DurationFormat>{more}</Task>\n"
    )


def link(predecessor: int, more: str = "") -> str:
    return f"<PredecessorLink><PredecessorUID>{predecessor}</PredecessorUID>{more}</PredecessorLink>"


def project(*tasks: str, calendars: str = "", resources: str = "", assignments: str = "", more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Project xmlns="{NAMESPACE}">\n<Name>file.xml</Name>'
        f"<StartDate>2026-01-04T08:00:00</StartDate><CalendarUID>1</CalendarUID>{more}"
        f"<Calendars>{calendars or calendar()}</Calendars>\n<Tasks>\n{''.join(tasks)}</Tasks>"
        f"<Resources>{resources}</Resources><Assignments>{assignments}</Assignments></Project>"
    ).encode()


def plan_of(data: bytes):
    result = read_mspdi(data)
    assert result.plan is not None, result.errors
    return result.plan


def errors(data: bytes) -> list[tuple[str, str]]:
    result = read_mspdi(data)
    assert result.plan is None
    return [(finding.rule, finding.place) for finding in result.errors]


def rules(data: bytes, severity: Severity) -> list[str]:
    return [finding.rule for finding in read_mspdi(data).findings if finding.severity is severity]


def test_tasks_links_and_the_tree_are_taken():
    data = project(
        task(0, level=0, name="সেতু"),
        task(10, name="ভিত্তি ঢালাই"),
        task(11, level=2),
        task(12, link(11, "<Type>3</Type><LinkLag>4800</LinkLag><LagFormat>7</LagFormat>"), level=2),
        task(20, link(10)),
    )
    plan = plan_of(data)
    assert plan.project.name == "সেতু"
    assert plan.tasks[10].name == "ভিত্তি ঢালাই"
    assert {uid: found.parent_uid for uid, found in plan.tasks.items()} == {10: None, 11: 10, 12: 10, 20: None}
    assert [(found.predecessor_uid, found.successor_uid) for found in plan.links.values()] == [(11, 12), (10, 20)]
    assert (plan.links[1].kind, plan.links[1].lag_minutes) == (LinkKind.SS, 480)


def test_the_fields_of_a_task_are_taken():
    found = plan_of(
        project(
            task(
                1,
                "<Type>1</Type><Priority>700</Priority><ConstraintType>4</ConstraintType><CalendarUID>-1</CalendarUID>"
                "<ConstraintDate>2026-01-06T08:00:00</ConstraintDate><Deadline>2026-02-01T17:00:00</Deadline>"
                "<LevelingDelay>14400</LevelingDelay><FixedCost>12345</FixedCost><Notes>ঢাকা &amp; more</Notes>"
                "<WBS>AB.1</WBS><OutlineNumber>1</OutlineNumber><IgnoreResourceCalendar>1</IgnoreResourceCalendar>",
            )
        )
    ).tasks[1]
    assert (found.effort, found.priority) == (EffortKind.FIXED_DURATION, 700)
    assert (found.constraint, found.constraint_date) == (ConstraintKind.SNET, datetime(2026, 1, 6, 8))
    assert found.deadline == datetime(2026, 2, 1, 17)
    assert (found.leveling_delay_minutes, found.fixed_cost) == (1440, Decimal("123.45"))
    assert (found.notes, found.code, found.ignore_resource_calendar) == ("ঢাকা & more", "AB.1", True)


@pytest.mark.parametrize(
    ("format_number", "lag", "minutes", "elapsed", "percent"),
    [(7, 4800, 480, False, None), (8, 14400, 1440, True, None), (19, 50, 0, False, 50.0), (20, -25, 0, True, -25.0)],
)
def test_the_format_of_a_lag_says_what_its_number_means(format_number, lag, minutes, elapsed, percent):
    more = f"<Type>1</Type><LinkLag>{lag}</LinkLag><LagFormat>{format_number}</LagFormat>"
    found = plan_of(project(task(1), task(2, link(1, more)))).links[1]
    assert (found.lag_minutes, found.lag_elapsed, found.lag_percent) == (minutes, elapsed, percent)


def test_an_elapsed_duration_is_known_by_its_format():
    data = project(task(1).replace("<DurationFormat>7", "<DurationFormat>8"))
    assert plan_of(data).tasks[1].duration_elapsed


def test_a_manual_task_keeps_the_dates_it_has():
    dates = "<Manual>1</Manual><Start>2026-01-10T08:00:00</Start><Finish>2026-01-10T17:00:00</Finish>"
    found = plan_of(project(task(1, dates))).tasks[1]
    assert found.manual
    assert (found.manual_start, found.manual_finish) == (datetime(2026, 1, 10, 8), datetime(2026, 1, 10, 17))


WORKER = "<Resource><UID>1</UID><Name>Mason</Name><Type>1</Type>{}</Resource>"
PERIOD = "<AvailabilityPeriod><AvailableUnits>-1</AvailableUnits></AvailabilityPeriod>"
WORK = "<Assignment><UID>4</UID><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID>{}</Assignment>"


@pytest.mark.parametrize(
    ("of_resource", "of_assignment", "place"),
    [
        ("<MaxUnits>-0.5</MaxUnits>", "", "Resource UID 1"),
        ("", "<Units>-2</Units>", "Assignment UID 4"),
        (
            f"<AvailabilityPeriods>{PERIOD}</AvailabilityPeriods>",
            "",
            "AvailabilityPeriod",
        ),
    ],
)
def test_units_are_not_negative(of_resource, of_assignment, place):
    data = project(task(1), resources=WORKER.format(of_resource), assignments=WORK.format(of_assignment))
    (found,) = read_mspdi(data).errors
    assert (found.rule, found.place.partition(", ")[2]) == ("bad-value", place)
    assert found.text.endswith("must be from 0 to 1000000")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("<Work>-PT8H0M0S</Work>", "Work is negative and counts as 0"),
        ("<ActualWork>-PT8H0M0S</ActualWork>", "ActualWork is negative and counts as 0"),
        ("<Delay>-4800</Delay>", "Delay and LevelingDelay are negative together and count as 0"),
        ("<Units>2000000</Units>", "Units is 2000000 and counts as 1000000"),
    ],
)
def test_what_counts_as_less_or_more_than_the_file_says_is_told(field, text):
    result = read_mspdi(project(task(1), resources=WORKER.format(""), assignments=WORK.format(field)))
    told = [(found.severity, found.text, found.place.partition(", ")[2]) for found in result.findings]
    assert (Severity.WARNING, text, "Assignment UID 4") in told
    kept = result.plan.assignments[4]
    assert min(kept.work_minutes or 0, kept.actual_work_minutes or 0, kept.delay_minutes) == 0


def test_a_negative_duration_counts_as_none_and_is_told():
    result = read_mspdi(project(task(1).replace("<Duration>PT", "<Duration>-PT")))
    assert result.plan.tasks[1].duration_minutes == 0
    assert [found.text for found in result.findings if found.rule == "negative"] == [
        "Duration is negative and counts as 0"
    ]


def test_resources_and_assignments_are_taken():
    resources = (
        "<Resource><UID>0</UID><Type>1</Type><CalendarUID>99</CalendarUID></Resource>"
        "<Resource><UID>1</UID><Name>রাজমিস্ত্রি</Name><Type>1</Type><MaxUnits>4</MaxUnits>"
        "<StandardRate>150</StandardRate><CostPerUse>1000</CostPerUse></Resource>"
        "<Resource><UID>2</UID><Name>Sand</Name><Type>0</Type><MaterialLabel>m3</MaterialLabel></Resource>"
    )
    assignments = "".join(
        f"<Assignment><UID>{uid}</UID><TaskUID>1</TaskUID><ResourceUID>{resource}</ResourceUID>"
        f"<Units>{units}</Units><Work>{work}</Work></Assignment>"
        for uid, resource, units, work in ((1, 1, 2, "PT16H0M0S"), (2, 2, 30, "PT30H0M0S"), (3, -65535, 1, "PT8H0M0S"))
    )
    plan = plan_of(project(task(1), resources=resources, assignments=assignments))
    assert set(plan.resources) == {1, 2}
    assert (plan.resources[1].standard_rate, plan.resources[1].cost_per_use) == (150, 10)
    assert plan.resources[2].kind is ResourceKind.MATERIAL
    assert set(plan.assignments) == {1, 2}
    assert plan.assignments[1].work_minutes is None, "16 hours are 8 hours of two: they follow the duration"
    assert plan.assignments[2].work_minutes is None, "30 hours are 30 units of a material"


def test_exceptions_of_project_2003_are_days_of_type_0():
    off = (
        "<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod>"
        "<FromDate>2026-01-06T00:00:00</FromDate><ToDate>2026-01-07T23:59:00</ToDate></TimePeriod></WeekDay>"
    )
    (found,) = plan_of(project(task(1), calendars=calendar(days=WEEK + off))).calendars[1].exceptions
    assert (found.start, found.finish, found.shifts) == (date(2026, 1, 6), date(2026, 1, 7), ())


def exception(more: str, first: str = "2026-01-01", last: str = "2026-12-31") -> str:
    return (
        f"<Exceptions><Exception><TimePeriod><FromDate>{first}T00:00:00</FromDate><ToDate>{last}T23:59:00</ToDate>"
        f"</TimePeriod><Name>Eid</Name>{more}<DayWorking>0</DayWorking></Exception></Exceptions>"
    )


def test_an_exception_that_works_through_midnight_works_on_both_ends_of_each_of_its_days():
    night = (
        "<Type>1</Type><WorkingTimes><WorkingTime><FromTime>22:00:00</FromTime><ToTime>06:00:00</ToTime></WorkingTime>"
        "</WorkingTimes>"
    )
    nights = exception(night, "2026-01-06", "2026-01-07").replace("<DayWorking>0<", "<DayWorking>1<")
    result = read_mspdi(project(task(1), calendars=calendar(more=nights)))
    (found,) = result.plan.calendars[1].exceptions
    assert (found.start, found.finish) == (date(2026, 1, 6), date(2026, 1, 7))
    assert found.shifts == ((0, 360), (1320, 1440))
    assert "night-shift" in {finding.rule for finding in result.findings}


def test_exceptions_of_later_versions_replace_those_of_type_0():
    off = (
        "<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod>"
        "<FromDate>2026-01-06T00:00:00</FromDate><ToDate>2026-01-06T23:59:00</ToDate></TimePeriod></WeekDay>"
    )
    both = calendar(days=WEEK + off, more=exception("<Type>1</Type>", "2026-01-06", "2026-01-06"))
    (found,) = plan_of(project(task(1), calendars=both)).calendars[1].exceptions
    assert found.name == "Eid"


def test_a_recurring_exception_keeps_its_rule():
    more = exception("<Type>3</Type><Month>4</Month><MonthItem>4</MonthItem><MonthPosition>4</MonthPosition>")
    (found,) = plan_of(project(task(1), calendars=calendar(more=more))).calendars[1].exceptions
    assert found.recurrence is not None
    assert found.recurrence.kind is RecurrenceKind.YEARLY_POSITION
    assert (found.recurrence.month, found.recurrence.weekdays, found.recurrence.position) == (5, (0,), 5)


def test_the_last_weekday_of_each_month_becomes_its_days():
    more = exception("<Type>5</Type><Period>1</Period><MonthItem>1</MonthItem><MonthPosition>4</MonthPosition>")
    found = plan_of(project(task(1), calendars=calendar(more=more))).calendars[1].exceptions
    assert [day.start for day in found][:2] == [date(2026, 1, 30), date(2026, 2, 27)]
    assert len(found) == 12


def test_work_weeks_are_taken():
    more = (
        "<WorkWeeks><WorkWeek><TimePeriod><FromDate>2026-02-18T00:00:00</FromDate><ToDate>2026-03-19T00:00:00</ToDate>"
        "</TimePeriod><Name>Ramadan</Name><WeekDays><WeekDay><DayType>1</DayType><DayWorking>1</DayWorking>"
        "<WorkingTimes><WorkingTime><FromTime>09:00:00</FromTime><ToTime>15:00:00</ToTime></WorkingTime>"
        "</WorkingTimes></WeekDay></WeekDays></WorkWeek></WorkWeeks>"
    )
    (found,) = plan_of(project(task(1), calendars=calendar(more=more))).calendars[1].work_weeks
    assert (found.name, found.week[6], found.week[0]) == ("Ramadan", ((540, 900),), None)


def test_a_day_of_24_hours_ends_at_midnight():
    day = (
        "<WeekDay><DayType>1</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime>"
        "<FromTime>00:00:00</FromTime><ToTime>00:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>"
    )
    assert plan_of(project(task(1), calendars=calendar(days=day))).calendars[1].week[6] == ((0, 1440),)


def test_a_plan_scheduled_from_its_finish_keeps_the_finish():
    more = "<ScheduleFromStart>0</ScheduleFromStart><FinishDate>2026-03-01T17:00:00</FinishDate>"
    found = plan_of(project(task(1, "<ConstraintType>1</ConstraintType>"), more=more)).project
    assert (found.schedule_from, found.finish) == (ScheduleFrom.FINISH, datetime(2026, 3, 1, 17))


@pytest.mark.parametrize("namespace", ["http://schemas.microsoft.com/project/2007", ""])
def test_other_namespaces_of_the_format_are_read(namespace):
    data = project(task(1)).replace(NAMESPACE.encode(), namespace.encode())
    assert set(plan_of(data).tasks) == {1}


def test_utf_16_is_read():
    data = project(task(1, name="খনন")).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert plan_of(data).tasks[1].name == "খনন"


def test_blank_rows_are_left_out_and_said():
    result = read_mspdi(project(task(1), "<Task><UID>7</UID><ID>7</ID><IsNull>1</IsNull></Task>"))
    assert result.plan is not None
    assert set(result.plan.tasks) == {1}
    assert "blank-row" in [finding.rule for finding in result.findings]


def test_what_the_plan_does_not_keep_is_counted_by_element():
    baseline = "<Baseline><Number>0</Number><Start>2026-01-04T08:00:00</Start></Baseline>"
    result = read_mspdi(
        project(task(1, baseline + "<Contact>X</Contact>"), task(2, baseline), more="<Author>Y</Author>")
    )
    told = {finding.place: finding.text for finding in result.findings if finding.rule == "not-kept"}
    assert set(told) == {"Task/Baseline without dates", "Task/Contact", "Project/Author"}
    assert "2 with a value" in told["Task/Baseline without dates"]


def test_a_task_that_the_engine_puts_elsewhere_is_reported():
    moved = "<Start>2026-01-05T08:00:00</Start><Finish>2026-01-05T17:00:00</Finish>"
    result = read_mspdi(project(task(1), task(2, moved)))
    (told,) = [finding for finding in result.findings if finding.rule == "dates-moved"]
    assert (told.uid, told.severity) == (2, Severity.WARNING)
    assert "2026-01-05 08:00" in told.text
    assert "2026-01-04 08:00" in told.text


def test_what_names_nothing_is_said_and_replaced():
    data = project(
        task(1, "<CalendarUID>44</CalendarUID>"),
        calendars=calendar(1) + calendar(2, base=77, days=""),
        resources="<Resource><UID>1</UID><Name>R</Name><CalendarUID>55</CalendarUID></Resource>",
        assignments="<Assignment><UID>1</UID><TaskUID>9</TaskUID><ResourceUID>1</ResourceUID></Assignment>",
    )
    plan = plan_of(data)
    assert plan.tasks[1].calendar_uid is None
    assert plan.calendars[2].base_uid == 1
    assert plan.resources[1].calendar_uid is None
    assert not plan.assignments
    assert rules(data, Severity.WARNING) == ["calendar-to-nowhere"] * 3 + ["assignment-to-nowhere"]


def test_a_file_without_calendars_gets_the_usual_week_and_says_so():
    data = (
        f'<Project xmlns="{NAMESPACE}"><StartDate>2026-01-05T08:00:00</StartDate>'
        f"<Tasks>{task(1)}</Tasks></Project>".encode()
    )
    assert plan_of(data).calendars[1].week[0] == ((480, 720), (780, 1020))
    assert rules(data, Severity.WARNING) == ["calendar-to-nowhere"]


def test_links_to_nowhere_are_errors_with_line_and_task():
    assert errors(project(task(1), task(2, link(9)))) == [("link-to-nowhere", "line 6, Task UID 2")]


def test_two_tasks_of_one_uid_are_an_error_that_names_both_lines():
    result = read_mspdi(project(task(1), task(1)))
    assert result.plan is None
    (told,) = result.errors
    assert (told.rule, told.place) == ("duplicate-uid", "line 6, Task UID 1")
    assert "line 5" in told.text


def test_links_in_a_circle_are_an_error_that_names_the_tasks():
    result = read_mspdi(project(task(1, link(3)), task(2, link(1)), task(3, link(2))))
    assert result.plan is None
    (told,) = result.errors
    assert told.place == "line 5, Task UID 1"
    assert '"T1" (1) -> "T2" (2) -> "T3" (3) -> "T1" (1)' in told.text


def test_a_link_to_itself_is_an_error():
    assert errors(project(task(1, link(1)))) == [("link-to-itself", "line 5, Task UID 1")]


@pytest.mark.parametrize(
    "bad",
    [
        "<Deadline>2026-02-30T08:00:00</Deadline>",
        "<Deadline>tomorrow</Deadline>",
        "<Deadline>0001-01-01T00:00:00</Deadline>",
        "<ConstraintType>99</ConstraintType>",
        "<Priority>many</Priority>",
        "<Priority>1e400</Priority>",
        "<PercentComplete>101</PercentComplete>",
        "<Work>8 hours</Work>",
        "<Work>PT999999999999H0M0S</Work>",
        "<Milestone>perhaps</Milestone>",
        "<LevelingDelay>NaN</LevelingDelay>",
    ],
)
def test_a_value_that_cannot_be_is_an_error_with_line_and_task(bad):
    assert errors(project(task(1), task(2, bad))) == [("bad-value", "line 6, Task UID 2")]


def test_what_levelling_made_earlier_is_not_kept_and_told():
    result = read_mspdi(project(task(1, "<LevelingDelay>-14400</LevelingDelay>")))
    assert result.plan.tasks[1].leveling_delay_minutes == 0
    [finding] = [one for one in result.findings if one.rule == "earlier-by-levelling"]
    assert (finding.severity, finding.uid) == (Severity.WARNING, 1)
    assert "1440 minutes earlier" in finding.text


def test_a_constraint_needs_its_date():
    assert errors(project(task(1, "<ConstraintType>2</ConstraintType>"))) == [
        ("no-constraint-date", "line 5, Task UID 1")
    ]


def test_a_task_needs_a_uid():
    assert errors(project("<Task><Name>X</Name></Task>"))[0][0] == "no-uid"


def test_a_uid_that_is_no_number_is_an_error():
    assert errors(project(task(1).replace("<UID>1", "<UID>one")))[0] == ("bad-value", "line 5, Task")


@pytest.mark.parametrize(
    "days",
    [
        WEEK.replace("<FromTime>08:00:00", "<FromTime>24:00:00", 1),
        WEEK.replace("<FromTime>08:00:00", "<FromTime>8 am", 1),
        WEEK.replace("<DayType>1", "<DayType>9", 1),
    ],
)
def test_a_week_that_cannot_be_is_an_error(days):
    assert {rule for rule, _ in errors(project(task(1), calendars=calendar(days=days)))} == {"bad-value"}


def test_an_exception_of_unknown_kind_is_an_error():
    more = exception("<Type>0</Type>")
    assert {rule for rule, _ in errors(project(task(1), calendars=calendar(more=more)))} == {"bad-value"}


def test_a_plan_that_runs_out_of_time_is_an_error_at_its_task():
    years = task(1, link(2)) + task(2, link(3)) + task(3, link(4)) + task(4, link(5)) + task(5)
    long = years.replace("PT8H0M0S", "PT800000H0M0S").replace("<DurationFormat>7", "<DurationFormat>8")
    result = read_mspdi(project(long))
    assert result.plan is None
    assert result.errors[0].rule == "impossible-plan"


def test_texts_that_are_too_long_are_cut_and_said():
    data = project(task(1, name="x" * 600))
    assert len(plan_of(data).tasks[1].name) == 512
    assert rules(data, Severity.WARNING) == ["cut"]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "not well-formed"),
        (b"\x00\x01\x02", "not well-formed"),
        (b"PK\x03\x04 not xml", "not well-formed"),
        (b"<Project", "not well-formed"),
        (b"<Project><Tasks></Project>", "not well-formed"),
        (b"<html></html>", "root element must be Project"),
        (b'<Project xmlns="urn:other"></Project>', "root element must be Project"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(data, rule):
    with pytest.raises(UnreadableFileError, match=rule) as refused:
        read_mspdi(data)
    assert refused.value.place == "line 1"


def test_a_broken_line_is_named():
    with pytest.raises(UnreadableFileError) as refused:
        read_mspdi(project(task(1), task(2), "<Task><UID>3</Task>"))
    assert refused.value.place == "line 7"


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE Project [<!ENTITY e0 "lol">{BOMB}]>',
        '<!DOCTYPE Project [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Project SYSTEM "http://127.0.0.1:1/x.dtd">',
        "<!DOCTYPE Project>",
    ],
)
def test_a_document_type_is_refused_before_any_entity_is_looked_at(doctype):
    data = project(task(1, name="&e9;")).decode().replace("<Project", f"{doctype}<Project", 1)
    for encoded in (data.encode(), data.replace("UTF-8", "UTF-16").encode("utf-16")):
        with pytest.raises(UnreadableFileError, match="document type"):
            read_mspdi(encoded)


def test_a_file_that_is_too_large_is_refused_before_it_is_parsed():
    with pytest.raises(UnreadableFileError, match="must not be larger than 1 MB"):
        read_mspdi(b"<" * (2**20 + 1), max_bytes=2**20)


def test_depth_without_end_is_refused():
    with pytest.raises(UnreadableFileError):
        read_mspdi(b"<Project>" + b"<a>" * 100_000)


def test_memory_stays_bounded_by_the_records_kept():
    """Megabytes of what is not kept must not become a tree in memory."""
    junk = "<ExtendedAttribute><FieldID>1</FieldID><Value>x</Value></ExtendedAttribute>" * 200
    data = project(*(task(uid, junk) for uid in range(1, 301)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read_mspdi(data).plan is not None
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert len(data) > 4_000_000
    assert grown < 4 * len(data), "the tree of such a file takes some fifteen times its size"


def test_what_is_left_is_what_is_not_done_where_a_writer_leaves_out_a_zero():
    """MPXJ writes no remaining duration of none: 99 percent are done, and it goes on when it ends."""
    begun = (
        "<PercentComplete>99</PercentComplete><ActualStart>2026-01-04T08:00:00</ActualStart>"
        "<ActualDuration>PT8H0M0S</ActualDuration><Stop>2026-01-06T12:00:00</Stop><Resume>2026-01-06T12:00:00</Resume>"
    )
    plan = plan_of(project(task(1, begun)))
    assert plan.tasks[1].remaining_minutes == 0
    assert schedule_plan(plan)[1].finish == datetime(2026, 1, 6, 12)


def assigned(uid: int, resource: int, work: str = "") -> str:
    return (
        f"<Assignment><UID>{uid}</UID><TaskUID>1</TaskUID><ResourceUID>{resource}</ResourceUID><Units>1</Units>"
        f"{work}</Assignment>"
    )


@pytest.mark.parametrize(("work", "expected"), [("<Work>PT8H0M0S</Work>", 0), ("", None)])
def test_an_assignment_without_work_has_none_where_others_tell_theirs(work, expected):
    crews = "".join(f"<Resource><UID>{uid}</UID><Name>R{uid}</Name></Resource>" for uid in (1, 2))
    data = project(task(1), resources=crews, assignments=assigned(1, 1, work) + assigned(2, 2))
    assert plan_of(data).assignments[2].work_minutes == expected
