"""The compiled kernels: one for each processor, in the layer, and told by their sources."""

from __future__ import annotations

import re
import struct
from enum import StrEnum
from fnmatch import fnmatch

import pytest
from aws_lambda_builders.workflows.python_pip.workflow import PythonPipWorkflow

from nirman.local.kernel import FOLDERS, main
from nirman.planning.model import ConstraintKind, LinkKind, ProgressLogic, Rules, SlackKind, TaskKind
from nirman.scheduling.kernel import FOLDER, library_name

HEADER = (FOLDER / "kernel.h").read_text()
MACHINES = {"x86_64": 62, "aarch64": 183}
"""e_machine of an ELF file."""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
@pytest.mark.parametrize("machine", sorted(MACHINES))
def test_the_layer_has_each_kernel_for_every_processor_of_lambda(folder, machine):
    name = library_name("Linux", machine)
    head = (folder / name).read_bytes()[:20]
    assert (head[:4], struct.unpack_from("<H", head, 18)[0]) == (b"\x7fELF", MACHINES[machine])
    assert not any(fnmatch(name, pattern) for pattern in PythonPipWorkflow.EXCLUDED_FILES)


def test_a_kernel_is_not_compiled_again_while_its_sources_are_older():
    libraries = [path for folder in FOLDERS for path in folder.glob("*.lib")]
    kept = {path: path.stat().st_mtime_ns for path in libraries}
    main()
    assert {path: path.stat().st_mtime_ns for path in libraries} == kept


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (ConstraintKind, "ConstraintKind"),
        (LinkKind, "LinkKind"),
        (TaskKind, "TaskKind"),
        (Rules, "RulesKind"),
        (ProgressLogic, "ProgressLogic"),
        (SlackKind, "SlackKind"),
    ],
)
def test_the_kernel_numbers_kinds_as_the_plan_does(kind: type[StrEnum], name: str):
    found = re.search(rf"typedef enum {{([^}}]*)}} {name};", HEADER)
    assert found, name
    members = [word.strip().removeprefix("SLACK_") for word in found[1].split(",")]
    assert members == [member.name for member in kind]
