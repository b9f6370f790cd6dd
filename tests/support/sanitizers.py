"""Tests run once more on a compiled library that stops at the first wrong read, write or overflow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nirman.local.kernel import FOLDERS
from nirman.scheduling.kernel import library_name
from tests.support.template import ROOT

_FLAGS = ("-std=c11", "-O1", "-g", "-shared", "-fPIC", "-ffp-contract=off")
_CHECKS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def run_under_sanitizers(place: Path, folder: Path, *tests: str, chosen: str = "") -> None:
    """Runs `tests` (files; `chosen` as pytest's -k) on a copy of the product at `place`, its library in `folder`
    compiled with gcc's sanitizers; skips where there is no such gcc.
    """
    preloaded = _sanitizer()
    product = place / "shared"
    shutil.copytree(ROOT / "shared" / "nirman", product / "nirman", ignore=shutil.ignore_patterns("__pycache__"))
    uname = os.uname()
    target = product / folder.relative_to(ROOT / "shared") / library_name(uname.sysname, uname.machine)
    sources = [str(path) for part in FOLDERS[folder] for path in sorted(part.glob("*.c"))]
    subprocess.run(["gcc", *_FLAGS, *_CHECKS, *sources, "-o", str(target)], check=True)
    # Everything takes several times as long in there, so nothing is loaded that these tests do without.
    options = ("-q", "--noconftest", "-p", "tests.support.examples", "-p", "no:cacheprovider", "-k", chosen)
    # Python's own allocator would hide from the sanitizer where small arrays end.
    memory = {"LD_PRELOAD": preloaded, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"}
    plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-o", f"pythonpath={product} {ROOT}", *tests],
        cwd=ROOT,
        env=os.environ | memory | plugins | {"PYTHONPATH": str(product)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]


def _sanitizer() -> str:
    gcc = shutil.which("gcc")
    if gcc is None or sys.platform != "linux":
        pytest.skip("gcc on Linux has the sanitizers; it is not here")
    found = subprocess.run([gcc, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout
    if not Path(found.strip()).is_absolute():
        pytest.skip("gcc has no address sanitizer here")
    return found.strip()
