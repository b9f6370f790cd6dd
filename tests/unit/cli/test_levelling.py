"""`nirman level` of plans: the levelled schedule as JSON for programs, and a report for people."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from nirman.cli.main import main
from nirman.interchange import write_plan
from nirman.planning.model import Assignment, Resource, ScheduleFrom
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_plan, make_task


def masons(tmp_path: Path, **values: object) -> Path:
    """Three tasks of one mason, of whom one must not move."""
    tasks = [make_task(1), make_task(2, priority=1000), make_task(3, duration_minutes=960)]
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1) for uid in (1, 2, 3)]
    plan = make_plan(tasks, resources=[Resource(uid=1, name="রাজমিস্ত্রি", **values)], assignments=assignments)
    found = tmp_path / "masons.json"
    found.write_bytes(write_plan(plan, schedule_plan(plan), "json"))
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return masons(tmp_path)


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one worker only work is counted, and the clock would end what is slow for other reasons."""
    monkeypatch.setattr("nirman.cli.searching.monotonic", lambda: 0.0)


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["level", *map(str, arguments), "--workers", "1", "--time-limit", "0.1"]) == 0
    return capsys.readouterr().out


def test_json_has_the_schedule_of_the_levelled_plan_and_how_good_it_is(path, capsys):
    found = json.loads(said(capsys, path, "--json"))
    assert {task["uid"]: task["start"] for task in found["tasks"]} == {
        1: "2026-01-05T08:00:00",
        2: "2026-01-04T08:00:00",
        3: "2026-01-06T08:00:00",
    }
    assert found["project"]["finish"] == found["finish"] == "2026-01-07T17:00:00"
    assert (found["makespan_minutes"], found["lower_bound"], found["gap"]) == (1920, 1920, 0.0)
    assert found["status"] == "optimal"
    assert [moved["uid"] for moved in found["moved"]] == [1, 3]
    assert found["moved"][0]["start"] == ["2026-01-04T08:00:00", "2026-01-05T08:00:00"]
    assert found["unresolved"] == []


def test_within_slack_what_cannot_be_is_told(path, capsys):
    found = json.loads(said(capsys, path, "--json", "--within-slack"))
    assert found["finish"] == found["finish_before"] == "2026-01-05T17:00:00"
    assert found["status"] == "partial"
    assert {reason["uid"] for left in found["unresolved"] for reason in left["reasons"]} >= {3}


def test_people_read_what_moved_and_what_remains(path, capsys):
    report = said(capsys, path)
    assert report.startswith(
        "Test: 2026-01-05 17:00 to 2026-01-07 17:00 by levelling\n4 days, optimal; at least 4 by energy"
    )
    assert "রাজমিস্ত্রি" in report
    assert "Task 3" in report
    assert "Task 2" not in report
    assert "not resolved" in said(capsys, path, "--within-slack")


def test_that_all_are_levelled_although_none_lets_itself_be_is_told(tmp_path, capsys):
    told = "no resource of the plan lets itself be levelled (can_level), so all of them are"
    path = masons(tmp_path, can_level=False)
    assert json.loads(said(capsys, path, "--json"))["notes"] == [told]
    assert f"note: {told}\n" in said(capsys, path)


def test_the_same_seed_gives_the_same_plan(path, capsys):
    assert said(capsys, path, "--json", "--seed", "7") == said(capsys, path, "--json", "--seed", "7")


@pytest.mark.parametrize("name", ["levelled.xml", "levelled.json"])
def test_the_levelled_plan_is_written_and_has_the_same_dates_when_read_again(path, tmp_path, capsys, name):
    out = tmp_path / name
    found = json.loads(said(capsys, path, "--json", "--out", out))
    assert main(["schedule", str(out), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert [(t["uid"], t["start"], t["finish"]) for t in again["tasks"]] == [
        (t["uid"], t["start"], t["finish"]) for t in found["tasks"]
    ]


def test_a_file_that_cannot_be_written_is_said_before_anything_is_searched(path, tmp_path, capsys):
    assert main(["level", str(path), "--out", str(tmp_path / "plan.doc")]) == 2
    assert "its extension must be that of" in capsys.readouterr().err


def test_a_plan_that_is_scheduled_from_its_finish_is_refused_with_place_and_rule(tmp_path, capsys):
    project = {"schedule_from": ScheduleFrom.FINISH, "finish": datetime(2026, 1, 15, 17)}
    path = tmp_path / "back.json"
    plan = make_plan(2, **project)
    path.write_bytes(write_plan(plan, schedule_plan(plan), "json"))
    assert main(["level", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"nirman: {path}: project.schedule_from: a plan that is scheduled from its finish is not")


def test_psplib_problems_have_no_slack_to_stay_in(tmp_path, capsys):
    path = tmp_path / "j30.sm"
    path.write_text("")
    assert main(["level", str(path), "--within-slack"]) == 2
    assert "problems of PSPLIB have neither slack nor splits" in capsys.readouterr().err


def test_a_file_that_is_no_plan_is_refused_in_one_line(tmp_path, capsys):
    path = tmp_path / "plan.xml"
    path.write_text("<Nothing/>")
    assert main(["level", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
