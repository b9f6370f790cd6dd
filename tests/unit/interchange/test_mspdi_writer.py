"""MS Project XML as Microsoft's schema and MS Project have it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from lxml import etree

from nirman.demo import DEMO_YEARS, demo_plan
from nirman.errors import InvalidPlanError
from nirman.interchange.mspdi_writer import NAMESPACE, write_mspdi
from nirman.planning.holidays import bangladesh_holidays
from nirman.planning.model import Assignment, Calendar, LinkKind, Resource, Task
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import DAY, make_link, make_plan, make_task, working_week
from tests.unit.interchange.examples import data, rich_plan

SINCE_2010 = ("Active", "Manual", "ManualStart", "ManualFinish", "ManualDuration")


def write(plan) -> etree._Element:
    return etree.fromstring(write_mspdi(plan, schedule_plan(plan)))


def values(element: etree._Element, path: str) -> list[str | None]:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [found.text for found in element.iterfind(steps)]


def of_task(plan, uid: int) -> dict[str, str | None]:
    for task in write(plan).iterfind(f"{{*}}Tasks/{{*}}Task[{{{NAMESPACE}}}UID='{uid}']"):
        return {etree.QName(child).localname: child.text for child in task}
    raise AssertionError(uid)


def in_2007(document: bytes) -> etree._Element:
    """The document in the namespace of the schema, without what MS Project itself adds to it since or beside it.

    Since: the fields of inactive and manual tasks. Beside it: the days of a work week, which the schema of 2007
    describes without working times and notes that MS Project writes differently.
    """
    root = etree.fromstring(document.replace(NAMESPACE.encode(), NAMESPACE.encode() + b"/2007", 1))
    for name in (*SINCE_2010, "WorkWeek/{*}WeekDays"):
        for element in root.findall(f".//{{*}}{name}"):
            element.getparent().remove(element)
    return root


@pytest.mark.parametrize(
    "plan",
    [make_plan(), make_plan(3), rich_plan(), demo_plan(bangladesh_holidays(DEMO_YEARS))],
    ids=["empty", "small", "rich", "demo"],
)
def test_the_document_is_valid_by_the_schema_of_project_2007(plan):
    schema = etree.XMLSchema(etree.parse(data("xsd/mspdi_pj12_assembled.xsd")))
    schema.assertValid(in_2007(write_mspdi(plan, schedule_plan(plan))))


def test_only_tasks_that_need_it_use_words_of_project_2010():
    plan = rich_plan()
    added = [
        task
        for task in write(plan).iter(f"{{{NAMESPACE}}}Task")
        if any(task.find(f"{{*}}{n}") is not None for n in SINCE_2010)
    ]
    assert [task.findtext("{*}UID") for task in added] == ["5", "6"]
    assert values(write(plan), "SaveVersion") == ["14"]
    assert values(write(make_plan(2)), "SaveVersion") == ["12"]


def test_row_zero_stands_for_the_whole_project():
    plan = make_plan(2, [make_link(1, 1, 2)])
    row = of_task(plan, 0)
    assert (row["ID"], row["Name"], row["OutlineLevel"], row["Summary"]) == ("0", "Test", "0", "1")
    assert (row["Start"], row["Finish"]) == ("2026-01-04T08:00:00", "2026-01-05T17:00:00")
    assert row["Duration"] == "PT16H0M0S"


def test_rows_are_numbered_in_outline_order():
    plan = make_plan([make_task(7, position=1.0), make_task(5, position=2.0), make_task(6, parent_uid=7)])
    written = write(plan)
    assert values(written, "Tasks/Task/UID") == ["0", "7", "6", "5"]
    assert values(written, "Tasks/Task/ID") == ["0", "1", "2", "3"]
    assert values(written, "Tasks/Task/OutlineNumber") == ["0", "1", "1.1", "2"]
    assert values(written, "Tasks/Task/OutlineLevel") == ["0", "1", "2", "1"]


def test_a_code_of_the_builder_is_the_wbs():
    assert of_task(make_plan([make_task(1, code="A<1>")]), 1)["WBS"] == "A<1>"
    assert of_task(make_plan([make_task(1)]), 1)["WBS"] == "1"


def test_computed_dates_and_slack_in_tenths_of_minutes():
    plan = make_plan(
        [make_task(1), make_task(2, duration_minutes=1440), make_task(3)], [make_link(1, 1, 3), make_link(2, 2, 3)]
    )
    row = of_task(plan, 1)
    assert (row["TotalSlack"], row["FreeSlack"], row["Critical"]) == ("9600", "9600", "0")
    assert (row["LateStart"], row["LateFinish"]) == ("2026-01-06T08:00:00", "2026-01-06T17:00:00")
    assert of_task(plan, 2)["Critical"] == "1"


@pytest.mark.parametrize(
    ("values_of_link", "lag", "shown"),
    [
        ({}, "0", "7"),
        ({"lag_minutes": 960}, "9600", "7"),
        ({"lag_minutes": -120}, "-1200", "5"),
        ({"lag_minutes": 45}, "450", "3"),
        ({"lag_minutes": 2880, "lag_elapsed": True}, "28800", "8"),
        ({"lag_percent": 50.0}, "50", "19"),
        ({"lag_percent": -25.0, "lag_elapsed": True}, "-25", "20"),
    ],
)
def test_lags_are_tenths_of_minutes_or_percents(values_of_link, lag, shown):
    plan = make_plan(2, [make_link(1, 1, 2, **values_of_link)])
    written = write(plan)
    assert values(written, "Tasks/Task/PredecessorLink/LinkLag") == [lag]
    assert values(written, "Tasks/Task/PredecessorLink/LagFormat") == [shown]


@pytest.mark.parametrize(("kind", "number"), [("FF", "0"), ("FS", "1"), ("SF", "2"), ("SS", "3")])
def test_kinds_of_links(kind, number):
    plan = make_plan(2, [make_link(1, 1, 2, kind=LinkKind(kind))])
    assert values(write(plan), "Tasks/Task/PredecessorLink/Type") == [number]


def test_text_is_escaped_and_bengali_kept():
    name = "ক্ষত <b>&amp; \"q\" 'ৎ' \u200d\r\n]]>"
    assert of_task(make_plan([make_task(1, name=name)]), 1)["Name"] == name


def test_characters_that_xml_cannot_hold_are_replaced():
    assert of_task(make_plan([make_task(1, name="a\x00b\x0bc\ud800d")]), 1)["Name"] == "a\ufffdb\ufffdc\ufffdd"


def test_money_is_in_hundredths_and_rates_are_not():
    resource = Resource(uid=1, name="Crane", standard_rate=Decimal("4200.5"), cost_per_use=Decimal("0.07"))
    plan = make_plan([make_task(1, fixed_cost=Decimal("1E+3"))], resources=[resource])
    assert of_task(plan, 1)["FixedCost"] == "100000"
    assert values(write(plan), "Resources/Resource/StandardRate") == ["4200.5"]
    assert values(write(plan), "Resources/Resource/CostPerUse") == ["7.00"]


def test_the_midnight_that_ends_a_day_is_written_as_zero():
    night = Calendar(uid=1, name="Night", week=(((1200, 1440),),) * 7)
    assert set(
        values(
            write(make_plan(1, calendars=[night])),
            "Calendars/Calendar/WeekDays/WeekDay/WorkingTimes/WorkingTime/ToTime",
        )
    ) == {"00:00:00"}


def test_a_sixth_shift_is_refused_with_the_calendar():
    hourly = tuple((hour * 60, hour * 60 + 30) for hour in range(6))
    with pytest.raises(InvalidPlanError, match=r"calendar 9: .*5 shifts"):
        write(make_plan(1, calendars=[working_week(), Calendar(uid=9, name="Hourly", week=(hourly,) * 7)]))


def test_a_task_with_the_uid_of_the_projects_row_is_refused():
    with pytest.raises(InvalidPlanError, match="task 0"):
        write(make_plan([Task(uid=0)]))


def test_a_calendar_of_tasks_is_written_with_the_days_of_its_base():
    base = working_week()
    early = Calendar(uid=2, name="Early", base_uid=1, week=(((360, 600),), None, None, None, None, None, None))
    plan = make_plan([make_task(1, calendar_uid=2)], calendars=[base, early])
    written = write(plan)
    assert values(written, "Calendars/Calendar/IsBaseCalendar") == ["1", "1"]
    back = schedule_plan(
        replace(plan, calendars={1: base, 2: replace(early, base_uid=None, week=(((360, 600),), *base.week[1:]))})
    )
    assert of_task(plan, 1)["Finish"] == back[1].finish.isoformat()
    assert len(values(written, "Calendars/Calendar/WeekDays/WeekDay/DayType")) == 14


def test_a_calendar_of_resources_names_its_base():
    gang = Calendar(uid=2, name="Gang", base_uid=1, week=(DAY[:1], None, None, None, None, None, None))
    plan = make_plan(1, calendars=[working_week(), gang], resources=[Resource(uid=1, calendar_uid=2)])
    written = write(plan)
    assert values(written, "Calendars/Calendar/BaseCalendarUID") == ["-1", "1"]
    assert values(written, "Calendars/Calendar/WeekDays/WeekDay/DayType") == [*"1234567", "2"]


def test_progress_without_resources_is_assigned_to_nobody():
    task = make_task(1, percent_complete=50, actual_start=datetime(2026, 1, 4, 8))
    written = write(make_plan([task, make_task(2)]))
    assert values(written, "Assignments/Assignment/ResourceUID") == ["-65535"]
    assert values(written, "Assignments/Assignment/ActualWork") == ["PT4H0M0S"]
    assert of_task(make_plan([task]), 1)["RemainingDuration"] == "PT4H0M0S"


def test_work_left_to_units_and_duration_is_written_out():
    plan = make_plan(
        1, resources=[Resource(uid=1)], assignments=[Assignment(uid=1, task_uid=1, resource_uid=1, units=2.5)]
    )
    assert values(write(plan), "Assignments/Assignment/Work") == ["PT20H0M0S"]


def test_every_instant_and_duration_has_the_formats_shape():
    text = write_mspdi(rich_plan(), schedule_plan(rich_plan())).decode()
    assert not re.findall(r"<\w+>(?!PT\d+H\d+M\d+S<)PT[^<]*<", text)
    assert not re.findall(
        r"<(?!Schedule)(?:\w*Start|\w*Finish|\w*Date)>(?!\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d<)[^<]*<", text
    )


def test_a_summary_that_seems_to_end_before_it_starts_has_no_negative_duration():
    plan = make_plan([make_task(1), make_task(2, parent_uid=1)])
    schedule = schedule_plan(plan)
    schedule._dates[1] = replace(schedule[1], duration_minutes=-119)
    assert b"PT-" not in write_mspdi(plan, schedule)
