"""`nirman schedule` and `nirman convert` as a person or a program at a shell meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nirman.cli.files import told_of
from nirman.cli.main import main
from nirman.cli.output import show
from nirman.cli.table import table, width
from nirman.errors import InvalidInputError, LimitExceededError

ROOT = Path(__file__).parents[3]
KEYS = [
    *("uid", "id", "wbs", "name", "summary", "milestone", "start", "finish", "early_start", "early_finish"),
    *("late_start", "late_finish", "total_slack_minutes", "free_slack_minutes", "critical", "driver"),
]
PLAN = """<?xml version="1.0" encoding="UTF-8"?>
<Project xmlns="http://schemas.microsoft.com/project"><Title>সেতু</Title>
<StartDate>2026-01-05T08:00:00</StartDate><StatusDate>2026-01-06T17:00:00</StatusDate>
<Tasks>
<Task><UID>7</UID><Name>ভিত্তি</Name><OutlineLevel>1</OutlineLevel><Duration>PT16H0M0S</Duration></Task>
<Task><UID>9</UID><Name>Handover</Name><OutlineLevel>1</OutlineLevel><Duration>PT0H0M0S</Duration>
<PredecessorLink><PredecessorUID>7</PredecessorUID><Type>1</Type></PredecessorLink></Task>
</Tasks></Project>
"""


@pytest.fixture
def plan(tmp_path) -> str:
    path = tmp_path / "plan.xml"
    path.write_text(PLAN, encoding="utf-8")
    return str(path)


def refused(capsys, *arguments: str) -> str:
    """The one line on stderr; nothing on stdout."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("\n")
    assert err.count("\n") == 1
    return err


def test_the_json_has_the_keys_that_programs_rely_on(plan, capsys):
    assert main(["schedule", plan, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["project", "tasks", "findings"]
    assert found["project"] == {
        "start": "2026-01-05T08:00:00",
        "finish": "2026-01-06T17:00:00",
        "status_date": "2026-01-06T17:00:00",
    }
    first, second = found["tasks"]
    assert list(first) == list(second) == KEYS
    assert (first["uid"], first["name"], first["start"]) == (7, "ভিত্তি", "2026-01-05T08:00:00")
    assert (second["milestone"], second["driver"], second["id"], second["wbs"]) == (True, 7, 2, "2")
    assert (second["total_slack_minutes"], second["critical"]) == (0, True)
    assert found["findings"][0].keys() == {"severity", "rule", "text", "place", "uid"}


def test_the_table_marks_the_critical_path_and_names_the_driver(plan, capsys):
    assert main(["schedule", plan]) == 0
    out = capsys.readouterr().out
    assert out.startswith("সেতু: 2026-01-05 08:00 to 2026-01-06 17:00\n")
    row = next(line for line in out.splitlines() if "Handover" in line)
    assert row.startswith("*")
    assert row.split() == ["*", "2", "2", "Handover", "(milestone)", *["2026-01-06", "17:00"] * 2, "0", "1"]
    assert "warning: Project: the project names no calendar" in out


def test_convert_writes_a_file_that_schedules_the_same(plan, tmp_path, capsys):
    other = str(tmp_path / "other.xml")
    assert main(["convert", plan, other]) == 0
    capsys.readouterr()
    main(["schedule", plan, "--json"])
    before = json.loads(capsys.readouterr().out)["tasks"]
    main(["schedule", other, "--json"])
    assert json.loads(capsys.readouterr().out)["tasks"] == before


def test_convert_may_be_told_the_format(plan, tmp_path):
    other = tmp_path / "plan.data"
    assert main(["convert", plan, str(other), "--to", "json"]) == 0
    assert json.loads(other.read_bytes())


def test_convert_leaves_no_half_file_and_no_other_file(plan, tmp_path, capsys):
    assert "is none of" in refused(capsys, "convert", plan, str(tmp_path / "a.xml"), "--to", "docx")
    assert "extension" in refused(capsys, "convert", plan, str(tmp_path / "a.docx"))
    assert "nowhere" in refused(capsys, "convert", plan, str(tmp_path / "nowhere" / "a.xml"))
    assert [path.name for path in tmp_path.iterdir()] == ["plan.xml"]


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    path = str(tmp_path / "none.xml")
    assert refused(capsys, "schedule", path) == f"nirman: {path}: No such file or directory\n"


def test_a_folder_is_no_plan(tmp_path, capsys):
    assert "Is a directory" in refused(capsys, "schedule", str(tmp_path))


def test_an_error_names_file_place_and_rule(tmp_path, capsys):
    path = tmp_path / "bad.xml"
    path.write_text(PLAN.replace("<PredecessorUID>7", "<PredecessorUID>8"), encoding="utf-8")
    assert refused(capsys, "schedule", str(path)) == (
        f"nirman: {path}: line 6, Task UID 9: its predecessor 8 is not in the file\n"
    )
    path.write_text("<Project", encoding="utf-8")
    assert refused(capsys, "schedule", str(path)).startswith(f"nirman: {path}: line 1: is not well-formed XML")


def test_a_limit_that_a_plan_is_beyond_is_told_with_the_file():
    with pytest.raises(LimitExceededError, match=r"^plan\.sm: too long$") as told, told_of("plan.sm"):
        raise LimitExceededError("too long", what="periods", limit=9)
    assert told.value.details() == {"what": "periods", "limit": 9}


def test_several_errors_are_counted(tmp_path, capsys):
    path = tmp_path / "bad.xml"
    path.write_text(PLAN.replace("PT16H0M0S", "long").replace("PT0H0M0S", "short"), encoding="utf-8")
    assert "(and 1 more)" in refused(capsys, "schedule", str(path))


def test_a_file_that_is_too_large_is_refused_unread(tmp_path, capsys):
    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    assert "must not be larger than 64 MB" in refused(capsys, "schedule", str(path))


def test_a_name_cannot_command_the_terminal(tmp_path, capsys):
    path = tmp_path / "plan.xml"
    path.write_text(PLAN.replace("Handover", "Hand&#9;over"), encoding="utf-8")
    assert main(["schedule", str(path)]) == 0
    assert "Hand over" in capsys.readouterr().out


def test_wrong_use_ends_with_status_2(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["schedule"])
    assert ended.value.code == 2


def test_columns_line_up_whatever_the_script():
    assert [width(text) for text in ("abc", "日本", "é", "কি")] == [3, 4, 1, 2]
    lines = list(table(("id", "name", "x"), [("1", "日本", "a"), ("10", "abc", "b")], right=frozenset({"id"})))
    assert lines == ["id  name  x", " 1  日本  a", "10  abc   b"]


def test_of_a_report_that_breaks_off_nothing_is_printed(capsys):
    def lines() -> Iterator[str]:
        yield "first"
        raise InvalidInputError("the rest cannot be told")

    with pytest.raises(InvalidInputError):
        show(dict, lines, as_json=False)
    assert capsys.readouterr().out == ""


def test_a_reader_that_has_enough_is_no_error(plan):
    """As in `nirman schedule plan.xml --json | head -1`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "shared")}
    command = [sys.executable, "-m", "nirman.cli.main", "schedule", plan, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_a_locale_without_bengali_is_no_error(plan):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "shared"), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "nirman.cli.main", "schedule", plan]
    found = subprocess.run(command, check=True, capture_output=True, env=environment)
    assert "ভিত্তি" in found.stdout.decode()


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom nirman.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'lxml', 'msgspec', 'boto3', 'fastapi', 'pydantic', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "shared")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, stdout=subprocess.DEVNULL)
