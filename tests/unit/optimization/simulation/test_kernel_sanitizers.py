"""The simulation's tests once more, on a kernel that stops at the first wrong read, write or overflow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nirman.optimization.simulation.kernel import FOLDER
from nirman.scheduling.kernel import FOLDER as SCHEDULING
from nirman.scheduling.kernel import library_name
from tests.unit.scheduling.test_kernel_sanitizers import sanitizer

ROOT = Path(__file__).parents[4]
TESTS = "tests/unit/optimization/simulation/test_samples_are_schedules.py"


@pytest.mark.slow
def test_the_kernel_keeps_to_its_own_memory_and_to_defined_behaviour(tmp_path):
    library = sanitizer()
    product = tmp_path / "shared"
    shutil.copytree(ROOT / "shared" / "nirman", product / "nirman", ignore=shutil.ignore_patterns("__pycache__"))
    uname = os.uname()
    target = product / FOLDER.relative_to(ROOT / "shared") / library_name(uname.sysname, uname.machine)
    flags = ("-std=c11", "-O1", "-g", "-shared", "-fPIC", "-ffp-contract=off")
    checks = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    sources = map(str, (*sorted(FOLDER.glob("*.c")), *sorted(SCHEDULING.glob("*.c"))))
    subprocess.run(["gcc", *flags, *checks, *sources, "-o", str(target)], check=True)
    options = ("-q", "-p", "no:cacheprovider", "-k", "rain or night or whole", "-o", f"pythonpath={product} {ROOT}")
    # Python's own allocator would hide from the sanitizer where small arrays end.
    memory = {"LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, TESTS],
        cwd=ROOT,
        env=os.environ | memory | {"PYTHONPATH": str(product)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]
