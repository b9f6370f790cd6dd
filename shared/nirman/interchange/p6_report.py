"""What a reader of a Primavera P6 file has to say: few lines, however many rows they concern."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from nirman.planning.fields import MAX_MONEY
from nirman.planning.findings import Finding, Severity

MAX_SINGLE = 20
"""Findings of one rule that are told one by one; beyond, their number."""


MAX_NAMES = 200
"""Columns of a table, or elements of a kind, that are told by name when they are not kept."""


class Report:
    """Findings of one reading, and counts of what the plan does not keep."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._told: Counter[tuple[Severity, str]] = Counter()
        self._texts: Counter[tuple[Severity, str]] = Counter()
        self._groups: dict[tuple[Severity, str, str], tuple[str, int]] = {}
        self._dropped: dict[str, Counter[str]] = {}
        self.failed = False

    def add(self, severity: Severity, rule: str, text: str, *, place: str = "", uid: int | None = None) -> None:
        self.failed = self.failed or severity is Severity.ERROR
        self._told[severity, rule] += 1
        if self._told[severity, rule] <= MAX_SINGLE:
            self._findings.append(Finding(severity=severity, rule=rule, text=text, place=place, uid=uid))

    def count(self, severity: Severity, rule: str, text: str, *, place: str) -> None:
        """One more case of `text`, which is told once, with the place of the first and how many there are."""
        if (severity, rule, text) not in self._groups:
            self._texts[severity, rule] += 1
            if self._texts[severity, rule] > MAX_SINGLE:
                text = "others of this rule"
        first, number = self._groups.get((severity, rule, text), (place, 0))
        self._groups[severity, rule, text] = first, number + 1

    def money(self, amount: Decimal, what: str, *, place: str) -> Decimal:
        """What several fields come to, each of which can be: nothing, with a finding, where a plan cannot say it."""
        if abs(amount) <= MAX_MONEY:
            return amount
        self.add(Severity.ERROR, "bad-value", f"{what} must come to at most 10^{MAX_MONEY.adjusted()}", place=place)
        return Decimal(0)

    def drop(self, kind: str, name: str, number: int = 1) -> None:
        """A value that the plan has no place for."""
        names = self._dropped.setdefault(kind, Counter())
        names[name if name in names or len(names) < MAX_NAMES else "others"] += number

    def all_findings(self) -> tuple[Finding, ...]:
        more = [
            Finding(severity=severity, rule=rule, text=f"{number - MAX_SINGLE} more of this rule")
            for (severity, rule), number in self._told.items()
            if number > MAX_SINGLE
        ]
        groups = [
            Finding(severity=severity, rule=rule, text=text if number == 1 else f"{text} ({number} times)", place=place)
            for (severity, rule, text), (place, number) in self._groups.items()
        ]
        dropped = [
            Finding(
                severity=Severity.INFO,
                rule="not-kept",
                text="not kept, with how many values: " + ", ".join(f"{n} {c}" for n, c in sorted(names.items())),
                place=kind,
            )
            for kind, names in sorted(self._dropped.items())
        ]
        return (*self._findings, *more, *groups, *dropped)
