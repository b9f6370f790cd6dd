"""The solver's tests once more, on a kernel that stops at the first wrong read, write or overflow."""

from __future__ import annotations

import pytest

from nirman.optimization.solver.kernel import FOLDER
from tests.support.sanitizers import run_under_sanitizers

TESTS = "tests/unit/optimization/solver/test_solve.py"


@pytest.mark.slow
def test_the_kernel_keeps_to_its_own_memory_and_to_defined_behaviour(tmp_path):
    # Constraint programming is not ours to look into, and slow under the sanitizer.
    run_under_sanitizers(tmp_path, FOLDER, TESTS, chosen="first_answer or told or split or total")
