"""Formats are found by name and content, and loaded when used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nirman.errors import InvalidInputError, UnreadableFileError
from nirman.interchange import FORMATS, read_plan, write_plan
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_plan

PLAN = make_plan(3)
SCHEDULE = schedule_plan(PLAN)
WRITABLE = [name for name, known in FORMATS.items() if known.writer]


@pytest.mark.parametrize("name", WRITABLE)
def test_every_format_writes_and_progress_ends_at_a_hundred(name):
    told: list[int] = []
    data = write_plan(PLAN, SCHEDULE, name, told.append)
    assert len(data) > 100
    assert told[0] == 0
    assert told[-1] == 100
    assert told == sorted(set(told))


@pytest.mark.parametrize("name", WRITABLE)
def test_the_same_plan_gives_the_same_bytes(name):
    assert write_plan(PLAN, SCHEDULE, name) == write_plan(PLAN, SCHEDULE, name)


@pytest.mark.parametrize(
    ("name", "file"), [("mspdi", "Plan.XML"), ("json", "plan.json"), ("json", "upload"), ("mspdi", "")]
)
def test_the_extension_or_else_the_content_tells_the_format(name, file):
    result = read_plan(write_plan(PLAN, SCHEDULE, name), file)
    assert result.plan is not None
    assert list(result.plan.tasks) == [1, 2, 3]


@pytest.mark.parametrize("file", ["plan.pdf", "plan.docx", "plan"])
def test_a_file_that_cannot_be_read_is_refused_with_what_can(file):
    with pytest.raises(UnreadableFileError, match=r"\.xml.*\.json"):
        read_plan(b"%PDF-1.7", file)


def test_a_format_that_is_only_written_is_refused_as_such():
    with pytest.raises(UnreadableFileError) as refused:
        read_plan(write_plan(PLAN, SCHEDULE, "xlsx"), "plan.xlsx")
    assert refused.value.rule.startswith("Excel workbook (.xlsx) is written, but not read: the file must be one of: ")


def test_an_unknown_format_is_refused_with_those_there_are():
    with pytest.raises(InvalidInputError, match="mspdi, xlsx, pdf, json"):
        write_plan(PLAN, SCHEDULE, "docx")


def test_importing_the_package_loads_no_library_of_any_format():
    heavy = "lxml", "openpyxl", "xlsxwriter", "fpdf", "holidays", "uharfbuzz"
    code = f"import sys, nirman.interchange, nirman.demo; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout.strip() == "[]"


def _environment():
    return {"PYTHONPATH": ":".join(path for path in sys.path if path)}
