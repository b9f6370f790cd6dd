"""The equation of one task: units times time left is work left, for each of its assignments.

An assignment may take less time than its task; the task lasts as long as the longest, delays included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from nirman.errors import InvalidInputError
from nirman.planning.costs import duration_share
from nirman.planning.effort_values import Share, Time, divided, nearly_none, units_for
from nirman.planning.model import Assignment, EffortKind, Rules, Task

EFFORT_FIELDS = frozenset(
    {"units", "work_minutes", "remaining_work_minutes", "delay_minutes", "task_uid", "resource_uid"}
)
"""Fields of an assignment that the equation has, or that say whose it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command says something of a record; `whole` where it only touches it."""

    whole: str
    fields: Mapping[str, str]

    def refuse(self, rule: str, *fields: str) -> NoReturn:
        """`InvalidInputError` at the first of the fields that was said, else at the record."""
        raise InvalidInputError(
            rule, place=next((self.fields[name] for name in fields if name in self.fields), self.whole)
        )


@dataclass(slots=True)
class Member:
    """An assignment while the equation is solved; `left` is None while units and time say it."""

    uid: int
    was: Share | None
    units: float
    units_said: bool
    done: float
    done_said: bool
    left: float | None
    left_said: bool
    delay: int
    comparable: bool
    place: Place

    @classmethod
    def of(cls, assignment: Assignment, was: Share | None, *, delay: int, comparable: bool, place: Place) -> Member:
        """What was said of it now counts before what it had; `InvalidInputError` where that contradicts itself."""
        fields = place.fields
        # What a new member brings counts as said: it may come from another task.
        said = {
            name: value
            for name in ("work_minutes", "actual_work_minutes", "remaining_work_minutes")
            if (value := getattr(assignment, name)) is not None and (was is None or name in fields)
        }
        done = said.get("actual_work_minutes", was.done if was else 0)
        left = said.get("remaining_work_minutes")
        if "work_minutes" in said:
            if said["work_minutes"] < done:
                place.refuse("work must not be less than what is done of it", "work_minutes")
            if left not in (None, said["work_minutes"] - done):
                place.refuse("work must be what is done and what remains", "work_minutes")
            left = said["work_minutes"] - done
        left_said = left is not None
        if left is None and was is not None and "work_minutes" not in fields:
            left = max(0, was.work - done)
        return cls(
            uid=assignment.uid,
            was=was,
            units=assignment.units,
            units_said="units" in fields,
            done=done,
            done_said="actual_work_minutes" in said,
            left=left,
            left_said=left_said,
            delay=delay,
            comparable=comparable,
            place=place,
        )

    def share(self) -> Share:
        return Share(self.units, round(self.done), round(self.left or 0), self.delay)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """`time` is the task's before, `given` what the command says of it, `before` the assignments it had.

    `work` is the task's own number, `work_said` when the command gives it.
    """

    task: Task
    rules: Rules
    time: Time
    given: Time | None
    before: Mapping[int, Share]
    work: int
    work_said: bool
    place: Place

    def solve(self, members: Sequence[Member]) -> int:
        """Sets units, work done and work left of the members; the task's minutes left."""
        if not self.before:
            self._take_up(members)
        self._share_out(members)
        if self.given is not None:
            self._fit(members, self.given.left)
            self._check_agreement(members, self.given.left)
            return self.given.left
        if self._keeps_duration and not any(member.units_said and member.left_said for member in members):
            self._fit(members, self.time.left)
            return self.time.left
        for member in members:
            self._at_own_pace(member)
        return self._lasting(members)

    @property
    def _keeps_duration(self) -> bool:
        """People keep the dates of a manual task, and so its duration."""
        task = self.task
        dated = task.manual and task.manual_start is not None and task.manual_finish is not None
        return dated or task.effort is EffortKind.FIXED_DURATION

    @property
    def _duration_changes_units(self) -> bool:
        if self.task.effort is EffortKind.FIXED_DURATION:
            return self.rules is Rules.PRIMAVERA and self.task.effort_driven
        return self.task.effort is EffortKind.FIXED_WORK

    def _take_up(self, members: Sequence[Member]) -> None:
        """The first to be assigned to a task have done what is done of it."""
        for member in members:
            if not member.done_said and not member.left_said:
                time = self.given or self.time
                member.done = round(member.units * time.done)

    def _share_out(self, members: Sequence[Member]) -> None:
        """A total that is said or stays is divided among those whose work the command does not say."""
        free = [member for member in members if not member.left_said]
        said = sum(member.share().work for member in members if member.left_said)
        if self.work_said:
            self._divide(self.work - said, free)
        elif not self.before:
            if free and self.work > said and self.given is None and not self._follows_units_said(free):
                self._divide(self.work - said, free)
        elif self.task.effort_driven and free and {member.uid for member in members} != self.before.keys():
            stated = {member.uid for member in members if member.left_said}
            if left := sum(share.left for uid, share in self.before.items() if uid not in stated):
                self._hand_over(left, free)

    def _follows_units_said(self, free: Sequence[Member]) -> bool:
        return self._keeps_duration and any(member.units_said for member in free)

    def _divide(self, work: int, free: Sequence[Member]) -> None:
        """Work of the whole task, done and not."""
        if not self.before:
            done = round(work * duration_share(self.task))
            for member, part in zip(free, divided(done, [one.units for one in free]), strict=True):
                member.done = part
        rest = work - sum(member.share().done for member in free)
        if rest < 0 or (rest and not free):
            self.place.refuse(
                "the work of a task must be that of its assignments, what is done included", "work_minutes"
            )
        kept = [member.was.left for member in free if member.was]
        weights = kept if len(kept) == len(free) and any(kept) else [member.units for member in free]
        for member, part in zip(free, divided(rest, weights), strict=True):
            member.left, member.left_said = part, True

    def _hand_over(self, left: int, free: Sequence[Member]) -> None:
        """Units say in what proportion work is shared, and follow where time does not."""
        for member, part in zip(free, divided(left, [one.units for one in free]), strict=True):
            member.left, member.left_said, member.units_said = part, True, False

    def _fit(self, members: Sequence[Member], minutes: int) -> None:
        """Work or units follow, in the time that there is."""
        for member in members:
            self._note_done(member)
            if member.left_said and member.units_said:
                continue
            own = self._own_minutes(member, minutes)
            if self._units_follow(member):
                member.units = self._units(member, own)
            elif member.left is None or member.units_said or self.given is not None:
                member.left = own * self._pace(member)

    def _note_done(self, member: Member) -> None:
        """A command that says duration and progress says what is done as well."""
        if self.given is not None and self.given.done != self.time.done and member.was and not member.done_said:
            filled = member.was.fills(self.time.left)
            member.done = round(member.units * self.given.done) if filled else member.was.done

    def _units_follow(self, member: Member) -> bool:
        if member.left_said:
            return True
        return self.given is not None and self._duration_changes_units and not member.units_said and bool(member.left)

    def _pace(self, member: Member) -> float:
        """Work a minute: the units, but what a file says where that differs."""
        was = member.was
        if member.left is None or member.units_said or was is None or was.fills(self.time.left):
            return member.units
        before = was.minutes(self.time.left)
        return was.left / before if before else member.units

    def _units(self, member: Member, minutes: float) -> float:
        left = round(member.left or 0)
        if left and minutes <= 0:
            member.place.refuse("work that is left needs time", "work_minutes", "remaining_work_minutes")
        return units_for(left, minutes, member.units)

    def _own_minutes(self, member: Member, minutes: int) -> float:
        """Of the task's minutes left, those that the assignment takes: as large a part as before."""
        was, whole = member.was, self.time.left
        before = was.minutes(whole) if was else 0.0
        if was is not None and member.left is None:
            # Said to be left open: the whole duration.
            return float(minutes)
        if was is None or not before or not whole:
            own = float(minutes - member.delay)
        elif was.delay and was.delay + before - whole <= nearly_none(whole):
            own = (was.delay + before) * minutes / whole - member.delay
        else:
            own = before * minutes / whole
        if own <= 0 < minutes:
            member.place.refuse("a duration must be longer than the delays of its assignments", "delay_minutes")
        return max(own, 0.0)

    def _at_own_pace(self, member: Member) -> None:
        """Work stays, or is what the units do in the time before; the time follows."""
        if member.units <= 0:
            if member.left_said and member.left:
                member.place.refuse("work needs units above 0", "units", "work_minutes")
            member.left = 0
        elif member.left is None or (member.was is not None and member.was.units <= 0 and not member.left_said):
            member.left = member.units * self.time.left

    def _lasting(self, members: Sequence[Member]) -> int:
        """As long as the longest; where the time before was something else, as files have it, in proportion."""
        whole = self.time.left
        ends = [member.delay + self._minutes(member) for member in members if member.units > 0]
        ends_before = [share.delay + share.minutes(whole) for share in self.before.values() if share.units > 0]
        end, before = max(ends, default=whole), max(ends_before, default=whole)
        if end == before:
            return whole
        agreed = not before or abs(before - whole) <= nearly_none(whole)
        return max(round(end if agreed else whole * end / before), 1 if end else 0)

    def _minutes(self, member: Member) -> float:
        changed = member.was is None or member.units_said or member.left_said
        if not changed and member.was is not None and member.was.left == member.left:
            return member.was.minutes(self.time.left)
        return (member.left or 0) / member.units

    def _check_agreement(self, members: Sequence[Member], minutes: int) -> None:
        """All three of them said: the longest assignment must be as long as the task."""
        said = [member for member in members if self._all_said(member)]
        over = {member.uid: (member.left or 0) - member.units * (minutes - member.delay) for member in said}
        nearly = nearly_none(minutes)
        for member in said:
            alone = len(said) == len(members) and max(over.values()) < -nearly
            if over[member.uid] > nearly or alone:
                rule = (
                    f"units times duration must be work: {member.units:g} x {minutes - member.delay} minutes"
                    f" is not {round(member.left or 0)}"
                )
                member.place.refuse(rule, "work_minutes", "remaining_work_minutes", "units")

    def _all_said(self, member: Member) -> bool:
        if not (member.units_said and member.left_said and member.comparable):
            return False
        same = member.was is not None and (member.was.units, member.was.left) == (member.units, member.left)
        return not (same and self.given == self.time)
