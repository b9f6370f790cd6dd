"""The longest path, and the paths into a chosen task ranked by how far each may slip before it delays that task.

Ranked by free float a path follows the links with the least slack of their own (what drives, then what nearly drives);
ranked by total float, the predecessors with the least total slack. Both are what Primavera P6 calls multiple float
paths, except that slack is counted in the successor's working time, so that a link over a weekend drives here
(T. Boyle and P. Kelly, "Interpreting Logic Paths in Multi-Calendar Project Schedules", AACE 2020, on what P6 does).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from heapq import heappop, heappush

from nirman.errors import InvalidInputError
from nirman.planning.logic import FROM_FINISH, SPANNING, TO_START, Logic, is_finished
from nirman.planning.model import Link, Plan
from nirman.planning.schedule import Schedule, TaskDates

MAX_PATHS = 1000


class RankedBy(StrEnum):
    FREE_FLOAT = "free_float"
    TOTAL_FLOAT = "total_float"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatPath:
    """`uids` from the first task to the last, which leads to `joins`, a task of an earlier path (None: it is the end).

    `float_minutes` is what the path may slip before it delays the end, in working minutes of the tasks it passes.
    """

    number: int
    float_minutes: int
    uids: tuple[int, ...]
    joins: int | None


def longest_path(plan: Plan, schedule: Schedule) -> tuple[int, ...]:
    """The tasks that decide the project's finish, in outline order: those that finish last, and what drives them."""
    walk = _Walk(Logic(plan, schedule))
    tasks = [dates for dates in schedule if walk.is_task(dates)]
    last = max((dates.finish for dates in tasks), default=None)
    reached = {_Node(dates.uid, _Part.TASK) for dates in tasks if dates.finish == last}
    waiting = list(reached)
    while waiting:
        for before, slack in walk.before(waiting.pop()):
            if slack == 0 and before not in reached and not walk.waits(before):
                reached.add(before)
                waiting.append(before)
    uids = {node.uid for node in reached if node.part is _Part.TASK}
    return tuple(uid for uid in schedule.uids if uid in uids)


def float_paths(
    plan: Plan,
    schedule: Schedule,
    *,
    end_uid: int | None = None,
    limit: int = 10,
    ranked_by: RankedBy = RankedBy.FREE_FLOAT,
) -> tuple[FloatPath, ...]:
    """At most `limit` paths into a task (None: the one that finishes last); InvalidInputError if it is not there.

    Every task is on one path: the first that reaches it.
    """
    walk = _Walk(Logic(plan, schedule))
    end = _end(walk, end_uid)
    return () if end is None else tuple(_paths(walk, end, min(limit, MAX_PATHS), ranked_by))


def _end(walk: _Walk, uid: int | None) -> _Node | None:
    schedule = walk.logic.schedule
    if uid is not None:
        if uid not in schedule or not walk.is_task(schedule[uid]):
            raise InvalidInputError(f"there is no task {uid} that takes part in the network", place="end_uid")
        return _Node(uid, _Part.TASK)
    tasks = [dates for dates in schedule if walk.is_task(dates)]
    last = max(tasks, key=lambda dates: (dates.finish, dates.id), default=None)
    return None if last is None else _Node(last.uid, _Part.TASK)


def _paths(walk: _Walk, end: _Node, limit: int, ranked_by: RankedBy) -> Iterator[FloatPath]:
    """Each path starts where the least float is left, and goes back along the links that have the least."""
    total = walk.total_float(end)
    heap: list[tuple[int, int, _Node, int | None]] = [(0, 0, end, None)]
    taken: set[_Node] = set()
    entries, number = 0, 0
    while heap and number < limit:
        slack, _, node, joins = heappop(heap)
        if node in taken:
            continue
        path: list[int] = []
        float_minutes = slack if ranked_by is RankedBy.FREE_FLOAT else walk.total_float(node) - total
        following: int | None = joins
        at: _Node | None = node
        while at is not None:
            taken.add(at)
            if at.part is _Part.TASK:
                path.append(at.uid)
                following = at.uid
            branches = []
            for before, more in walk.before(at):
                if before in taken:
                    continue
                entries += 1
                ranks = slack + more if ranked_by is RankedBy.FREE_FLOAT else walk.total_float(before)
                branches.append((ranks, entries, before, following))
            branches.sort()
            at = None
            if branches:
                slack, _, at, _ = branches[0]
                for branch in branches[1:]:
                    heappush(heap, branch)
        if path:
            number += 1
            yield FloatPath(number=number, float_minutes=float_minutes, uids=tuple(path[::-1]), joins=joins)


class _Part(Enum):
    """A summary is in the network as what holds its children back and as what its children make of it."""

    TASK = auto()
    START_BOUND = auto()
    FINISH_BOUND = auto()
    FIRST_START = auto()
    LAST_FINISH = auto()


@dataclass(frozen=True, slots=True)
class _Node:
    uid: int
    part: _Part


class _Walk:
    """Steps against the direction of the links, through summaries too; finished work is no step."""

    def __init__(self, logic: Logic) -> None:
        self.logic = logic
        self._links: dict[_Node, tuple[Link, ...]] = {}
        self._latest: dict[_Node, int] = {}

    def is_task(self, dates: TaskDates) -> bool:
        kind = self.logic.plan.tasks[dates.uid].kind
        return not dates.summary and dates.uid in self.logic.active and kind not in SPANNING

    def waits(self, node: _Node) -> bool:
        """A task that goes as late as possible stands before its successor, and does not drive it."""
        dates = self.logic.schedule[node.uid]
        return node.part is _Part.TASK and dates.start > dates.early_start

    def total_float(self, node: _Node) -> int:
        return self.logic.schedule[node.uid].total_slack_minutes

    def before(self, node: _Node) -> Iterator[tuple[_Node, int]]:
        """What a node waits for, and how long that could still keep it waiting without a change."""
        match node.part:
            case _Part.TASK:
                yield from self._into_task(node.uid)
            case _Part.START_BOUND | _Part.FINISH_BOUND:
                yield from self._into_bound(node)
            case _Part.FIRST_START | _Part.LAST_FINISH:
                yield from self._into_span(node)

    def _into_task(self, uid: int) -> Iterator[tuple[_Node, int]]:
        logic = self.logic
        for link in logic.incoming.get(uid, ()):
            if source := self._source(link):
                yield source, logic.slack(link)
        for above in logic.bound_from_above[uid]:
            for part, stands in ((_Part.START_BOUND, logic.start(uid)), (_Part.FINISH_BOUND, logic.finish(uid))):
                bound = _Node(above, part)
                if self._bounding(bound):
                    yield bound, logic.gap(uid, self._asked(bound), stands)

    def _into_bound(self, bound: _Node) -> Iterator[tuple[_Node, int]]:
        for link in self._bounding(bound):
            if source := self._source(link):
                yield source, self.logic.gap(bound.uid, self.logic.asked(link), self._asked(bound))

    def _asked(self, bound: _Node) -> int:
        """The latest instant that the links into a summary ask for."""
        if bound not in self._latest:
            self._latest[bound] = max(self.logic.asked(link) for link in self._bounding(bound))
        return self._latest[bound]

    def _into_span(self, node: _Node) -> Iterator[tuple[_Node, int]]:
        logic = self.logic
        starts = node.part is _Part.FIRST_START
        for uid in logic.children[node.uid]:
            if uid not in logic.active or is_finished(logic.plan.tasks[uid]):
                continue
            if starts and logic.start(uid) > logic.start(node.uid):
                continue
            slack = 0 if starts else logic.gap(node.uid, logic.finish(uid), logic.finish(node.uid))
            yield _Node(uid, node.part if uid in logic.children else _Part.TASK), slack

    def _bounding(self, bound: _Node) -> tuple[Link, ...]:
        if bound not in self._links:
            to_start = bound.part is _Part.START_BOUND
            links = self.logic.incoming.get(bound.uid, ())
            self._links[bound] = tuple(link for link in links if (link.kind in TO_START) is to_start)
        return self._links[bound]

    def _source(self, link: Link) -> _Node | None:
        uid = link.predecessor_uid
        if is_finished(self.logic.plan.tasks[uid]):
            return None
        if uid not in self.logic.children:
            return _Node(uid, _Part.TASK)
        return _Node(uid, _Part.LAST_FINISH if link.kind in FROM_FINISH else _Part.FIRST_START)
