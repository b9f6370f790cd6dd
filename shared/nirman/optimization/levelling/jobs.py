"""A plan as what levelling places: tasks that may be delayed, what they wait for, and whom they ask for how much.

Every date that resources do not decide is the engine's: no task starts before it does in the schedule without resources
(`floor`), which has all constraints, the data date, and the tasks that stay where they are; none later than `latest`,
from which on it would break a constraint or push a task that is locked. Links are told between tasks that move; a
summary is a node that spans its tasks (links from it), or one that holds them back (links to it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nirman.optimization.demand import Pattern
from nirman.optimization.levelling.locks import Lock
from nirman.optimization.levelling.profile import Profile
from nirman.planning.model import Plan, Task
from nirman.planning.schedule import Schedule
from nirman.scheduling.working_time import WorkingTime


@dataclass(frozen=True, slots=True)
class Ask:
    """What a link asks: after which end of a node, and how long after, this one's start or finish may be."""

    node: int
    from_finish: bool
    to_start: bool
    lag: int
    lag_time: WorkingTime


@dataclass(frozen=True, slots=True)
class Job:
    """A task that levelling may move. Instants are minutes since 1970, `duration` working minutes with pauses."""

    number: int
    task: Task
    time: WorkingTime
    duration: int
    parts: tuple[tuple[WorkingTime, int], ...]
    """Of a task whose assignments decide how long it takes: working time and minutes of each."""
    patterns: tuple[Pattern, ...]
    """What it asks of resources that are levelled."""
    floor: int
    latest: int
    late_finish: int
    """Without resources, for the project's finish to stay."""
    stands_in_evenings: bool
    asks: tuple[Ask, ...]
    gates: tuple[int, ...]

    def next_start(self, instant: int) -> int:
        if self.parts:
            return min(time.next_start(instant) for time, _ in self.parts)
        if self.duration == 0 and self.stands_in_evenings and self.time.previous_finish(instant) == instant:
            return instant
        return self.time.next_start(instant)

    def finish(self, start: int) -> int:
        if self.parts:
            return max(time.add(start, minutes) for time, minutes in self.parts)
        return self.time.add(start, self.duration)

    def start_for(self, finish: int) -> int:
        """The latest start that makes the finish."""
        if self.parts:
            return min(time.subtract(finish, minutes) for time, minutes in self.parts)
        return self.time.subtract(finish, self.duration)

    @property
    def may_split(self) -> bool:
        """One that works in one calendar, from start to finish."""
        plain = all(p.time is self.time and p.stretches == ((0, None),) for p in self.patterns)
        return plain and bool(self.patterns) and self.task.leveling_can_split and not self.parts


@dataclass(frozen=True, slots=True)
class Span:
    """A summary with links that lead from it: what it covers."""

    jobs: tuple[int, ...]
    others: tuple[tuple[int, int], ...]
    """Start and finish of the tasks below it that do not move."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A summary with links that lead to it: what they ask of all that is below it."""

    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Shop:
    """All of it. Nodes are numbered jobs first, then spans, then gates."""

    plan: Plan
    base: Schedule
    """Without resources, and without what levelling did before."""
    jobs: tuple[Job, ...]
    spans: tuple[Span, ...]
    gates: tuple[Gate, ...]
    locks: Mapping[int, Lock]
    """By uid, of tasks that stay."""
    profiles: Mapping[int, Profile]
    """By resource that is levelled: what tasks that stay leave, on the axis of `axes`."""
    axes: Mapping[int, WorkingTime]
    steady: Mapping[int, Profile] = field(default_factory=dict)
    """The same of those alone that no delay of others moves: there is never more."""
    beyond: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """By resource: tasks that ask for more of it than there ever is."""

    late: frozenset[int] = frozenset()
    """Uids of tasks that go as late as possible; in `plan` they do not."""

    overload: int = 0
    """Minutes of work that are too much before levelling."""

    waits: tuple[frozenset[int], ...] = ()
    """Of each node: those that must be placed before it."""
    order: tuple[int, ...] = ()
    """Nodes so that all that one waits for comes before it."""

    @property
    def nodes(self) -> int:
        return len(self.waits)


def waits_of(jobs: Sequence[Job], spans: Sequence[Span], gates: Sequence[Gate]) -> tuple[frozenset[int], ...]:
    of_jobs = [frozenset((*(ask.node for ask in job.asks), *job.gates)) for job in jobs]
    of_spans = [frozenset(span.jobs) for span in spans]
    return (*of_jobs, *of_spans, *(frozenset(ask.node for ask in gate.asks) for gate in gates))


def ordered(waits: Sequence[frozenset[int]]) -> tuple[int, ...]:
    """The engine has refused circles before."""
    left = [len(others) for others in waits]
    following: list[list[int]] = [[] for _ in waits]
    for node, others in enumerate(waits):
        for other in others:
            following[other].append(node)
    ready = [node for node, count in enumerate(left) if count == 0]
    for node in ready:
        for after in following[node]:
            left[after] -= 1
            if left[after] == 0:
                ready.append(after)
    return tuple(ready)
