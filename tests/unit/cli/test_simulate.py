"""`nirman simulate` on files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nirman.cli.main import main
from nirman.interchange import write_plan
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.builders.uncertain import estimated


def uncertain() -> Plan:
    tasks = [estimated(make_task(uid, duration_minutes=2400, name=f"ঢালাই {uid}"), 0.2, 0.8) for uid in (1, 2)]
    return make_plan(tasks, [make_link(1, 1, 2)])


def saved(plan: Plan, folder: Path, name: str = "plan.json") -> str:
    path = folder / name
    path.write_bytes(write_plan(plan, schedule_plan(plan), {".json": "json", ".xml": "mspdi"}[path.suffix]))
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["simulate", *arguments]) == 0
    return capsys.readouterr().out


def test_json_has_percentiles_curves_indices_and_the_risk(tmp_path, capsys):
    path = saved(uncertain(), tmp_path)
    found = json.loads(told(capsys, path, "--iterations", "500", "--seed", "7", "--json"))
    assert (found["iterations"], found["seed"], found["status"]) == (500, 7, "complete")
    assert found["finish"]["planned"] == "2026-01-15T17:00:00"
    percentiles = found["finish"]["percentiles"]
    assert list(percentiles) == [str(number) for number in range(5, 100, 5)]
    assert list(percentiles.values()) == sorted(percentiles.values())
    assert found["finish_at_confidence"] == percentiles["80"]
    assert {task["uid"] for task in found["tasks"]} == {1, 2}
    assert found["tornado"][0].keys() >= {"source", "uid", "rank_correlation", "low_finish", "high_finish"}
    assert 0 < found["risk"]["score"] <= 100
    assert found["risk"]["contingency"]["working_days"] > 0


def test_the_same_seed_prints_the_same(tmp_path, capsys):
    path = saved(uncertain(), tmp_path)
    one, same, other = (told(capsys, path, "--iterations", "500", "--seed", seed, "--json") for seed in "779")
    assert one == same != other


def test_people_get_a_table(tmp_path, capsys):
    out = told(capsys, saved(uncertain(), tmp_path), "--iterations", "500", "--by", "2026-01-20")
    assert "P80" in out
    assert "ঢালাই 1" in out
    assert "finish by 2026-01-20 23:59: met in" in out
    assert "in reserve for 80 %" in out


def test_a_file_without_estimates_says_that_nothing_varies_and_takes_a_spread(tmp_path, capsys):
    plan = uncertain()
    plan = replace(plan, tasks={uid: replace(task, duration_estimate=None) for uid, task in plan.tasks.items()})
    path = saved(plan, tmp_path, "plan.xml")
    assert "note: nothing varies" in told(capsys, path, "--iterations", "100")
    spread = ("--spread-below", "10", "--spread-above", "40")
    found = json.loads(told(capsys, path, "--iterations", "500", *spread, "--json"))
    assert found["varying_tasks"] == 2
    assert found["finish"]["least"] < found["finish"]["planned"] < found["finish"]["most"]


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("--confidence", "100"), "confidence_percent"),
        (("--correlation", "1.5"), "correlation"),
        (("--iterations", "9999999"), "iterations"),
        (("--by", "tomorrow"), "must be a date"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_a_line(tmp_path, capsys, arguments, rule):
    assert main(["simulate", saved(uncertain(), tmp_path), *arguments]) == 2
    error = capsys.readouterr().err
    assert rule in error
    assert error.count("\n") == 1


def test_money_that_nobody_has_is_refused_where_it_stands(tmp_path, capsys):
    path = Path(saved(uncertain(), tmp_path))
    document = json.loads(path.read_bytes())
    document["plan"]["project"]["indirect_cost_per_day"] = "1e40"
    path.write_text(json.dumps(document))
    assert main(["simulate", str(path), "--iterations", "100"]) == 2
    rule = "a cost a day must be at most 10^15"
    assert capsys.readouterr().err == f"nirman: {path}: JSON: {rule} - at `$.plan.project`\n"


def test_a_plan_that_is_scheduled_from_its_finish_is_refused(tmp_path, capsys):
    plan = uncertain()
    project = replace(plan.project, schedule_from="finish", finish=plan.project.start.replace(month=6))
    path = saved(replace(plan, project=project), tmp_path)
    assert main(["simulate", path]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"nirman: {path}: project.schedule_from: a plan that is scheduled from its finish has")


def test_rain_that_never_ends_is_refused_with_file_place_and_rule(tmp_path, capsys):
    plan = make_plan([make_task(1, rain_stops_work=True)], rain_days=(31.0,) * 12)
    path = saved(plan, tmp_path)
    assert main(["simulate", path, "--iterations", "100"]) == 2
    rule = "rain must leave days to work on to every task that it stops"
    assert capsys.readouterr().err == f"nirman: {path}: project.rain_days: {rule}\n"
