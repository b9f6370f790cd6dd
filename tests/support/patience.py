"""Stop criteria for tests: nothing measures time."""

from __future__ import annotations


class Patient:
    """Never says stop."""

    elapsed = 0.0

    def __call__(self) -> bool:
        return False


class Impatient(Patient):
    """Says stop from the first time on."""

    def __call__(self) -> bool:
        return True
