"""Compiles the kernels for every kind of machine that runs it: `python -m nirman.local.kernel`.

The compiler is the `ziglang` package's, so that no compiler has to be on the machine, a layer for arm64 is built
anywhere, and everybody runs the same code. The libraries lie beside the sources, and so in the layer of the product.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from nirman.optimization.simulation.kernel import FOLDER as SIMULATION
from nirman.optimization.solver.kernel import FOLDER as SOLVER
from nirman.scheduling.kernel import FOLDER as SCHEDULING
from nirman.scheduling.kernel import library_name

FOLDERS = {SCHEDULING: (SCHEDULING,), SOLVER: (SOLVER,), SIMULATION: (SIMULATION, SCHEDULING)}
"""Where each library lies, and the folders whose sources it is made of: a simulation schedules as the engine does."""
_LAMBDA = {"linux-x86_64": "x86_64-linux-gnu.2.28", "linux-aarch64": "aarch64-linux-gnu.2.28"}
_FLAGS = ("-std=c11", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-g0")
"""Without contraction floating point is the same on every processor."""


def main() -> None:
    targets = dict(_LAMBDA)
    targets.setdefault(f"{platform.system()}-{platform.machine()}".lower(), "native")
    for folder, parts in FOLDERS.items():
        sources = [path for part in parts for path in sorted(part.glob("*.c"))]
        newest = max(path.stat().st_mtime for part in parts for path in part.glob("*.[ch]"))
        for machine, target in targets.items():
            library = folder / library_name(*machine.split("-", 1))
            if not library.exists() or library.stat().st_mtime < newest:
                compile_kernel(sources, library, target)


def compile_kernel(sources: list[Path], library: Path, target: str, *flags: str) -> None:
    """`subprocess.CalledProcessError` when a source does not compile."""
    made = library.with_suffix(".new")
    into = ("-target", target) if target != "native" else ()
    command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS, *into, *flags, *map(str, sources), "-o", str(made)]
    subprocess.run(command, check=True)
    made.replace(library)


if __name__ == "__main__":
    main()
