"""The solver's tests once more, on a kernel that stops at the first wrong read, write or overflow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nirman.optimization.solver.kernel import FOLDER
from nirman.scheduling.kernel import library_name

ROOT = Path(__file__).parents[4]
TESTS = "tests/unit/optimization/solver/test_solve.py"


def sanitizer() -> str:
    gcc = shutil.which("gcc")
    if gcc is None or sys.platform != "linux":
        pytest.skip("gcc on Linux has the sanitizers; it is not here")
    found = subprocess.run([gcc, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout
    if not Path(found.strip()).is_absolute():
        pytest.skip("gcc has no address sanitizer here")
    return found.strip()


@pytest.mark.slow
def test_the_kernel_keeps_to_its_own_memory_and_to_defined_behaviour(tmp_path):
    library = sanitizer()
    product = tmp_path / "shared"
    shutil.copytree(ROOT / "shared" / "nirman", product / "nirman", ignore=shutil.ignore_patterns("__pycache__"))
    uname = os.uname()
    target = product / FOLDER.relative_to(ROOT / "shared") / library_name(uname.sysname, uname.machine)
    flags = ("-std=c11", "-O1", "-g", "-shared", "-fPIC", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    subprocess.run(["gcc", *flags, *map(str, sorted(FOLDER.glob("*.c"))), "-o", str(target)], check=True)
    # Constraint programming is not ours to look into, and slow under the sanitizer.
    chosen = ("-k", "first_answer or told or split or total")
    options = ("-q", "-p", "no:cacheprovider", "-o", f"pythonpath={product} {ROOT}", *chosen)
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
