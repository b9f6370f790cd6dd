"""What happened, in Bengali."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nirman.activity.entry import Count, Fact, Op
from nirman.activity.speech import Speech
from nirman.activity.vocabulary import COMPUTED
from nirman.planning.model import Kind

_DONE: Mapping[Op, str] = {"created": "যোগ করেছেন", "updated": "বদলেছেন", "deleted": "বাদ দিয়েছেন"}
_DIGITS = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")


class Bengali(Speech):
    column = 1
    yes_no = ("হ্যাঁ", "না")
    conjunction = "ও"
    end = "।"

    def digits(self, text: str) -> str:
        return text.translate(_DIGITS)

    def days(self, days: float) -> str:
        return f"{self.number(days)} দিন"

    def hours(self, hours: float) -> str:
        return f"{self.number(hours)} ঘণ্টা"

    def counted(self, records: int, kind: Kind) -> str:
        return f"{self.number(records)}টি {self.kind(kind)}"

    def made(self, fact: Fact) -> str:
        return f"{self._what(fact)} {_DONE[fact.op]}"

    def renamed(self, fact: Fact, before: str, after: str) -> str:
        return f"{self.kind(fact.kind)} {before}-এর নাম বদলে {after} রেখেছেন"

    def changed(self, fact: Fact, field: str, before: str | None, after: str | None) -> str:
        what = f"{self._of(fact)} {self.field(field)}"
        if after is None:
            return f"{what} বাদ দিয়েছেন (ছিল {before})"
        if before is None:
            return f"{what} {after} ঠিক করেছেন"
        for unit in (" দিন", " ঘণ্টা"):
            if before.endswith(unit) and after.endswith(unit):
                before = before.removesuffix(unit)
        return f"{what} {before} থেকে {after} করেছেন"

    def touched(self, fact: Fact, fields: Sequence[str]) -> str:
        return f"{self._of(fact)} {self.listed([self.field(field) for field in fields])} বদলেছেন"

    def summed(self, op: Op, counts: Sequence[Count]) -> str:
        return f"{self.listed([self.counted(count.records, count.kind) for count in counts])} {_DONE[op]}"

    def baseline(self, fact: Fact) -> str:
        done = "মুছে দিয়েছেন" if fact.op == "deleted" else "নিয়েছেন"
        named = f" {self.quoted(fact.name)}" if fact.name else ""
        return f"বেসলাইন {self.number(fact.uid)}{named} {done}"

    def began(self, project: str) -> str:
        return f"{self.quoted(project)} প্রকল্পটি তৈরি করেছেন"

    def ended(self, project: str) -> str:
        return f"{self.quoted(project)} প্রকল্পটি মুছে দিয়েছেন"

    def imported(self, source: str) -> str:
        return f"{self.quoted(source)} থেকে পরিকল্পনা এনেছেন" if source else "একটি পরিকল্পনা এনেছেন"

    def applied(self, what: str, revision: int) -> str:
        return f"সংস্করণ {self.number(revision)}-এর {self.word(COMPUTED[what])} প্রয়োগ করেছেন"

    def undone(self, revision: int) -> str:
        return f"সংস্করণ {self.number(revision)} ফিরিয়ে নিয়েছেন"

    def redone(self, revision: int) -> str:
        return f"সংস্করণ {self.number(revision)}-এ ফিরিয়ে নেওয়া পরিবর্তন আবার করেছেন"

    def nothing(self) -> str:
        return "কিছু বদলাননি"

    def moved(self, tasks: int) -> str:
        return f"{self.counted(tasks, Kind.TASK)} সরেছে"

    def finishes(self, day: str, shift_days: int) -> str:
        sign = "+" if shift_days > 0 else "-"
        return f"শেষ {day} ({sign}{self.days(abs(shift_days))})"

    def _of(self, fact: Fact) -> str:
        return "প্রকল্পের" if fact.kind is Kind.PROJECT else f"{self._what(fact)}-এর"

    def _what(self, fact: Fact) -> str:
        """Tasks go by their name; of other things is said what they are."""
        named = fact.name or fact.ends
        return (
            self.called(fact) if fact.kind is Kind.TASK or not named else f"{self.kind(fact.kind)} {self.called(fact)}"
        )
