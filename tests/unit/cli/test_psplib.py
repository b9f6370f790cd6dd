"""`nirman schedule` and `nirman level` of PSPLIB files, checked by code that shares nothing with the solver."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from nirman.cli.main import main
from nirman.optimization.levelling import Moved
from tests.support.rcpsp_checker import PsplibFile, makespan, violations
from tests.unit.interchange.test_psplib import SMALL

DATA = Path(__file__).parents[4] / "shared" / "data" / "psplib"


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.mm"
    path.write_text(SMALL)
    return str(path)


def printed(capsys, *arguments: str):
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


def test_schedule_prints_whole_periods_by_job_without_regard_to_resources(small, capsys):
    found = printed(capsys, "schedule", small, "--json")
    assert found["project"] == {"start": 0, "finish": 4, "status_date": None}
    assert found["tasks"][1:3] == [
        {"uid": 2, "start": 0, "finish": 3, "mode": 1},
        {"uid": 3, "start": 0, "finish": 4, "mode": 1},
    ]


def test_level_prints_the_keys_that_programs_rely_on(small, capsys):
    found = printed(capsys, "level", small, "--json", "--time-limit", "60")
    assert list(found)[:9] == [
        *("project", "tasks", "findings", "finish", "makespan_minutes", "lower_bound", "gap", "status", "moved")
    ]
    assert (found["makespan_minutes"], found["lower_bound"], found["gap"], found["status"]) == (4, 4, 0.0, "optimal")
    assert [task["uid"] for task in found["tasks"]] == [1, 2, 3, 4]


def test_what_moved_has_the_keys_of_a_plan_in_periods(tmp_path, capsys):
    path = tmp_path / "one_by_one.mm"
    path.write_text(SMALL.replace("  3      1     4       0", "  3      1     4       2"))
    found = printed(capsys, "level", str(path), "--json", "--workers", "1", "--time-limit", "60")
    moved = next(moved for moved in found["moved"] if moved["uid"] == 3)
    assert moved == {
        "uid": 3,
        "name": "3",
        "from_start": 0,
        "from_finish": 4,
        "to_start": 3,
        "to_finish": 7,
        "minutes": 3,
        "delay_minutes": 3,
        "pauses": 0,
        "start": [0, 3],
    }
    sink = next(moved for moved in found["moved"] if moved["uid"] == 4)
    assert (sink["minutes"], sink["delay_minutes"]) == (3, 0)
    assert {field.name for field in fields(Moved)} | {"start"} == set(moved)


def test_with_one_worker_the_same_seed_prints_the_same(small, capsys):
    arguments = ("level", small, "--json", "--time-limit", "60", "--workers", "1", "--seed", "5")
    assert printed(capsys, *arguments) == printed(capsys, *arguments)


def test_people_get_a_table(small, capsys):
    assert main(("level", small, "--time-limit", "60")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{small}: 4 periods, optimal; at least 4, gap 0.0 %"
    assert lines[2].split() == ["job", "start", "finish", "mode"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("level", "{}", "--time-limit", "0"), "must be a number of seconds above 0"),
        (("level", "{}", "--seed", "-1"), "must be a whole number, at least 0"),
    ],
)
def test_wrong_use_is_told(arguments, told, small, capsys):
    with pytest.raises(SystemExit) as caught:
        main([argument.replace("{}", small) for argument in arguments])
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("command", ["level", "schedule"])
def test_a_wrong_file_is_told_with_its_line(command, tmp_path, capsys):
    path = tmp_path / "wrong.sm"
    path.write_text(SMALL.replace(":  4\n", ":  x\n"))
    assert main((command, str(path))) == 2
    assert capsys.readouterr().err == f"nirman: {path}: line 6: 'x' must be a whole number from 1 to 20000\n"


def test_what_cannot_be_levelled_is_told_with_the_rule(tmp_path, capsys):
    path = tmp_path / "scarce.mm"
    path.write_text(SMALL.replace("    2    5\n", "    0    5\n"))
    assert main(("level", str(path))) == 2
    assert capsys.readouterr().err == f"nirman: {path}: 2 needs 2 of R 1, and there are 0 at most\n"


@pytest.mark.parametrize("name", ["j30/j301_1.sm", "j60/j601_1.sm", "j120/j1201_1.sm", "mm/j3010_1.mm"])
def test_what_is_printed_of_a_real_file_is_a_schedule_of_it(name, capsys):
    path = DATA / name
    if not path.exists():
        pytest.skip("../shared is not beside the project")
    found = printed(capsys, "level", str(path), "--json", "--time-limit", "0.5")
    starts = {task["uid"]: task["start"] for task in found["tasks"]}
    modes = {task["uid"]: task.get("mode", 1) for task in found["tasks"]}
    file = PsplibFile(path.read_text())
    assert violations(file, starts, modes) == []
    assert makespan(file, starts, modes) == found["makespan_minutes"] >= found["lower_bound"]


def test_the_checker_sees_what_is_wrong():
    file = PsplibFile(SMALL)
    right = {1: 0, 2: 0, 3: 0, 4: 4}
    assert violations(file, right) == []
    assert violations(file, right | {4: 3}) == ["job 4 starts before job 3 ends"]
    assert violations(file, right | {1: -1}) == ["job 1 starts before 0"]
    assert violations(file, {1: 0}) == ["not every job has a start"]
    assert violations(PsplibFile(SMALL.replace("    2    5\n", "    1    5\n")), right)[0].startswith(
        "resource 1 gives 2"
    )
    cheap = PsplibFile(SMALL.replace("    2    5\n", "    2    4\n"))
    assert violations(cheap, {1: 0, 2: 0, 3: 0, 4: 5}, {1: 1, 2: 2, 3: 1, 4: 1}) == ["non-renewable 1 gives 5"]
