"""What reading a file gives."""

from __future__ import annotations

from dataclasses import dataclass

from nirman.planning.findings import Finding, Severity
from nirman.planning.model import Plan


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`plan` is None when any finding is an error: a file is taken whole or not at all."""

    plan: Plan | None
    findings: tuple[Finding, ...] = ()
    unsaid: frozenset[str] = frozenset()
    """Fields of records that the file's format has no place for: the file says nothing about them."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)
