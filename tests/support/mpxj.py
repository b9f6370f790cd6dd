"""MPXJ, the independent reader and writer of schedule files, where there is a Java to run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

TIMEOUT_S = 600
ENVIRONMENT = os.environ | {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
"""Of a Java that lives for some seconds: what it would gain by compiling well, it does not live to see."""


@cache
def mpxj_interpreter() -> str:
    """An interpreter with the packages mpxj and JPype1: the one that MPXJ_PYTHON names, or this; else the test is left
    out.
    """
    if shutil.which("java") is None:
        pytest.skip("Java is not installed")
    for candidate in (os.environ.get("MPXJ_PYTHON"), sys.executable):
        if candidate:
            tried = subprocess.run([candidate, "-c", "import mpxj, jpype"], capture_output=True, check=False)
            if tried.returncode == 0:
                return candidate
    pytest.skip("no interpreter has mpxj and JPype1 (MPXJ_PYTHON names one)")


def run_mpxj(program: Path, *arguments: object, told: str = "") -> str:
    """What the Python program writes; it runs in a process of its own, for a Java machine cannot be stopped in one."""
    done = subprocess.run(
        [mpxj_interpreter(), str(program), *map(str, arguments)],
        input=told,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
