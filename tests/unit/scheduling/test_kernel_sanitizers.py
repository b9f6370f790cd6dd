"""The engine's tests once more, on a kernel that stops at the first wrong read, write or overflow."""

from __future__ import annotations

import pytest

from nirman.scheduling.kernel import FOLDER
from tests.support.sanitizers import run_under_sanitizers

SUBJECTS = ("", "_outline", "_calendars", "_progress", "_from_finish", "_refused", "_properties")
TESTS = [f"tests/unit/planning/test_schedule{subject}.py" for subject in SUBJECTS]


@pytest.mark.slow
def test_the_kernel_keeps_to_its_own_memory_and_to_defined_behaviour(tmp_path):
    run_under_sanitizers(tmp_path, FOLDER, *TESTS)
