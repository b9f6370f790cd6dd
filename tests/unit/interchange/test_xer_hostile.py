"""XER files that are damaged or meant to harm: refused with line and rule, in bounded time and memory."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nirman.errors import InvalidPlanError, UnreadableFileError
from nirman.interchange import p6_gathering, read_plan, xer_tables
from nirman.interchange.xer_reader import read_xer
from nirman.planning.schedule import schedule_plan
from tests.unit.interchange.p6_files import CALENDAR, PROJECT, activity, link, xer

HEAD = b"ERMHDR\t19.12\r\n"
GOOD = xer([activity(1), activity(2)], TASKPRED=[link(5, 1, 2)])


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        read_xer(data, **limits)
    return str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\n", b"%T\tTASK\n", b"ERMHDRX\t1\n", b"\x00" * 1000, b"<xml/>"])
def test_what_does_not_begin_as_xer_is_refused(data):
    assert refused(data) == 'line 1: an XER file must begin with "ERMHDR"'


def test_a_file_that_is_too_large_is_refused_before_it_is_read():
    assert "must not be larger than 0 MB" in refused(GOOD, max_bytes=100)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"%R\t1\r\n", "line 2: a row (%R) must stand below a table (%T)"),
        (b"%T\tTASK\r\n%R\t1\r\n", "line 3, table TASK: a row (%R) must stand below its table's columns (%F)"),
        (b"%T\tTASK\r\n%T\tTASK\r\n", "line 3, table TASK: a table must be there once, this one is already on line 2"),
        (b"%T\tTASK\r\n%F\ta\r\n%F\tb\r\n", "line 4, table TASK: a table must have its columns (%F) once"),
        (
            b"%T\tTASK\r\n%F" + b"\tx" * 5000 + b"\r\n",
            "line 3, table TASK: a table must not have more than 1000 columns",
        ),
    ],
)
def test_what_breaks_the_form_is_refused_with_line_and_table(text, rule):
    assert refused(HEAD + text) == rule


def test_a_row_that_is_too_long_is_refused():
    long = b"x" * (4 * 2**20 + 1)
    assert "must not have more than" in refused(HEAD + b"%T\tTASK\r\n%F\ttask_id\r\n%R\t" + long)
    many_lines = b"\n".join([b"x" * 1000] * 5000)
    assert "must not have more than" in refused(HEAD + b"%T\tTASK\r\n%F\ttask_id\r\n%R\t1\r\n" + many_lines)


def test_a_table_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(xer_tables, "MAX_RECORDS", 10)
    assert refused(xer([activity(uid) for uid in range(1, 12)])).endswith("must not have more than 10 rows")


def test_too_many_exceptions_are_refused(monkeypatch):
    monkeypatch.setattr(p6_gathering, "MAX_EXCEPTIONS", 10)
    days = "".join(f"(0||{n}(d|{46000 + 2 * n})())" for n in range(11))
    data = f"(0||CalendarData()((0||DaysOfWeek()())(0||Exceptions()({days}))))"
    calendars = [CALENDAR | {"clndr_data": data}]
    assert "must not have more than 10 exceptions" in refused(xer([activity(1)], CALENDAR=calendars))


def test_a_file_of_tabs_takes_little_more_memory_than_itself():
    data = HEAD + b"%T\tTASK\r\n%F\ttask_id\ttask_code\r\n" + (b"%R" + b"\t" * 4000 + b"\r\n") * 1000
    tracemalloc.start()
    try:
        read_xer(data)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(data)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "tables",
    [
        {"TASKMEMO": [{"memo_id": 1, "task_id": 1, "task_memo": "<style>" * 40_000}]},
        {"TASKMEMO": [{"memo_id": 1, "task_id": 1, "task_memo": " " * 300_000 + "<x"}]},
        {"TASKMEMO": [{"memo_id": 1, "task_id": 1, "task_memo": "<" * 300_000}]},
        {"tasks": [activity(1, location_id="0" * 3_000_000 + "1")]},
        {"tasks": [activity(1, remain_drtn_hr_cnt="9" * 3_000_000)]},
        {"tasks": [activity(1, act_start_date="2" * 3_000_000)]},
        {"PROJWBS": [{"wbs_id": n, "proj_id": 1, "parent_wbs_id": n + 1} for n in range(10, 30_000)]},
        {"CALENDAR": [CALENDAR | {"clndr_id": n, "base_clndr_id": n + 1} for n in range(1, 5_000)]},
        {"PROJECT": [PROJECT | {"proj_id": n} for n in range(1, 5_000)]},
    ],
    ids=["styles", "blanks", "brackets", "zeros", "digits", "date", "deep-wbs", "deep-calendars", "projects"],
)
def test_what_is_made_to_take_long_does_not(tables):
    data = xer(**{"tasks": [activity(1)], **tables})
    started = process_time()
    read_xer(data)
    assert process_time() - started < 5


def test_a_file_that_was_cut_off_is_read_and_this_is_told():
    result = read_xer(GOOD[: GOOD.index(b"%T\tTASKPRED")])
    assert set(result.plan.tasks) == {1, 2}
    assert "no-end" in {finding.rule for finding in result.findings}


def test_an_extension_or_the_first_word_tells_that_a_file_is_xer():
    for name in ("plan.xer", "PLAN.XER", "upload"):
        assert set(read_plan(GOOD, name).plan.tasks) == {1, 2}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_does_more_than_refuse_the_file(data):
    """Bytes are changed, cut out and put in anywhere; what is read then can be scheduled or names its rule."""
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged)))
        cut = data.draw(st.integers(0, 12))
        damaged[at : at + cut] = data.draw(
            st.binary(max_size=12) | st.sampled_from([b"\t", b"\r\n", b"%T\t", b"-", b"9"])
        )
    try:
        result = read_xer(bytes(damaged))
    except UnreadableFileError:
        return
    assert (result.plan is None) == bool(result.errors)
    if result.plan is not None:
        with suppress(InvalidPlanError):  # what can be read may still be a plan that cannot be
            schedule_plan(result.plan)
