"""MPXJ, the independent reader and writer of schedule files, where there is a Java to run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


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
