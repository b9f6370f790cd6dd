"""What sentences of both languages are made of: numbers, dates, and values of fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from nirman.activity.entry import LARGE, Count, Fact, Op
from nirman.activity.vocabulary import CHOSEN, FIELDS, KINDS, MONTHS, REFERRING, UNTOLD, VALUES, Pair
from nirman.planning.model import Kind

_PERCENT = frozenset({"percent_complete", "physical_percent", "lag_percent"})
_OF_DAY = frozenset({"default_start_minute", "default_finish_minute"})
_HOURS = frozenset({"minutes_per_day", "minutes_per_week"})


class Speech(ABC):
    """One language; `column` is its place in the pairs of the vocabulary."""

    column: int
    yes_no: tuple[str, str]

    # ------------------------------------------------------------ words and values

    def word(self, pair: Pair) -> str:
        return pair[self.column]

    def field(self, name: str) -> str:
        return self.word(FIELDS[name]) if name in FIELDS else name

    def kind(self, kind: Kind) -> str:
        return self.word(KINDS[kind])

    def number(self, value: float) -> str:
        """Whole where it is, else with at most two decimals."""
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return self.digits("0" if text == "-0" else text)

    def date(self, iso: str) -> str:
        """`3 Mar 2027` of an ISO date or time."""
        day = date.fromisoformat(iso[:10])
        return self.digits(f"{day.day} {self.word(MONTHS[day.month - 1])} {day.year}")

    def time(self, iso: str) -> str:
        return f"{self.date(iso)} {self.digits(iso[11:16])}"

    def listed(self, items: Sequence[str]) -> str:
        """`a, b and c`."""
        return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {self.conjunction} {items[-1]}"

    def called(self, fact: Fact) -> str:
        """A record by its name; a link by those of its ends."""
        if fact.ends is not None:
            return " → ".join(self.quoted(name) for name in fact.ends)
        if fact.name:
            return self.quoted(fact.name)
        return f"{self.kind(fact.kind)} {self.number(fact.uid)}"

    def value(self, fact: Fact, field: str, side: int, minutes_per_day: int) -> str | None:
        """A field before (side 0) or after, as people say it; None: it had, or has, none."""
        value = fact.fields[field][side]
        if value is None or value == "":
            return None
        if field in REFERRING:
            name = fact.names.get(field, ("", ""))[side]
            return self.quoted(name) if name else self.number(value)
        return self._said(field, value, minutes_per_day)

    def _said(self, field: str, value: Any, minutes_per_day: int) -> str:
        if isinstance(value, bool):
            return self.yes_no[not value]
        if field in CHOSEN and value in VALUES:
            return self.word(VALUES[value])
        if isinstance(value, int | float):
            return self._measured(field, value, minutes_per_day)
        if _is_time(value):
            return self.time(value)
        return self.quoted(value) if field in _QUOTED else self.digits(str(value))

    def _measured(self, field: str, value: float, minutes_per_day: int) -> str:
        if field in _PERCENT:
            return f"{self.number(value)}%"
        if field in _OF_DAY:
            return self.digits(f"{int(value) // 60:02d}:{int(value) % 60:02d}")
        if field in _HOURS:
            return self.hours(value / 60)
        if field.endswith("_minutes"):
            return self.days(value / minutes_per_day)
        return self.number(value)

    # ------------------------------------------------------------ what a language has of its own

    conjunction: str
    end: str
    """Of a sentence."""

    def digits(self, text: str) -> str:
        return text

    def quoted(self, name: str) -> str:
        return f"“{name}”"

    @abstractmethod
    def days(self, days: float) -> str: ...

    @abstractmethod
    def hours(self, hours: float) -> str: ...

    @abstractmethod
    def counted(self, records: int, kind: Kind) -> str:
        """`14 tasks`."""

    @abstractmethod
    def made(self, fact: Fact) -> str:
        """A record that is new, or gone. What is said of a commit has no subject: `who` gives it."""

    @abstractmethod
    def renamed(self, fact: Fact, before: str, after: str) -> str: ...

    @abstractmethod
    def changed(self, fact: Fact, field: str, before: str | None, after: str | None) -> str: ...

    @abstractmethod
    def touched(self, fact: Fact, fields: Sequence[str]) -> str:
        """Fields that changed, without their values."""

    @abstractmethod
    def summed(self, op: Op, counts: Sequence[Count]) -> str: ...

    @abstractmethod
    def baseline(self, fact: Fact) -> str: ...

    @abstractmethod
    def began(self, project: str) -> str: ...

    @abstractmethod
    def ended(self, project: str) -> str: ...

    @abstractmethod
    def imported(self, source: str) -> str: ...

    @abstractmethod
    def applied(self, what: str, revision: int) -> str:
        """`what` is one of `vocabulary.COMPUTED`."""

    @abstractmethod
    def undone(self, revision: int) -> str: ...

    @abstractmethod
    def redone(self, revision: int) -> str: ...

    @abstractmethod
    def nothing(self) -> str: ...

    @abstractmethod
    def moved(self, tasks: int) -> str: ...

    @abstractmethod
    def finishes(self, day: str, shift_days: int) -> str: ...

    def who(self, name: str, done: str) -> str:
        return f"{name} {done}"


_QUOTED = frozenset({"name", "code", "labels", "initials", "group", "material_label"})


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or value[4:5] != "-":
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_told(fact: Fact, field: str) -> bool:
    """Whether the values of a changed field say something to people."""
    return field not in UNTOLD and LARGE not in fact.fields[field]
