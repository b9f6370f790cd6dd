"""What moved between two plans and why: back along the drivers to the edits that began it.

A task that moved later was pushed by what drives it afterwards; one that moved earlier was held by what drove it
before. Where that predecessor moved the same way, it passes its own causes on; where a link was edited, the task
itself, its calendar or the project, that is a cause. Causes add up along a chain, the nearest ones first where there
are more than anybody reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from nirman.planning.causes import Edits, edits, in_words
from nirman.planning.logic import FROM_FINISH, Logic
from nirman.planning.model import ConstraintKind, Kind, Link, Plan, ScheduleFrom
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import to_minutes

MAX_TASKS = 50
MAX_CAUSES = 20
MAX_STEPS = 7
"""Of a chain; what is left out is in its middle."""
_CAUSES_A_TASK = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A task on the way from a cause, and the working minutes its finish (its start, if that alone) moved by."""

    uid: int
    name: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An edit, and what it moved: how many tasks, and the one of them that moved furthest."""

    kind: Kind
    uid: int
    op: Literal["created", "updated", "deleted"]
    text: str
    moved: int
    largest: Step | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTask:
    """Dates are None where the task was not there; minutes are working minutes of its calendar, later is positive.

    `calendar_days` is the same for the finish in days of 24 hours. `chain` leads from the task where it began to this
    one; `chain_left_out` steps are missing after its first half. `causes` are indexes into those of the explanation.
    """

    uid: int
    name: str
    start: tuple[datetime | None, datetime | None]
    finish: tuple[datetime | None, datetime | None]
    start_minutes: int
    finish_minutes: int
    calendar_days: float
    chain: tuple[Step, ...]
    chain_left_out: int
    causes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Causes by how much they moved; tasks by how far they moved, new and removed ones last; summaries are not told.

    `unexplained` tasks moved though nothing was edited that says why.
    """

    project_finish: tuple[datetime, datetime]
    minutes_per_day: int
    causes: tuple[Cause, ...]
    causes_left_out: int
    tasks: tuple[MovedTask, ...]
    tasks_left_out: int
    unexplained: int


def explain(
    before: tuple[Plan, Schedule],
    after: tuple[Plan, Schedule],
    *,
    max_tasks: int = MAX_TASKS,
    max_causes: int = MAX_CAUSES,
) -> Explanation:
    """Tasks are matched by uid."""
    story = _Story(Logic(*before), Logic(*after), edits(before[0], after[0]))
    reasons = story.reasons()
    counted = _counted(story, reasons)
    order = sorted(counted, key=lambda index: (-counted[index][0], index))[:max_causes]
    places = {index: place for place, index in enumerate(order)}
    causes = tuple(
        Cause(
            kind=change.kind,
            uid=change.uid,
            op=change.op,
            text=in_words(change, before[0], after[0]),
            moved=counted[index][0],
            largest=counted[index][1],
        )
        for index in order
        for change in (story.edits.causes[index],)
    )
    told = sorted(reasons, key=lambda uid: (story.is_new_or_gone(uid), -abs(story.shift(uid)), story.row(uid)))
    return Explanation(
        project_finish=(before[1].project_finish, after[1].project_finish),
        minutes_per_day=after[0].project.minutes_per_day,
        causes=causes,
        causes_left_out=len(counted) - len(causes),
        tasks=tuple(_told(story, uid, reasons, places) for uid in told[:max_tasks]),
        tasks_left_out=max(0, len(told) - max_tasks),
        unexplained=sum(1 for reason in reasons.values() if not reason.causes),
    )


@dataclass(frozen=True, slots=True)
class _Reason:
    """`causes` is a set of indexes as the bits of a number; `through` the task that passed them on."""

    causes: int
    through: int | None


class _Story:
    """Both sides of the comparison, and what may be asked of them task by task."""

    def __init__(self, before: Logic, after: Logic, edited: Edits) -> None:
        self.before = before
        self.after = after
        self.edits = edited
        self._shifts: dict[int, tuple[int, int]] = {}
        self._ends: dict[Logic, list[int]] = {}

    def reasons(self) -> dict[int, _Reason]:
        """Why each task moved that did, in outline order of the plan after, then of the plan before."""
        uids = [uid for uid in self._tasks() if self.is_new_or_gone(uid) or any(self.shifts(uid))]
        own = {uid: self._own(uid) for uid in uids}
        found: dict[int, _Reason] = {}
        for uid in uids:
            path: list[int] = []
            waiting: int | None = uid
            while waiting is not None and waiting not in found and waiting in own:
                path.append(waiting)
                # Whatever comes round to a task on the way ends there.
                found[waiting] = _Reason(own[waiting].causes, own[waiting].through)
                waiting = own[waiting].through
            inherited = found[waiting].causes if waiting is not None and waiting in found else 0
            for member in reversed(path):
                inherited = _joined(own[member].causes, inherited)
                found[member] = _Reason(inherited, own[member].through)
        return {uid: found[uid] for uid in uids}

    def is_new_or_gone(self, uid: int) -> bool:
        return uid not in self.before.schedule or uid not in self.after.schedule

    def row(self, uid: int) -> int:
        return (self.after if uid in self.after.schedule else self.before).schedule[uid].id

    def shift(self, uid: int) -> int:
        """Working minutes that the finish moved by; the start where that alone moved."""
        start, finish = self.shifts(uid)
        return finish or start

    def shifts(self, uid: int) -> tuple[int, int]:
        """Of the start and of the finish, later is positive; 0 for a task that is on one side only.

        Of the calendar before or after, whichever gives more: a task that a new holiday moves has gone a day in the
        first and none in the second.
        """
        if uid not in self._shifts:
            self._shifts[uid] = (0, 0) if self.is_new_or_gone(uid) else self._measured(uid)
        return self._shifts[uid]

    def step(self, uid: int) -> Step:
        plan = (self.after if uid in self.after.schedule else self.before).plan
        return Step(uid=uid, name=plan.tasks[uid].name, minutes=self.shift(uid))

    def _measured(self, uid: int) -> tuple[int, int]:
        was, now = self.before.schedule[uid], self.after.schedule[uid]
        times = [time for side in (self.before, self.after) for time in side.times(uid)[:1]]
        start, finish = (
            0 if one == other else max((time.between(to_minutes(one), to_minutes(other)) for time in times), key=abs)
            for one, other in ((was.start, now.start), (was.finish, now.finish))
        )
        return start, finish

    def _tasks(self) -> Iterator[int]:
        for side, other in ((self.after, None), (self.before, self.after)):
            for dates in side.schedule:
                if not dates.summary and (other is None or dates.uid not in other.schedule):
                    yield dates.uid

    def _own(self, uid: int) -> _Reason:
        """What moved a task itself, and the task that pushed or held it."""
        if self.is_new_or_gone(uid):
            return _Reason(_bits(self.edits.placing.get(uid, ())), None)
        start, finish = self.shifts(uid)
        through, causes = self._pushed(uid, start or finish) if start else (None, 0)
        if start and through is None and not causes:
            causes = self._placed(uid)
        if finish - start or not (through or causes):
            causes |= self._lengthened(uid)
        if not (through or causes):
            through, causes = self._pushed(uid, start or finish)
        if not (through or causes):
            causes = _bits(self.edits.project)
        if not (through or causes):
            through, causes = self._held_back(uid)
        return _Reason(causes, through)

    def _pushed(self, uid: int, shift: int) -> tuple[int | None, int]:
        """The predecessor that moved the same way, and the edited links, of those that decide where the task is."""
        side = self.after if shift > 0 else self.before
        pushing: list[tuple[bool, bool, int, int]] = []
        causes = 0
        for link, drives in self._deciding(side, uid):
            if link.uid in self.edits.links:
                causes |= 1 << self.edits.links[link.uid]
            source = self._leaf(side, link.predecessor_uid, by_finish=link.kind in FROM_FINISH)
            if self._goes(source, shift):
                follows = side.plan.tasks[source].constraint is ConstraintKind.ALAP
                pushing.append((follows, not drives, len(pushing), source))
        return (min(pushing)[-1] if pushing else None), causes

    def _deciding(self, side: Logic, uid: int) -> Iterator[tuple[Link, bool]]:
        """Links that leave a task no way to be earlier; whether it is the one that the schedule names."""
        driver = side.schedule[uid].driver
        for above in (uid, *side.bound_from_above.get(uid, ())):
            for link in side.incoming.get(above, ()):
                if link.predecessor_uid == driver or side.slack_at(link, uid) <= 0:
                    yield link, link.predecessor_uid == driver

    def _goes(self, uid: int, shift: int) -> bool:
        """Whether a task moved that way; one that came pushes later, one that went had held back."""
        if self.is_new_or_gone(uid):
            return (uid in self.after.schedule) == (shift > 0)
        return any(moved * shift > 0 for moved in self.shifts(uid))

    def _leaf(self, side: Logic, uid: int, *, by_finish: bool) -> int:
        """Of a summary the task below it that decides its finish, or its start."""
        while uid in side.children:
            below = [child for child in side.children[uid] if child in side.active] or list(side.children[uid])
            uid = max(below, key=side.finish) if by_finish else min(below, key=side.start)
        return uid

    def _placed(self, uid: int) -> int:
        """Edits of the task and the summaries above it that decide its start; else its calendars; else the project."""
        for side in (self.after, self.before):
            for member in (uid, *side.ancestors(uid)):
                if member in self.edits.placing:
                    return _bits(self.edits.placing[member])
        return self._by_calendar(uid) or _bits(self.edits.project)

    def _lengthened(self, uid: int) -> int:
        """Edits of the task, of who works on it and of their calendars, that decide how long it takes."""
        return _bits(self.edits.lasting.get(uid, ())) or self._by_calendar(uid)

    def _by_calendar(self, uid: int) -> int:
        if not self.edits.calendars:
            return 0
        used = {calendar for side in (self.before, self.after) for calendar in side.calendar_uids(uid)}
        return _bits(index for calendar in used for index in self.edits.calendars.get(calendar, ()))

    def _held_back(self, uid: int) -> tuple[int | None, int]:
        """A task that goes as late as possible follows what comes after it, or the end of the plan."""
        shift = self.shift(uid)
        side = self.after if shift > 0 else self.before
        from_finish = side.plan.project.schedule_from is ScheduleFrom.FINISH
        if side.plan.tasks[uid].constraint is not ConstraintKind.ALAP and not from_finish:
            return None, 0
        links = [
            link
            for logic in (self.before, self.after)
            for above in (uid, *logic.ancestors(uid))
            for link in logic.outgoing.get(above, ())
        ]
        following = [
            self._leaf(side, link.successor_uid, by_finish=False)
            for link in links
            if link.successor_uid in side.schedule
        ]
        # What it pushes itself, late as it is, does not hold it.
        through = next(
            (
                task
                for task in (*following, *self._last(side))
                if task != uid and self._goes(task, shift) and self._pushed(task, shift) != (uid, 0)
            ),
            None,
        )
        return through, _bits(self.edits.links[link.uid] for link in links if link.uid in self.edits.links)

    def _last(self, side: Logic) -> list[int]:
        """The tasks that finish when the plan does."""
        if side not in self._ends:
            tasks = [dates for dates in side.schedule if not dates.summary and dates.uid in side.active]
            finish = max(dates.finish for dates in tasks)
            self._ends[side] = [dates.uid for dates in tasks if dates.finish == finish]
        return self._ends[side]


def _counted(story: _Story, reasons: dict[int, _Reason]) -> dict[int, tuple[int, Step | None]]:
    """Of each cause: how many tasks it moved, and which furthest."""
    counts: dict[int, int] = {}
    furthest: dict[int, int] = {}
    for uid, reason in reasons.items():
        for index in _indexes(reason.causes):
            counts[index] = counts.get(index, 0) + 1
            if index not in furthest or abs(story.shift(uid)) > abs(story.shift(furthest[index])):
                furthest[index] = uid
    return {index: (count, story.step(furthest[index])) for index, count in counts.items()}


def _told(story: _Story, uid: int, reasons: dict[int, _Reason], places: dict[int, int]) -> MovedTask:
    was, now = (_dates(side.schedule, uid) for side in (story.before, story.after))
    chain = _chain(uid, reasons)
    left_out = max(0, len(chain) - MAX_STEPS)
    if left_out:
        half = MAX_STEPS // 2 + 1
        chain = chain[:half] + chain[half + left_out :]
    start, finish = story.shifts(uid)
    return MovedTask(
        uid=uid,
        name=story.step(uid).name,
        start=(was[0], now[0]),
        finish=(was[1], now[1]),
        start_minutes=start,
        finish_minutes=finish,
        calendar_days=0 if was[1] is None or now[1] is None else round((now[1] - was[1]) / timedelta(days=1), 2),
        chain=tuple(story.step(member) for member in chain),
        chain_left_out=left_out,
        causes=tuple(sorted(places[index] for index in _indexes(reasons[uid].causes) if index in places)),
    )


def _dates(schedule: Schedule, uid: int) -> tuple[datetime | None, datetime | None]:
    return (schedule[uid].start, schedule[uid].finish) if uid in schedule else (None, None)


def _chain(uid: int, reasons: dict[int, _Reason]) -> list[int]:
    chain = {uid: None}
    through = reasons[uid].through
    while through is not None and through in reasons and through not in chain:
        chain[through] = None
        through = reasons[through].through
    return list(chain)[::-1]


def _joined(own: int, inherited: int) -> int:
    """Nearest first: what is too much is left out of what is inherited."""
    joined = own | inherited
    while joined.bit_count() > _CAUSES_A_TASK and inherited & ~own:
        inherited &= inherited - 1
        joined = own | inherited
    return joined


def _bits(indexes: Iterable[int]) -> int:
    found = 0
    for index in indexes:
        found |= 1 << index
    return found


def _indexes(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
