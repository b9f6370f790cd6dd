"""The workbook, read back by openpyxl."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from nirman.demo import DEMO_YEARS, demo_plan
from nirman.interchange.xlsx_writer import write_xlsx
from nirman.planning.holidays import bangladesh_holidays
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.unit.interchange.examples import rich_plan, tracked_plan


def read(plan):
    return load_workbook(BytesIO(write_xlsx(plan, schedule_plan(plan))))


def rows(sheet) -> list[dict]:
    """Each row by the titles of its columns."""
    titles, *others = sheet.iter_rows(values_only=True)
    return [dict(zip(titles, values, strict=True)) for values in others]


@pytest.fixture(scope="module")
def rich():
    return read(rich_plan())


def test_each_part_of_the_plan_has_a_sheet(rich):
    assert rich.sheetnames == ["Tasks", "Links", "Resources", "Assignments", "Calendars", "S-curve", "Project"]
    plan = rich_plan()
    for name, records in (
        ("Tasks", plan.tasks),
        ("Links", plan.links),
        ("Resources", plan.resources),
        ("Assignments", plan.assignments),
    ):
        assert [row["UID"] for row in rows(rich[name])] == list(records)


def test_dates_are_dates_and_durations_numbers():
    plan = make_plan([make_task(1, duration_minutes=720)])
    (row,) = rows(read(plan)["Tasks"])
    assert (row["Start"], row["Finish"]) == (datetime(2026, 1, 4, 8), datetime(2026, 1, 5, 12))
    assert (row["Duration (days)"], row["Duration (minutes)"]) == (1.5, 720)


def test_critical_tasks_are_marked_in_words_and_style():
    plan = make_plan([make_task(1), make_task(2, duration_minutes=960)])
    sheet = read(plan)["Tasks"]
    assert [row["Critical"] for row in rows(sheet)] == [None, "critical"]
    calm, critical = sheet.cell(2, 3).font, sheet.cell(3, 3).font
    assert (critical.b, critical.color.rgb) == (True, "FFB00020")
    assert not calm.b
    assert calm.color is None or calm.color.rgb != "FFB00020"


def test_slack_driver_and_predecessors_are_there():
    plan = make_plan(
        [make_task(7), make_task(8, duration_minutes=1440), make_task(9)],
        [make_link(1, 7, 9), make_link(2, 8, 9, lag_minutes=-240)],
    )
    first, _, last = rows(read(plan)["Tasks"])
    assert first["Total slack (days)"] == 1.5
    assert last["Driver (ID)"] == 2
    assert last["Predecessors"] == "1, 2FS-4h"


def test_the_outline_is_grouped_and_indented(rich):
    sheet = rich["Tasks"]
    assert [sheet.row_dimensions[row].outlineLevel for row in range(2, 7)] == [0, 1, 1, 1, 0]
    assert sheet.cell(3, 3).alignment.indent == 1
    assert sheet.cell(2, 3).font.b
    assert not sheet.sheet_properties.outlinePr.summaryBelow


@pytest.mark.parametrize("name", ["Tasks", "Links", "Resources", "Assignments", "Calendars", "S-curve", "Project"])
def test_headers_stay_in_sight_and_columns_can_be_filtered(rich, name):
    sheet = rich[name]
    assert sheet.freeze_panes.endswith("2")
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
    assert all(5 < dimension.width < 70 for dimension in sheet.column_dimensions.values())


@pytest.mark.parametrize(
    "name", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "{=1}"]
)
def test_a_name_is_never_a_formula(name):
    plan = make_plan([make_task(1, name=name, notes=name, code=name)], name=name)
    workbook = read(plan)
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    named = [cell for cell in workbook["Tasks"][2] if cell.value == name]
    assert len(named) == 3
    assert all(cell.quotePrefix or name.startswith("{") for cell in named)


def test_what_xml_cannot_hold_is_replaced_and_a_date_before_1900_is_text():
    plan = make_plan([make_task(1, name="a\x00\ud800b")], start=datetime(1850, 1, 6, 8))
    (row,) = rows(read(plan)["Tasks"])
    assert row["Name"] == "a\ufffd\ufffdb"
    assert row["Start"].startswith("1850-01-06")


def test_bengali_names_and_every_calendar_rule_of_the_demo_are_there():
    plan = demo_plan(bangladesh_holidays(DEMO_YEARS))
    workbook = read(plan)
    names = {row["Name"] for row in rows(workbook["Tasks"])}
    assert "ভিত্তি খনন / Foundation excavation" in names
    rules = rows(workbook["Calendars"])
    eid = next(row for row in rules if row["Name"] == "ঈদুল ফিতর")
    assert (eid["Rule"], eid["Working time"], eid["Estimated"]) == ("exception", "off", "estimated")
    assert any(row["Day"] == "first Sun of every month" for row in rules)
    assert any(row["Rule"] == "work week" and row["Working time"] == "08:00–12:00, 12:30–15:00" for row in rules)


def test_costs_baseline_and_variance_stand_beside_the_tasks():
    plan = tracked_plan()
    summary, first, second, _ = rows(read(plan)["Tasks"])
    assert (first["Cost"], first["Actual cost"], first["Work (hours)"]) == (700.01, 700.01, 9)
    assert (first["Baseline start"], first["Baseline cost"]) == (datetime(2026, 1, 4, 8), 579.99)
    assert (first["Cost variance"], second["Finish variance (days)"]) == (120.02, 0)
    assert summary["Baseline finish"] == datetime(2026, 1, 5, 17)


def test_money_over_time_has_a_sheet_when_there_is_money():
    [week] = rows(read(tracked_plan())["S-curve"])
    assert (week["From"], week["To"]) == (datetime(2026, 1, 4), datetime(2026, 1, 10))
    assert (week["Planned value"], week["Actual cost, total"]) == (1952.05, 700.01)
    assert "S-curve" not in read(make_plan(2)).sheetnames


def test_money_of_a_long_plan_is_told_by_month():
    tasks = [make_task(1, duration_minutes=480 * 5 * 52 * 4, fixed_cost=Decimal(1000))]
    assert len(rows(read(make_plan(tasks))["S-curve"])) == 48
