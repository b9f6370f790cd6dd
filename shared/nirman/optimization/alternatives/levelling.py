"""A conflict levelled by delaying or splitting some of its tasks and no others, with the engine saying each date.

A task waits until all of its resources have room for it, whatever else they do; it is not put before what it was.
Where it stands in the way of what may not wait, the next task that may takes its turn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from nirman.optimization.alternatives.eligibility import has_begun
from nirman.optimization.alternatives.followers import Followers
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.demand import Interval, Steps, Use, capacity
from nirman.optimization.load import Stretch, load
from nirman.planning.commands import Operation, Update
from nirman.planning.model import Kind, ScheduleFrom, Split, Task
from nirman.planning.records import to_plain
from nirman.scheduling.instants import DAY, LAST_DAY, to_minutes
from nirman.scheduling.working_time import WorkingTime

MOST_MOVES = 100
"""Steps, each a schedule, after which levelling one conflict gives up."""
MOST_SETS = 6
_MOST_MEMBERS = 12
_EVER = LAST_DAY * DAY
NEVER_LEVELLED = 1000
"""The priority of a task that levelling leaves alone, as in MS Project."""


@dataclass(frozen=True, slots=True)
class Levelled:
    """`delays` and `splits` are whole fields of the tasks, by uid; `situation` is the plan with them."""

    situation: Situation
    delays: Mapping[int, int]
    splits: Mapping[int, tuple[Split, ...]]

    @property
    def task_uids(self) -> tuple[int, ...]:
        return tuple(sorted(self.delays.keys() | self.splits.keys()))

    def operations(self) -> tuple[Operation, ...]:
        return tuple(_update(uid, self.delays.get(uid), self.splits.get(uid)) for uid in self.task_uids)


def why_not_delayed(situation: Situation, task: Task) -> str | None:
    """The rule by which a task stays where it is; None for one that may wait."""
    if task.uid in situation.schedule.outline.children:
        return "a summary task goes with its tasks"
    if has_begun(task):
        return "a task that has begun stays where it is"
    if task.manual:
        return "a task scheduled by hand keeps its dates"
    if task.priority >= NEVER_LEVELLED:
        return "a task of priority 1000 is never levelled"
    if situation.plan.project.schedule_from is ScheduleFrom.FINISH:
        return "in a plan scheduled from its finish no task is delayed"
    return None


def first_to_wait(situation: Situation, uids: Iterable[int]) -> list[int]:
    """Lowest priority first, then most slack, then the latest start, then the highest uid."""

    def key(uid: int) -> tuple[int, int, int, int]:
        dates = situation.schedule[uid]
        return (
            situation.plan.tasks[uid].priority,
            -dates.total_slack_minutes,
            -to_minutes(dates.start),
            -uid,
        )

    return sorted(uids, key=key)


def sets_to_delay(
    situation: Situation, resource_uid: int, worst: Stretch, may_wait: Collection[int]
) -> list[tuple[int, ...]]:
    """Sets of tasks without which a stretch would not be overloaded, none larger than need be, at most `MOST_SETS`.

    Where all that may wait are too few, these.
    (Minimal delaying alternatives: Demeulemeester and Herroelen, Management Science 38, 1992.)
    """
    units = _units_in(situation.uses_of(resource_uid), worst)
    among = first_to_wait(situation, (uid for uid in units if uid in may_wait))[:_MOST_MEMBERS]
    found: list[tuple[int, ...]] = []
    for size in range(1, len(among) + 1):
        for members in combinations(among, size):
            enough = sum(units[uid] for uid in members) >= worst.overload
            if enough and not any(set(smaller).issubset(members) for smaller in found):
                found.append(members)
                if len(found) == MOST_SETS:
                    return found
    return found or ([tuple(among)] if among else [])


def level(
    situation: Situation,
    resource_uid: int,
    window: tuple[int, int],
    waiting: Sequence[int],
    others: Sequence[int],
    *,
    split: bool = False,
) -> Levelled | None:
    """The resource freed of overload in the window: `waiting` wait, and of `others`, in order, those that must as well.

    With `split` a task that has begun before it meets an overload pauses there instead. Overload stays where those that
    may not wait ask for too much. None where one of `waiting` finds no room.
    """
    run = _Run(situation, Followers(situation.plan, situation.schedule.outline), split=split)
    if not all(run.free(uid) for uid in waiting):
        return None
    order = (*waiting, *(uid for uid in others if uid not in waiting))
    while over := [one for one in run.situation.overloads(resource_uid) if _cross(*window, one)]:
        asking = _units_in(run.situation.uses_of(resource_uid), over[0])
        if not any(run.moves_for(uid) for uid in order if uid in asking):
            break
    return Levelled(run.situation, run.delays, run.splits)


class _Run:
    def __init__(self, situation: Situation, followers: Followers, *, split: bool) -> None:
        self.situation = situation
        self.delays: dict[int, int] = {}
        self.splits: dict[int, tuple[Split, ...]] = {}
        self._split = split
        self._followers = followers
        self.moves = 0

    def moves_for(self, uid: int) -> bool:
        """Frees the task, and says whether it had to move for that; where it cannot be freed all stays as it is."""
        moves, before = self.moves, (self.situation, dict(self.delays), dict(self.splits))
        if not self.free(uid):
            self.situation, self.delays, self.splits = before
            return False
        return self.moves > moves

    def free(self, uid: int) -> bool:
        """Moves or splits the task until there is room for it on all of its resources while it works.

        Tasks that go along with it do not count: it would never get past them. They have to wait themselves.
        """
        while (met := self._met(uid)) is not None:
            self.moves += 1
            start, until = met
            if self.moves > MOST_MOVES or until >= _EVER:
                return False
            if self._split and self._starts(uid) < start and self._may_split(uid):
                moved = self._pause(uid, start, until)
            else:
                moved = self._delay(uid, until)
            if not moved:
                return False
        return True

    def _starts(self, uid: int) -> int:
        rows = self.situation.schedule.network.rows
        return rows.task(rows.row_of[uid], "start")

    def _may_split(self, uid: int) -> bool:
        task = self.situation.plan.tasks[uid]
        return task.leveling_can_split and not task.duration_elapsed

    def _met(self, uid: int) -> tuple[int, int] | None:
        """When the task first works where there is no room for it, and until when it has to wait.

        Whoever starts before the end of a time without room that it works in still works to its own end, and so works
        in it; hence it waits for the last of them, and a task that pauses for the first alone. Times that only idle
        time keeps apart are one.
        """
        time = self._time(uid)
        met, ahead = self._crowded(uid)
        if not met:
            return None
        start, until = met[0]
        for since, finish in (*met[1:], *ahead):
            of_the_task = not self._split and since <= met[-1][0]
            if of_the_task or since <= until or time.between(until, since) <= 0:
                until = max(until, finish)
        return start, until

    def _crowded(self, uid: int) -> tuple[list[Interval], list[Interval]]:
        """Times without room for the task: those that it works in, each from when it does; and those that are later."""
        met: list[Interval] = []
        ahead: list[Interval] = []
        for resource_uid in self.situation.resources_of(uid):
            own = self.situation.uses_by(uid, resource_uid)
            steps = capacity(self.situation.plan.resources[resource_uid])
            units = sum(use.units for use in own)
            if not own or not self.situation.plan.resources[resource_uid].can_level or never_enough(steps, units):
                continue
            start, finish = min(use.left[0][0] for use in own), max(use.left[-1][1] for use in own)
            going_along = self._followers.of(uid) | {uid}
            asked = [
                (_between(use.left, start, _EVER), use.units)
                for use in self.situation.uses_of(resource_uid)
                if use.task_uid not in going_along
            ]
            for stretch in load([*asked, ([(start, _EVER)], units)], [steps]):
                if stretch.overload and stretch.start < finish:
                    working = [p[0] for use in own for p in _between(use.left, stretch.start, stretch.finish)]
                    if working:
                        met.append((max(min(working), stretch.start), stretch.finish))
                elif stretch.overload:
                    ahead.append((stretch.start, stretch.finish))
        return sorted(met), sorted(ahead)

    def _time(self, uid: int) -> WorkingTime:
        """The working time that the task's duration and its pauses are counted in."""
        rows = self.situation.schedule.network.rows
        return rows.timetable[rows.task(rows.row_of[uid], "calendar")]

    def _delay(self, uid: int, until: int) -> bool:
        """The engine counts a delay from when the task could begin, so what is wanting is added until it is there."""
        while (start := self._starts(uid)) < until:
            now = self.situation.plan.tasks[uid].leveling_delay_minutes
            self._put_delay(uid, now + until - start)
            if self._starts(uid) <= start:
                return self._delay_from_the_beginning(uid, until)
        return True

    def _delay_from_the_beginning(self, uid: int, until: int) -> bool:
        """For a task that a date holds longer than the delay does; as little as it takes, if that can be told."""
        most = until - to_minutes(self.situation.schedule.project_start)
        self._put_delay(uid, max(0, most))
        over = self._starts(uid) - until
        if over > 0:
            self._put_delay(uid, max(0, most - over))
        if over >= 0 and self._starts(uid) < until:
            self._put_delay(uid, most)
        return self._starts(uid) >= until

    def _put_delay(self, uid: int, delay: int) -> None:
        self.delays[uid] = delay
        self.situation = self.situation.after([_update(uid, delay, None)])

    def _pause(self, uid: int, start: int, until: int) -> bool:
        task, time = self.situation.plan.tasks[uid], self._time(uid)
        worked, pause = time.between(self._starts(uid), start), time.between(start, until)
        splits = with_pause(task.splits, worked, pause)
        if splits is None:
            return self._delay(uid, until)
        self.splits[uid] = splits
        self.situation = self.situation.after([_update(uid, None, splits)])
        return True


def with_pause(splits: Sequence[Split], at: int, pause: int) -> tuple[Split, ...] | None:
    """One pause more, `at` working minutes after the start, those of earlier pauses counted; None where it cannot be.

    It cannot be before any work, be of no length, or begin within a pause.
    """
    if pause <= 0:
        return None
    done, found = 0, list(splits)
    for place, split in enumerate(found):
        begins = split.after_minutes + done
        if at < begins:
            break
        if at <= begins + split.pause_minutes:
            if at < begins + split.pause_minutes:
                return None
            found[place] = replace(split, pause_minutes=split.pause_minutes + pause)
            return tuple(found)
        done += split.pause_minutes
    after = at - done
    if after <= 0:
        return None
    found.append(Split(after_minutes=after, pause_minutes=pause))
    return tuple(sorted(found, key=lambda split: split.after_minutes))


def _update(uid: int, delay: int | None, splits: tuple[Split, ...] | None) -> Update:
    values = {} if delay is None else {"leveling_delay_minutes": delay}
    if splits is not None:
        values |= {"splits": to_plain(splits)}
    return Update(Kind.TASK, uid, values)


def never_enough(steps: Steps, units: int) -> bool:
    """Whoever asks for more than there ever is waits for nothing."""
    return all(there < units for _, there in steps)


def _between(parts: Sequence[Interval], start: int, finish: int) -> Sequence[Interval]:
    """Those that are not over at the one instant and have begun at the other; of parts that ascend."""
    first = bisect_right(parts, start, key=lambda part: part[1])
    return parts[first : bisect_left(parts, finish, lo=first, key=lambda part: part[0])]


def _works_in(use: Use, stretch: Stretch) -> bool:
    return any(_cross(start, finish, stretch) for start, finish in use.left)


def _cross(start: int, finish: int, stretch: Stretch) -> bool:
    return start < stretch.finish and finish > stretch.start


def _units_in(uses: Sequence[Use], stretch: Stretch) -> dict[int, int]:
    found: dict[int, int] = {}
    for use in uses:
        if _works_in(use, stretch):
            found[use.task_uid] = found.get(use.task_uid, 0) + use.units
    return found
