"""`nirman check`, `nirman compare` and `nirman schedule --paths` as a person or a program at a shell meets them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from nirman.cli.main import main
from nirman.interchange import write_plan
from nirman.planning.model import CalendarException, Plan
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task, working_week

CHECK_KEYS = [
    *("number", "name", "title", "verdict", "value", "threshold", "at_least", "numerator", "denominator"),
    *("uids", "link_uids", "note"),
]


def tower(**last) -> Plan:
    """Foundation, columns, roof in a chain of days, and a fence beside them; Eid may fall on the roof."""
    eid = CalendarException(start=date(2026, 1, 9), finish=date(2026, 1, 9), name="ঈদ", estimated=True)
    tasks = [
        make_task(1, name="ভিত্তি", duration_minutes=960),
        make_task(2, name="Columns", duration_minutes=960),
        make_task(3, name="Roof", **({"duration_minutes": 960} | last)),
        make_task(4, name="Fence"),
    ]
    links = [make_link(1, 1, 2), make_link(2, 2, 3, lag_minutes=-60), make_link(3, 4, 3)]
    return make_plan(tasks, links, calendars=[replace(working_week(), exceptions=(eid,))])


def saved(folder: Path, plan: Plan, name: str = "plan.json") -> str:
    path = folder / name
    path.write_bytes(write_plan(plan, schedule_plan(plan), "json"))
    return str(path)


@pytest.fixture
def plan(tmp_path: Path) -> str:
    return saved(tmp_path, tower())


def printed(capsys, *arguments: str):
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


def test_the_json_of_check_has_the_keys_that_programs_rely_on(plan, capsys):
    found = printed(capsys, "check", plan, "--json")
    assert list(found) == ["project", "pass", "fail", "not_applicable", "checks", "findings", "estimated_holidays"]
    assert found["project"] == {"start": "2026-01-04T08:00:00", "finish": "2026-01-11T16:00:00", "status_date": None}
    assert [check["number"] for check in found["checks"]] == list(range(1, 15))
    assert {tuple(check) for check in found["checks"]} == {tuple(CHECK_KEYS)}
    assert found["pass"] + found["fail"] + found["not_applicable"] == 14
    leads = found["checks"][1]
    assert (leads["name"], leads["verdict"], leads["uids"], leads["link_uids"]) == ("leads", "fail", [3], [2])
    assert leads["value"] == pytest.approx(1 / 3)
    missed = found["checks"][10]
    assert (missed["verdict"], missed["value"], missed["note"]) == (
        "not_applicable",
        None,
        "the plan has no baseline 0",
    )
    assert ("open-start", 4) in {(finding["rule"], finding["uid"]) for finding in found["findings"]}
    [eid] = found["estimated_holidays"]
    assert (eid["name"], eid["start"], eid["delay_minutes"]) == ("ঈদ", "2026-01-09", 480)
    assert eid["a_day_earlier"]["moved"] == 1
    assert eid["a_day_later"]["finish_minutes"] == 0


def test_the_table_of_check_names_what_fails_and_what_may_move(plan, capsys):
    assert main(["check", plan]) == 0
    out = capsys.readouterr().out
    row = next(text for text in out.splitlines() if "Links with a lead" in text)
    assert row.split()[-8:] == ["FAILED", "33.3%", "at", "most", "0.0%", "1", "of", "3"]
    assert '2. Links with a lead: 3 "Roof"' in out
    assert "11. Tasks due by the baseline that finish later than it says: the plan has no baseline 0" in out
    assert 'info: task "Fence" (4): has no predecessor' in out
    assert "ঈদ 2026-01-09: a day earlier 1 task moves, the finish +1d; a day later nothing moves" in out


def test_check_ends_with_0_unless_told_to_be_strict(tmp_path, plan, capsys):
    assert main(["check", plan, "--strict"]) == 1
    sound = make_plan(
        [make_task(1, duration_minutes=0), make_task(2), make_task(3, duration_minutes=0)],
        [make_link(1, 1, 2), make_link(2, 2, 3)],
    )
    assert main(["check", saved(tmp_path, sound, "sound.json"), "--strict"]) == 0
    capsys.readouterr()


def test_a_file_that_cannot_be_read_is_one_line_and_status_2(tmp_path, capsys):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for arguments in (["check", str(broken)], ["compare", str(broken), str(broken)], ["check", str(tmp_path / "none")]):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert err.startswith("nirman: ")


def test_compare_says_what_moved_and_why(tmp_path, plan, capsys):
    before = tower()
    longer = replace(before, tasks={**before.tasks, 1: replace(before.tasks[1], duration_minutes=1440)})
    after = saved(tmp_path, longer, "after.json")
    assert main(["compare", plan, after]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "Finish 2026-01-11 16:00 -> 2026-01-12 16:00"
    assert '  "ভিত্তি" (1): duration 2d -> 3d; moved 3 tasks, at most "ভিত্তি" +1d' in out
    assert '  "ভিত্তি" +1d -> "Columns" +1d: finishes 2026-01-07 17:00 -> 2026-01-08 17:00' in out
    found = printed(capsys, "compare", plan, after, "--json", "--limit", "1")
    assert list(found) == [
        *("project_finish", "minutes_per_day", "causes", "causes_left_out", "tasks", "tasks_left_out", "unexplained")
    ]
    assert (len(found["tasks"]), found["tasks_left_out"]) == (1, 2)
    assert found["tasks"][0]["finish_minutes"] == 480


def test_schedule_ranks_float_paths_when_asked(plan, capsys):
    assert "float_paths" not in printed(capsys, "schedule", plan, "--json")
    found = printed(capsys, "schedule", plan, "--json", "--paths", "2")
    assert found["longest_path"] == [1, 2, 3]
    first, second = found["float_paths"]
    assert first == {"number": 1, "float_minutes": 0, "uids": [1, 2, 3], "joins": None}
    assert (second["uids"], second["joins"]) == ([4], 3)
    assert main(["schedule", plan, "--paths", "2"]) == 0
    assert "\n2. 2.88d: 4 -> 3 (of a path above)\n" in capsys.readouterr().out


def test_schedule_ranks_the_paths_into_a_task(plan, capsys):
    found = printed(capsys, "schedule", plan, "--json", "--paths", "5", "--end", "2", "--by-total-float")
    assert [path["uids"] for path in found["float_paths"]] == [[1, 2]]
    assert main(["schedule", plan, "--paths", "5", "--end", "9"]) == 2
    assert capsys.readouterr().err == f"nirman: {plan}: --end: there is no task 9 that takes part in the network\n"


def test_findings_of_the_schedule_are_among_those_of_schedule(tmp_path, capsys):
    late = saved(tmp_path, tower(deadline=datetime(2026, 1, 8, 17)))
    found = printed(capsys, "schedule", late, "--json")
    assert ("negative-slack", 3) in {(finding["rule"], finding["uid"]) for finding in found["findings"]}
    assert main(["schedule", late]) == 0
    assert 'warning: task "Roof" (3): deadline 2026-01-08 17:00' in capsys.readouterr().out
