"""Builds one third-party layer for Lambda, from any computer: called by the layer's Makefile in the layer's folder.

Wheels for Lambda's own platform only, each with the pinned hash. With NIRMAN_LAYERS=host the layer stays empty: the
emulator runs functions on the interpreter of this computer, which has the packages and could not load Lambda's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON = "3.13"
# Lambda's Python 3.13 is on Amazon Linux 2023, whose glibc is 2.34.
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}


class ToolError(Exception):
    """A layer cannot be built here."""


def build(requirements: Path, target: Path, architecture: str = "arm64") -> None:
    """Puts the packages under `target`/python, where Lambda finds those of a layer."""
    packages = target / "python"
    subprocess.run(
        [
            *(_uv(), "pip", "install", "--quiet", "--no-config"),
            *("--target", str(packages)),
            *("--python-platform", PLATFORMS[architecture], "--python-version", PYTHON),
            *("--only-binary", ":all:", "--require-hashes", "-r", str(requirements)),
        ],
        check=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    _prune(packages)


def _uv() -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        raise ToolError("uv is not in this environment: run `make environment`")
    return found


def _prune(packages: Path) -> None:
    """Removes what no function imports; the packages' metadata stays, for fonts are found by it."""
    for name in ("tests", "__pycache__"):
        for folder in sorted(packages.rglob(name)):
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(packages / "bin", ignore_errors=True)


def main() -> None:
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    if os.environ.get("NIRMAN_LAYERS") == "host":
        (target / "README").write_text("Empty on the emulator: the packages are the interpreter's own.\n")
        return
    try:
        build(Path("requirements.txt"), target, os.environ.get("NIRMAN_ARCHITECTURE", "arm64"))
    except ToolError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(error.stderr)


if __name__ == "__main__":
    main()
