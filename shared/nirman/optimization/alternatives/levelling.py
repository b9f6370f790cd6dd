"""A conflict levelled by delaying or splitting some of its tasks and no others, with the engine saying each date.

A task waits until all of its resources have room for it, whatever else they do; it is not put before what it was.
Where it stands in the way of what may not wait, the next task that may takes its turn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nirman.optimization.alternatives.followers import Followers
from nirman.optimization.alternatives.pauses import with_pause
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.alternatives.waiting import cross, never_enough, units_in
from nirman.optimization.demand import Interval, capacity
from nirman.optimization.load import load
from nirman.planning.commands import Operation, Update
from nirman.planning.model import Kind, Split
from nirman.planning.records import to_plain
from nirman.scheduling.instants import DAY, LAST_DAY, to_minutes
from nirman.scheduling.working_time import WorkingTime

MOST_MOVES = 100
"""Steps, each a schedule, after which levelling one conflict gives up."""
_EVER = LAST_DAY * DAY


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
    while over := [one for one in run.situation.overloads(resource_uid) if cross(*window, one)]:
        asking = units_in(run.situation.uses_of(resource_uid), over[0])
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
            if not own or not self.situation.levels(resource_uid) or never_enough(steps, units):
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


def _update(uid: int, delay: int | None, splits: tuple[Split, ...] | None) -> Update:
    values = {} if delay is None else {"leveling_delay_minutes": delay}
    if splits is not None:
        values |= {"splits": to_plain(splits)}
    return Update(Kind.TASK, uid, values)


def _between(parts: Sequence[Interval], start: int, finish: int) -> Sequence[Interval]:
    """Those that are not over at the one instant and have begun at the other; of parts that ascend."""
    first = bisect_right(parts, start, key=lambda part: part[1])
    return parts[first : bisect_left(parts, finish, lo=first, key=lambda part: part[0])]
