"""The scheduling kernel: C, compiled by `nirman.local.kernel`, loaded by `library`; kernel.h says what it does."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def library_name(system: str, machine: str) -> str:
    """File of the compiled kernel; both words as the `platform` module gives them.

    Not *.so: `sam build` leaves such files out of a layer.
    """
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine.lower(), machine.lower())
    return f"kernel-{system.lower()}-{machine}.lib"
