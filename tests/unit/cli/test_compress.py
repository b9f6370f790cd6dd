"""`nirman compress` as a person or a program at a shell meets it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from nirman.cli.main import main
from nirman.interchange.formats import write_plan
from nirman.planning.model import ScheduleFrom
from nirman.planning.schedule import schedule_plan
from tests.builders.faster import WORKDAY, crash
from tests.builders.plans import make_link, make_plan, make_task

MSPDI = """<?xml version="1.0" encoding="UTF-8"?>
<Project xmlns="http://schemas.microsoft.com/project"><Title>সেতু</Title>
<StartDate>2026-01-05T08:00:00</StartDate>
<Tasks>
<Task><UID>7</UID><Name>ভিত্তি</Name><OutlineLevel>1</OutlineLevel><Duration>PT40H0M0S</Duration></Task>
<Task><UID>9</UID><Name>Deck</Name><OutlineLevel>1</OutlineLevel><Duration>PT40H0M0S</Duration>
<PredecessorLink><PredecessorUID>7</PredecessorUID><Type>1</Type></PredecessorLink></Task>
</Tasks></Project>
"""
TABLE = "uid,duration,cost\n7,3d,1000\n9,32h,300\n9,1440,1000\n"


@pytest.fixture
def mspdi(tmp_path) -> str:
    path = tmp_path / "bridge.xml"
    path.write_text(MSPDI, encoding="utf-8")
    return str(path)


@pytest.fixture
def table(tmp_path) -> Path:
    path = tmp_path / "crash.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def printed(capsys, *arguments: str) -> str:
    assert main(["compress", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys, *arguments: str) -> str:
    """The one line on stderr; nothing on stdout."""
    assert main(["compress", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.removeprefix("nirman: ").rstrip("\n")


def test_the_json_has_the_keys_that_programs_rely_on(mspdi, table, capsys):
    found = json.loads(printed(capsys, mspdi, "--finish", "2026-01-15", "--crash-file", str(table), "--json"))
    assert found["status"] == "optimal"
    assert found["project"]["finish"] == found["after"]["finish"] == "2026-01-15T17:00:00"
    assert found["before"]["finish"] == "2026-01-16T17:00:00"
    assert (found["cost"], found["bound"]) == ("300.0000", "300.0000")
    assert found["shortened"] == [
        {"uid": 9, "name": "Deck", "from_minutes": 2400, "to_minutes": 1920, "cost": "300", "cost_per_day": "700.0000"}
    ]
    assert found["operations"][0]["values"] == {"duration_minutes": 1920}
    assert [moved["uid"] for moved in found["moved"]] == [9]


def test_people_read_what_is_shortened_and_what_it_costs(mspdi, table, capsys):
    lines = printed(capsys, mspdi, "--budget", "1300", "--crash-file", str(table)).splitlines()
    assert lines[0] == "সেতু: 2026-01-13 17:00 for 1,300.00 more, proven to be the best"
    assert any(line.split()[:4] == ["7", "ভিত্তি", "5d", "3d"] for line in lines)


def test_the_curve_is_a_table_of_finishes(mspdi, table, capsys):
    lines = printed(capsys, mspdi, "--curve", "--crash-file", str(table)).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("finish"))
    assert [line.split()[0] for line in lines[place + 1 :]] == ["2026-01-16", "2026-01-15", "2026-01-13", "2026-01-12"]


def test_a_file_without_faster_ways_is_told_how_to_bring_them(mspdi, capsys):
    out = printed(capsys, mspdi, "--optimum")
    assert "--crash-file CSV brings uid, duration, cost" in out
    assert "nothing can be bought: no task has a faster way" in out


def test_a_plan_of_nirman_s_own_format_brings_its_faster_ways(tmp_path, capsys):
    plan = make_plan(
        [make_task(1, duration_minutes=4 * WORKDAY, crash=crash((WORKDAY, 300))), make_task(2)], [make_link(1, 1, 2)]
    )
    path = tmp_path / "plan.json"
    path.write_bytes(write_plan(plan, schedule_plan(plan), "json"))
    found = json.loads(printed(capsys, str(path), "--finish", "2026-01-07T17:00", "--json"))
    assert (found["status"], found["cost"]) == ("optimal", "100.0000")


def test_a_date_out_of_reach_says_what_holds_the_finish(mspdi, table, capsys):
    out = printed(capsys, mspdi, "--finish", "2026-01-10", "--crash-file", str(table))
    assert "cannot finish by then" in out
    assert "7 ভিত্তি: 1440 minutes are the fewest on offer" in out
    assert "the earliest finish is 2026-01-12 17:00" in out


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("uid,cost\n7,1\n", 1, "the first line must name the columns uid, duration, cost; there is no duration"),
        ("", 1, "the first line must name the columns uid, duration, cost; there is no uid"),
        ("uid,duration,cost\n8,3d,1\n", 2, "uid must be that of a task; there is no task '8'"),
        ("uid,duration,cost\n7,3w,1\n", 2, "duration must be like 960, 960m, 16h or 2d, not '3w'"),
        ("uid,duration,cost\n7,0.001h,1\n", 2, "duration must be whole minutes, at most a hundred years"),
        ("uid,duration,cost\n7,5d,1\n", 2, "a faster way must be shorter than the task: 2400 minutes are not less"),
        ("uid,duration,cost\n7,3d,-1\n", 2, "cost must be a number, not negative, not '-1'"),
        ("uid,duration,cost\n7,3d,NaN\n", 2, "cost must be a number, not negative, not 'NaN'"),
        ("uid,duration,cost\n7,3d,1e40\n", 2, "cost must be at most 10^15, not '1e40'"),
        ("uid,duration,cost,linear\n7,3d,1,maybe\n", 2, "linear must be yes or no"),
        ("uid,duration,cost\n7,3d,9\n7,2d,1\n", 3, "of task 7 a shorter duration must cost no less"),
        ("uid,duration,cost,linear\n7,3d,1,no\n7,2d,9,yes\n", 3, "the lines of task 7 must agree on linear"),
        ('uid,duration,cost\n"7,3d,1\n', 2, "not a table"),
    ],
)
def test_a_table_that_breaks_a_rule_is_refused_with_its_line(mspdi, table, capsys, text, line, rule):
    table.write_text(text, encoding="utf-8")
    said = refused(capsys, mspdi, "--curve", "--crash-file", str(table))
    assert said.startswith(f"{table}: line {line}: {rule}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--finish", "soon"), "--finish: must be a date like 2026-03-31 or 2026-03-31T17:00, not 'soon'"),
        (("--finish", "2026-01-15T17:00+06:00"), "--finish: is local to the project, without an offset"),
        (("--finish", "9999-12-31"), "--finish: must be before the last day that there is"),
        (("--budget", "much"), "--budget: must be a number, not 'much'"),
        (("--budget", "-1"), "--budget: must be a number, not negative"),
        (("--curve", "--workers", "99"), "options: Expected `int` <= 8"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused_with_the_option(mspdi, capsys, arguments, said):
    assert refused(capsys, mspdi, *arguments).startswith(said)


def test_a_plan_that_is_scheduled_from_its_finish_is_refused_with_file_place_and_rule(tmp_path, capsys):
    plan = make_plan(2, schedule_from=ScheduleFrom.FINISH, finish=datetime(2026, 1, 15, 17))
    path = tmp_path / "back.json"
    path.write_bytes(write_plan(plan, schedule_plan(plan), "json"))
    place = f"{path}: project.schedule_from: a plan that is scheduled from its finish ends where it ends"
    assert refused(capsys, str(path), "--curve").startswith(place)


def test_one_thing_has_to_be_asked_for(mspdi, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["compress", mspdi])
    assert exit_.value.code == 2
    with pytest.raises(SystemExit):
        main(["compress", mspdi, "--curve", "--budget", "1"])
    assert "not allowed with argument" in capsys.readouterr().err


def test_a_table_that_is_not_there_is_named(mspdi, capsys):
    assert "nowhere.csv" in refused(capsys, mspdi, "--curve", "--crash-file", "nowhere.csv")
