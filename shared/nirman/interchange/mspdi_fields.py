"""One record of an MS Project XML file: its fields as Python values, each asked for once, and what is left over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from lxml import etree

from nirman.interchange.safe_xml import local_name
from nirman.planning.findings import Finding, Severity
from nirman.scheduling.instants import END_YEAR, FIRST_YEAR

_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.ASCII
)
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_NOTHING = frozenset({"", "0", "0.0", "0.00", "-1", "false", "NA", "PT0H0M0S", "1970-01-01T00:00:00"})

_DEFAULTS = {
    "AccrueAt": "3",
    "FixedCostAccrual": "3",
    "HasFixedRateUnits": "1",
    "IsPublished": "1",
    "LevelAssignments": "1",
}
"""What MS Project writes where nobody chose anything: not worth a finding."""

ELAPSED_FORMATS = frozenset({4, 6, 8, 10, 12, 20, 36, 38, 40, 42, 44, 52})
"""Values of DurationFormat, LagFormat and LevelingDelayFormat that mean elapsed time."""
_MAX_UNITS = Decimal(1_000_000)
PERCENT_FORMATS = frozenset({19, 20, 51, 52})

Value = TypeVar("Value")


class Report:
    """Findings of one reading, in the order met, and counts of what the plan does not keep."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.dropped: Counter[str] = Counter()

    def add(self, severity: Severity, rule: str, text: str, *, place: str = "", uid: int | None = None) -> None:
        self.findings.append(Finding(severity=severity, rule=rule, text=text, place=place, uid=uid))

    @property
    def failed(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def all_findings(self) -> tuple[Finding, ...]:
        """With how often each element that the plan does not keep had a value."""
        left_out = [
            Finding(
                severity=Severity.INFO,
                rule="not-kept",
                text=f"{name} is not kept: {count} with a value",
                place=name,
            )
            for name, count in sorted(self.dropped.items())
        ]
        return (*self.findings, *left_out)


class Fields:
    """The fields of one element; a value that cannot be is an error finding, and the default is returned."""

    def __init__(self, element: etree._Element, report: Report, kind: str) -> None:
        self.kind = kind
        self.report = report
        self.line = element.sourceline or 0
        self._texts: dict[str, str] = {}
        self._nested: dict[str, list[etree._Element]] = {}
        for child in element:
            name = local_name(child)
            if len(child):
                self._nested.setdefault(name, []).append(child)
            else:
                self._texts.setdefault(name, (child.text or "").strip())
        self._asked: set[str] = set()
        self.uid: int | None = None  # a bad one is reported by integer(), which asks for it
        self.uid = self.integer("UID", None)

    @property
    def place(self) -> str:
        uid = "" if self.uid is None else f" UID {self.uid}"
        return f"line {self.line}, {self.kind}{uid}" if self.line else self.kind

    def finding(self, severity: Severity, rule: str, text: str) -> None:
        uid = self.uid if self.kind == "Task" else None
        self.report.add(severity, rule, text, place=self.place, uid=uid)

    def wrong(self, name: str, text: str, must: str) -> None:
        self.finding(Severity.ERROR, "bad-value", f'{name} is "{text[:60]}" but must be {must}')

    def has(self, name: str) -> bool:
        return name in self._texts or name in self._nested

    def text(self, name: str, limit: int = 512) -> str:
        """At most `limit` characters; what is longer is cut, and that is told."""
        self._asked.add(name)
        text = self._texts.get(name, "")
        if len(text) > limit:
            self.finding(Severity.WARNING, "cut", f"{name} has {len(text)} characters, the first {limit} are kept")
            return text[:limit]
        return text

    def nested(self, name: str) -> list[etree._Element]:
        """All child elements of that name that have children of their own."""
        self._asked.add(name)
        return self._nested.get(name, [])

    def records(self, container: str, name: str) -> Iterator[etree._Element]:
        for element in self.nested(container):
            yield from (child for child in element if local_name(child) == name)

    def integer(self, name: str, default: Value, low: int = 0, high: int = 2_147_483_647) -> int | Value:
        """Between `low` and `high`, both included; a fraction is cut off."""
        text = self.text(name)
        if not text:
            return default
        # Some writers put a fraction where the schema wants a whole number.
        number = self._decimal(name, text)
        if number is None:
            return default
        if not low <= number <= high:
            self.wrong(name, text, f"from {low} to {high}")
            return default
        return int(number)

    def reference(self, name: str) -> int | None:
        """A uid; negative numbers mean none."""
        found = self.integer(name, None, low=-2_147_483_648)
        return None if found is None or found < 0 else found

    def decimal(self, name: str, default: Decimal) -> Decimal:
        text = self.text(name)
        number = self._decimal(name, text) if text else None
        return default if number is None else number

    def units(self, name: str) -> float:
        """1.0 is one person or machine, also without the field; material beyond what a plan can have is told."""
        number = self.decimal(name, Decimal(1))
        if number < 0:
            self.wrong(name, self.text(name), f"from 0 to {_MAX_UNITS}")
        elif number > _MAX_UNITS:
            self.finding(Severity.WARNING, "too-many-units", f"{name} is {number} and counts as {_MAX_UNITS}")
        return float(min(max(number, Decimal(0)), _MAX_UNITS))

    def flag(self, name: str, *, default: bool = False) -> bool:
        text = self.text(name).lower()
        if text in ("", "0", "false", "1", "true"):
            return default if not text else text in ("1", "true")
        self.wrong(name, text, "0 or 1")
        return default

    def choice(self, name: str, values: Mapping[int, Value], default: Value) -> Value:
        """What a number means; one that is none of `values` is an error finding."""
        found = self.integer(name, None, low=-1, high=1000)
        if found is None:
            return default
        if found not in values:
            self.wrong(name, str(found), "one of " + ", ".join(map(str, values)))
            return default
        return values[found]

    def duration(self, name: str) -> int | None:
        """Minutes of an ISO 8601 duration, rounded."""
        text = self.text(name)
        if not text or text == "NA":
            return None
        found = _DURATION.fullmatch(text)
        if found is None or not any(found.groups()[1:]):
            self.wrong(name, text, "a duration such as PT8H0M0S")
            return None
        sign, years, months, days, hours, minutes, seconds = found.groups()
        whole = int(hours or 0) * 60 + int(minutes or 0) + int(days or 0) * 1440
        whole += int(months or 0) * 43_200 + int(years or 0) * 525_600
        total = round(whole + float(seconds or 0) / 60)
        if total > 52_560_000:
            self.wrong(name, text, "at most a hundred years")
            return None
        return -total if sign else total

    def lasting(self, name: str) -> int | None:
        """A duration that cannot be negative; one that is counts as none, which is told."""
        minutes = self.duration(name)
        if minutes is not None and minutes < 0:
            self.finding(Severity.WARNING, "negative", f"{name} is negative and counts as 0")
            return 0
        return minutes

    def tenths(self, name: str) -> int:
        """Minutes, from tenths of minutes; 0 without the field."""
        number = self.integer(name, 0, low=-525_600_000, high=525_600_000)
        return round(number / 10)

    def instant(self, name: str) -> datetime | None:
        """Wall time; seconds are cut off, a zone is ignored (the file's times are the project's place's)."""
        text = self.text(name)
        if not text or text == "NA":
            return None
        found = _INSTANT.fullmatch(text)
        try:
            if found is None:
                raise ValueError(text)  # noqa: TRY301  # one place for both ways to be wrong
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            instant = datetime(year, month, day, hour % 24 if (hour, minute) == (24, 0) else hour, minute)
        except ValueError:
            self.wrong(name, text, "a date and time such as 2026-01-31T08:00:00")
            return None
        if second > 60 or not FIRST_YEAR <= year < END_YEAR:
            self.wrong(name, text, f"a date and time of the years {FIRST_YEAR} to {END_YEAR - 1}")
            return None
        return instant

    def count_leftovers(self, known: frozenset[str] = frozenset()) -> None:
        """What nobody asked for, holds something, and is not in `known`, counts as not kept.

        The values are then let go; the place stays, for findings to come.
        """
        for name, text in self._texts.items():
            if name in self._asked or name in known or text in _NOTHING or text == _DEFAULTS.get(name):
                continue
            self.report.dropped[f"{self.kind}/{name}"] += 1
        for name, elements in self._nested.items():
            if name not in self._asked and name not in known:
                self.report.dropped[f"{self.kind}/{name}"] += len(elements)
        self._texts, self._nested, self._asked = {}, {}, set()

    def _decimal(self, name: str, text: str) -> Decimal | None:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or abs(number) > Decimal(10) ** 15:
            self.wrong(name, text, "a number")
            return None
        return number
