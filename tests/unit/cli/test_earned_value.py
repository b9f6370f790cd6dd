"""`nirman schedule` of a plan that is measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nirman.cli.main import main
from nirman.interchange.json_format import write_json
from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_plan
from tests.unit.interchange.examples import tracked_plan


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command prints of a plan."""

    def run(plan: Plan, *arguments: str) -> str:
        path = tmp_path / "plan.json"
        path.write_bytes(write_json(plan, schedule_plan(plan)))
        assert main(["schedule", str(path), *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_figures_of_the_project_and_of_each_task_are_added(told: Any) -> None:
    found = json.loads(told(tracked_plan(), "--json"))["earned_value"]
    assert (found["baseline"], found["status_date"], found["currency"]) == (0, "2026-01-05T12:00:00", "BDT")
    assert (found["project"]["bac"], found["project"]["ev"], found["project"]["ac"]) == ("1952.05", "950.36", "700.01")
    assert [task["uid"] for task in found["tasks"]] == [1, 2, 3, 4]
    assert found["tasks"][3]["figures"]["spi"] == pytest.approx(0.3)
    assert found["schedule"]["planned"] == 2


@pytest.mark.parametrize("without", ["baselines", "status_date"])
def test_nothing_is_added_where_nothing_can_be_measured(told: Any, without: str) -> None:
    plan = tracked_plan()
    if without == "baselines":
        plan = replace(plan, baselines={})
    else:
        plan = replace(plan, project=replace(plan.project, status_date=None))
    assert json.loads(told(plan, "--json")).keys() == {"project", "tasks", "findings"}


def test_without_baseline_0_the_first_there_is_counts(told: Any) -> None:
    plan = tracked_plan()
    plan = replace(plan, baselines={10: plan.baselines[10]})
    assert json.loads(told(plan, "--json"))["earned_value"]["baseline"] == 10


def test_money_is_told_by_period_when_asked(told: Any) -> None:
    days = json.loads(told(tracked_plan(), "--json", "--series", "day"))["series"]
    assert [day["start"] for day in days] == ["2026-01-04", "2026-01-05"]
    assert days[1]["planned_value"] == {"amount": "137.50", "total": "1952.05"}
    assert json.loads(told(make_plan(1), "--json", "--series", "month"))["series"] == []


def test_people_get_tables(told: Any) -> None:
    text = told(tracked_plan(), "--series", "week")
    assert "Earned value at 2026-01-05 12:00 against baseline 0, in BDT" in text
    assert "1,952.05" in text
    assert "SPI(t) 0.35" in text
    assert text.splitlines()[-1].startswith("2026-01-04")


def test_a_file_of_ms_project_is_measured_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], told: Any
) -> None:
    plan = tracked_plan()
    path = tmp_path / "plan.xml"
    path.write_bytes(write_mspdi(plan, schedule_plan(plan)))
    assert main(["schedule", str(path), "--json"]) == 0
    theirs = json.loads(capsys.readouterr().out)["earned_value"]["project"]
    assert theirs == json.loads(told(plan, "--json"))["earned_value"]["project"]
