"""One record of a Primavera P6 file: its fields as Python values, whichever format they came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from nirman.interchange.p6_report import Report
from nirman.planning.findings import Severity
from nirman.scheduling.instants import END_YEAR, FIRST_YEAR

_INSTANT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2})[:.]?(\d\d)(?:[:.]?(\d\d)(?:\.\d{1,9})?)?)?(?:Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_LARGEST = Decimal(10) ** 15
_LONGEST_NUMBER = 60
_MAX_UID = 2_147_483_647
MAX_MINUTES = 52_560_000
"""A hundred years, the longest duration a plan holds."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Source:
    """What differs between files: where findings go, how numbers are written, what the file calls a field.

    `percent_scale`: what a stored percentage is multiplied by to give percent.
    """

    report: Report
    kind: str
    own_names: Mapping[str, str]
    """The name used here -> the file's own."""
    percent_scale: int
    decimal_symbol: str = "."


class Row:
    """A value that cannot be is an error finding that names the line, and the default is returned."""

    __slots__ = ("line", "source", "texts", "uid")

    def __init__(self, source: Source, texts: Mapping[str, str], line: int) -> None:
        self.source = source
        self.texts = texts
        self.line = line
        self.uid: int | None = None  # a bad one is reported by integer(), which asks for it
        self.uid = self.integer("uid", None)

    @property
    def report(self) -> Report:
        return self.source.report

    @property
    def place(self) -> str:
        uid = "" if self.uid is None else f" {self.uid}"
        return f"line {self.line}, {self.source.kind}{uid}" if self.line else f"{self.source.kind}{uid}"

    def own_name(self, name: str) -> str:
        return self.source.own_names.get(name, name)

    def finding(self, severity: Severity, rule: str, text: str, *, uid: int | None = None) -> None:
        self.report.add(severity, rule, text, place=self.place, uid=uid)

    def count(self, severity: Severity, rule: str, text: str) -> None:
        self.report.count(severity, rule, text, place=self.place)

    def wrong(self, name: str, must: str) -> None:
        text = f'{self.own_name(name)} is "{self.texts.get(name, "")[:60]}" but must be {must}'
        self.finding(Severity.ERROR, "bad-value", text)

    def has(self, name: str) -> bool:
        return name in self.texts

    def text(self, name: str, limit: int = 512) -> str:
        """At most `limit` characters; what is longer is cut, and that is told."""
        text = self.texts.get(name, "").strip()
        if len(text) > limit:
            self.count(Severity.WARNING, "cut", f"{self.own_name(name)} is longer than {limit} characters and is cut")
            return text[:limit]
        return text

    def number(self, name: str) -> Decimal | None:
        """None without the field, and where it is not a number."""
        text = self.texts.get(name)
        if text is None:
            return None
        try:
            number = Decimal(self._plain(text.strip())) if len(text) <= _LONGEST_NUMBER else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or abs(number) > _LARGEST:
            self.wrong(name, "a number")
            return None
        return number

    def integer(self, name: str, default: Value, low: int = 0, high: int = _MAX_UID) -> int | Value:
        """Between `low` and `high`, both included; a fraction is cut off."""
        number = self.number(name)
        if number is None:
            return default
        if not low <= number <= high:
            self.wrong(name, f"from {low} to {high}")
            return default
        return int(number)

    def reference(self, name: str) -> int | None:
        """Another record's uid; negative numbers mean none."""
        found = self.integer(name, None, low=-_MAX_UID)
        return None if found is None or found < 0 else found

    def money(self, name: str) -> Decimal | None:
        return self.number(name)

    def minutes(self, name: str, *, signed: bool = False) -> int | None:
        """Minutes of a number of hours, rounded; a negative duration counts as none where it cannot be."""
        hours = self.number(name)
        if hours is None:
            return None
        minutes = round(hours * 60)
        if abs(minutes) > MAX_MINUTES:
            self.wrong(name, f"at most {MAX_MINUTES // 60} hours")
            return None
        if minutes < 0 and not signed:
            self.count(Severity.WARNING, "negative", f"{self.own_name(name)} is negative and counts as 0")
            return 0
        return minutes

    def percent(self, name: str) -> int:
        """Whole, brought within 0 to 100; 0 without the field."""
        number = self.number(name)
        if number is None:
            return 0
        return int(min(max(round(number * self.source.percent_scale), 0), 100))

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.texts.get(name, "").strip().lower()
        if text in ("y", "1", "true", "yes"):
            return True
        if text in ("n", "0", "false", "no"):
            return False
        if text:
            self.wrong(name, "Y, N, 1, 0, true or false")
        return default

    def choice(self, name: str, values: Mapping[str, Value], default: Value) -> Value:
        """What a word means; one that P6 is not known to write is told, and the default taken."""
        text = self.texts.get(name, "").strip()
        if not text:
            return default
        if text not in values:
            self.count(
                Severity.WARNING,
                "unknown-word",
                f'{self.own_name(name)} "{text[:60]}" is not known: it is read as if it were empty',
            )
            return default
        return values[text]

    def instant(self, name: str) -> datetime | None:
        """Wall time; seconds are cut off, a zone is ignored (the file's times are the project's place's)."""
        text = self.texts.get(name, "").strip()
        if not text:
            return None
        found = _INSTANT.fullmatch(text)
        try:
            if found is None:
                raise ValueError(text)  # noqa: TRY301  # one place for both ways to be wrong
            year, month, day, hour, minute, _ = (int(part or 0) for part in found.groups())
            instant = datetime(year, month, day, hour, minute)
        except ValueError:
            self.wrong(name, "a date and time such as 2026-01-31 08:00")
            return None
        if not FIRST_YEAR <= year < END_YEAR:
            self.wrong(name, f"a date and time of the years {FIRST_YEAR} to {END_YEAR - 1}")
            return None
        return instant

    def _plain(self, text: str) -> str:
        """P6 writes numbers as the machine it runs on does: 8.5, 8,5, 1,234.5 and 1.234,5 are all met."""
        commas, points = text.count(","), text.count(".")
        if not commas:
            return text if points < 2 else text.replace(".", "")
        if not points:
            grouped = commas > 1 or (
                self.source.decimal_symbol != ","
                and text.partition(",")[2].isdigit()
                and len(text.partition(",")[2]) == 3
            )
            return text.replace(",", "" if grouped else ".")
        decimal = max(",", ".", key=text.rfind)
        return text.replace("." if decimal == "," else ",", "").replace(",", ".")
