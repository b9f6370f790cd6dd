"""Monte Carlo's kernel: C, compiled by `nirman.local.kernel` with the scheduling kernel's, loaded by `library`."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
