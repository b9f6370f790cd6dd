"""What happened, in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nirman.activity.entry import Count, Fact, Op
from nirman.activity.speech import Speech
from nirman.activity.vocabulary import COMPUTED
from nirman.planning.model import Kind

_DONE: Mapping[Op, str] = {"created": "added", "updated": "changed", "deleted": "removed"}


class English(Speech):
    column = 0
    yes_no = ("yes", "no")
    conjunction = "and"
    end = "."

    def days(self, days: float) -> str:
        return f"{self.number(days)} {'day' if days == 1 else 'days'}"

    def hours(self, hours: float) -> str:
        return f"{self.number(hours)} {'hour' if hours == 1 else 'hours'}"

    def counted(self, records: int, kind: Kind) -> str:
        return f"{self.number(records)} {self.kind(kind)}{'' if records == 1 else 's'}"

    def made(self, fact: Fact) -> str:
        return f"{_DONE[fact.op]} {self._article(fact)}{self.called(fact)}"

    def renamed(self, fact: Fact, before: str, after: str) -> str:
        return f"renamed {self.kind(fact.kind)} {before} to {after}"

    def changed(self, fact: Fact, field: str, before: str | None, after: str | None) -> str:
        what = f"the {self.field(field)} of {self._of(fact)}"
        if after is None:
            return f"removed {what} (it was {before})"
        if before is None:
            return f"set {what} to {after}"
        unit = f" {after.rpartition(' ')[2]}"
        short = before.rsplit(" ", 1)[0] if after.endswith((" days", " hours")) and before.endswith(unit) else before
        return f"changed {what} from {short} to {after}"

    def touched(self, fact: Fact, fields: Sequence[str]) -> str:
        return f"changed the {self.listed([self.field(field) for field in fields])} of {self._of(fact)}"

    def summed(self, op: Op, counts: Sequence[Count]) -> str:
        return f"{_DONE[op]} {self.listed([self.counted(count.records, count.kind) for count in counts])}"

    def baseline(self, fact: Fact) -> str:
        done = "cleared" if fact.op == "deleted" else "took"
        named = f" {self.quoted(fact.name)}" if fact.name else ""
        return f"{done} baseline {self.number(fact.uid)}{named}"

    def began(self, project: str) -> str:
        return f"created the project {self.quoted(project)}"

    def ended(self, project: str) -> str:
        return f"deleted the project {self.quoted(project)}"

    def imported(self, source: str) -> str:
        return f"imported {self.quoted(source)}" if source else "imported a plan"

    def applied(self, what: str, revision: int) -> str:
        return f"applied the {self.word(COMPUTED[what])} of revision {self.number(revision)}"

    def undone(self, revision: int) -> str:
        return f"took back revision {self.number(revision)}"

    def redone(self, revision: int) -> str:
        return f"made again what revision {self.number(revision)} had taken back"

    def nothing(self) -> str:
        return "changed nothing"

    def moved(self, tasks: int) -> str:
        return f"{self.counted(tasks, Kind.TASK)} moved"

    def finishes(self, day: str, shift_days: int) -> str:
        sign = "+" if shift_days > 0 else "-"
        return f"finish {day} ({sign}{self.days(abs(shift_days))})"

    def _of(self, fact: Fact) -> str:
        return "the project" if fact.kind is Kind.PROJECT else f"{self._article(fact)}{self.called(fact)}"

    def _article(self, fact: Fact) -> str:
        """Tasks go by their name; of other things is said what they are."""
        named = fact.name or fact.ends
        return "" if fact.kind is Kind.TASK or not named else f"{self.kind(fact.kind)} "
