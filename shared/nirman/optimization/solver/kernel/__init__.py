"""The solver's kernel: C, compiled by `nirman.local.kernel`, loaded by `library`; solver.h says what it does."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
