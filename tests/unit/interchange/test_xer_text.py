"""XER files as machines write them, and what refuses one."""

from __future__ import annotations

import pytest

from nirman.interchange.p6_report import MAX_SINGLE
from nirman.interchange.xer_reader import read_xer
from nirman.planning.findings import Severity
from nirman.planning.model import TaskKind
from tests.unit.interchange.p6_files import CALENDAR, activity, xer
from tests.unit.interchange.xer_plans import findings, plan_of, task_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bengali_names_come_as_they_are(encoding):
    data = xer([activity(1, task_name="ভিত্তি ঢালাই ১ম তলা")]).decode().encode(encoding)
    assert read_xer(data).plan.tasks[1].name == "ভিত্তি ঢালাই ১ম তলা"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Gründung – façade"),
        ("cp1251", "Устройство фундамента и монтаж стен"),
        ("cp1256", "حفر حتى منسوب التأسيس"),
        ("cp1253", "Εκσκαφές και θεμελίωση του κτιρίου"),
        ("gbk", "土方开挖与基础施工"),
        ("cp932", "掘削工事と基礎コンクリート"),
        ("cp949", "토공사 및 기초공사"),
    ],
)
def test_the_code_page_of_the_machine_that_wrote_the_file_is_found_and_told(encoding, name):
    result = read_xer(xer([activity(1, task_name=name)]).decode().encode(encoding))
    assert result.plan.tasks[1].name == name
    assert encoding in findings(result, "code-page")[0]


def test_the_encoding_can_be_said():
    data = xer([activity(1, task_name="Žižkov")]).decode().encode("cp1250")
    assert read_xer(data, encoding="cp1250").plan.tasks[1].name == "Žižkov"


@pytest.mark.parametrize("hours", ["7.5", "7,5", "7,50", "1.007,5", "1,007.5"])
def test_numbers_are_read_as_the_machine_wrote_them(hours):
    minutes = 450 if len(hours) < 6 else 60_450
    assert task_of(remain_drtn_hr_cnt=hours).duration_minutes == minutes


def test_the_files_currency_says_what_a_comma_before_three_digits_is():
    currency = {"curr_id": 1, "curr_short_name": "EUR", "decimal_symbol": ",", "digit_group_symbol": "."}
    tables = {"CURRTYPE": [currency]}
    with_comma = read_xer(xer([activity(1, remain_drtn_hr_cnt="7,250")], header="EUR", **tables))
    assert with_comma.plan.tasks[1].duration_minutes == 435
    assert with_comma.plan.project.currency == "EUR"
    assert task_of(remain_drtn_hr_cnt="7,250").duration_minutes == 7250 * 60


def test_a_line_break_inside_a_cell_and_doubled_quotes_do_not_break_rows():
    tasks = [activity(1, task_name='Pour\nthe ""slab""'), activity(2)]
    plan = plan_of(*tasks)
    assert plan.tasks[1].name == 'Pour\nthe "slab"'
    assert plan.tasks[2].name == "Activity 2"


def test_rows_that_are_short_or_long_are_read_as_far_as_they_go():
    data = xer([activity(1), activity(2)]).replace(b"Activity 2\t8\t8", b"Activity 2\t8\t8\tmore\tand more")
    plan = read_xer(data.replace(b"Activity 1\t8\t8", b"Activity 1")).plan
    assert (plan.tasks[1].duration_minutes, plan.tasks[2].duration_minutes) == (0, 480)


def test_values_that_the_plan_has_no_place_for_are_told_by_table():
    result = read_xer(xer([activity(1, location_id=4, est_wt=1, guid="x")], TASKACTV=[{"task_id": 1}, {"task_id": 2}]))
    assert findings(result, "not-kept") == [
        "TASK: not kept, with how many values: location_id 1",
        "tables: not kept, with how many values: TASKACTV 2",
    ]


def test_a_word_that_is_not_known_is_told_and_read_as_empty():
    result = read_xer(xer([activity(1, task_type="TT_New"), activity(2, task_type="TT_New")]))
    assert result.plan.tasks[1].kind is TaskKind.TASK
    (told,) = findings(result, "unknown-word")
    assert told == 'line 13, TASK 1: task_type "TT_New" is not known: it is read as if it were empty (2 times)'


@pytest.mark.parametrize(
    ("column", "value", "must"),
    [
        ("remain_drtn_hr_cnt", "eight", "a number"),
        ("remain_drtn_hr_cnt", "1e99", "a number"),
        ("remain_drtn_hr_cnt", "NaN", "a number"),
        ("remain_drtn_hr_cnt", "9000000", "at most 876000 hours"),
        ("act_start_date", "yesterday", "a date and time such as 2026-01-31 08:00"),
        ("act_start_date", "2026-02-30 08:00", "a date and time such as 2026-01-31 08:00"),
        ("act_start_date", "0026-02-03 08:00", "a date and time of the years 1700 to 2399"),
        ("task_id", "99999999999", "from 0 to 2147483647"),
        ("task_id", "-4", "from 0 to 2147483647"),
    ],
)
def test_a_value_that_cannot_be_refuses_the_file_and_names_line_table_and_column(column, value, must):
    result = read_xer(xer([activity(1, **{column: value})]))
    assert result.plan is None
    first = result.errors[0]
    assert first.place.startswith("line 13, TASK")
    assert first.text == f'{column} is "{value}" but must be {must}'


def test_errors_are_told_one_by_one_only_up_to_a_number():
    result = read_xer(xer([activity(uid, remain_drtn_hr_cnt="x") for uid in range(1, 101)]))
    assert len(result.errors) == MAX_SINGLE + 1
    assert result.errors[-1].text == "80 more of this rule"


def test_an_activity_that_is_there_twice_refuses_the_file():
    result = read_xer(xer([activity(1), activity(1)]))
    assert result.errors[0].rule == "duplicate-uid"


def test_a_file_without_a_project_is_refused():
    result = read_xer(xer([activity(1)], PROJECT=[]))
    assert [error.rule for error in result.errors] == ["no-project"]


@pytest.mark.parametrize("calendars", [[], [CALENDAR | {"clndr_id": 3}]])
def test_a_project_whose_calendar_is_not_there_takes_another_and_says_so(calendars):
    result = read_xer(xer([activity(1)], CALENDAR=calendars))
    assert result.plan.project.calendar_uid in result.plan.calendars
    assert result.plan.tasks[1].calendar_uid in (None, result.plan.project.calendar_uid)
    told = [finding for finding in result.findings if finding.rule == "calendar-to-nowhere"]
    assert [finding.severity for finding in told] == [Severity.WARNING] * (1 + len(calendars))
