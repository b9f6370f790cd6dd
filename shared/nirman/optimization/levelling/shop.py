"""From a plan to what levelling places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from nirman.optimization.demand import Demands, Pattern, Use, capacity
from nirman.optimization.levelling.jobs import Ask, Gate, Job, Shop, Span, ordered, waits_of
from nirman.optimization.levelling.locks import Lock, lock_of
from nirman.optimization.levelling.profile import NEVER_AGAIN, Profile
from nirman.planning.logic import FROM_FINISH, SPANNING, TO_START, Logic
from nirman.planning.model import ConstraintKind, Plan, ResourceKind, Rules, TaskKind
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.instants import DAY, LAST_DAY, to_minutes
from nirman.scheduling.rows import Rows
from nirman.scheduling.working_time import ELAPSED, WorkingTime

_PART_WIDTH = 5
_HOLDING = {
    Lock.MANUAL: (ConstraintKind.SNLT, "start"),
    Lock.PRIORITY: (ConstraintKind.SNLT, "start"),
    Lock.BEGUN: (ConstraintKind.FNLT, "finish"),
}
"""Tasks that do not say by themselves, in the engine, how late what leads to them may be: by what they can say it."""
_ROOM_DAYS = 3650
"""How far beyond the schedule without resources dates are still told apart from "whenever"."""


def levelled_resources(plan: Plan) -> frozenset[int]:
    """Those that let themselves be levelled; where none does, all: whoever asks for levelling means something by it.

    Files that went through other programs often say of every resource that it is not levelled. Materials and costs are
    never levelled, whatever they say.
    """
    working = working_resources(plan)
    return frozenset(uid for uid in working if plan.resources[uid].can_level) or working


def working_resources(plan: Plan) -> frozenset[int]:
    assigned = {assignment.resource_uid for assignment in plan.assignments.values()}
    return frozenset(uid for uid in assigned if plan.resources[uid].kind is ResourceKind.WORK)


def cleared(plan: Plan) -> Plan:
    """Without the delays of an earlier levelling; tasks that stay keep theirs."""
    summaries = {task.parent_uid for task in plan.tasks.values()}
    delayed = {
        uid: replace(task, leveling_delay_minutes=0)
        for uid, task in plan.tasks.items()
        if task.leveling_delay_minutes and lock_of(task, summaries) is None
    }
    return replace(plan, tasks={**plan.tasks, **delayed}) if delayed else plan


def shop_of(plan: Plan, *, within_slack: bool, now: Schedule | None = None) -> Shop:
    """`plan` without earlier delays. `now`: a levelled schedule of it, whose dates of tasks that stay count instead."""
    base = schedule_plan(plan)
    summaries = {task.parent_uid for task in plan.tasks.values()}
    locks = {uid: lock for uid, task in plan.tasks.items() if (lock := lock_of(task, summaries)) is not None}
    return _Opening(plan, base, now or base, locks, within_slack=within_slack).shop()


class _Opening:
    def __init__(
        self, plan: Plan, base: Schedule, now: Schedule, locks: Mapping[int, Lock], *, within_slack: bool
    ) -> None:
        self._plan, self._base, self._now, self._locks = plan, base, now, locks
        self._within_slack = within_slack
        self._rows: Rows = base.network.rows
        self._logic = Logic(plan, base)
        self._limits = schedule_plan(_limiting(plan, base, locks, within_slack=within_slack)).network.rows
        self._demands = Demands(plan, base)
        self._levelled = levelled_resources(plan)
        active, summaries = self._logic.active, self._logic.children
        self._leaves = [uid for uid in base.uids if uid in active and uid not in summaries]
        self._number = {uid: number for number, uid in enumerate(uid for uid in self._leaves if uid not in locks)}
        self._below = self._leaves_below()
        spans = [uid for uid, leaves in self._below.items() if uid in self._logic.outgoing and self._any_moves(leaves)]
        self._sources = self._number | {uid: len(self._number) + place for place, uid in enumerate(spans)}
        gates = [uid for uid in self._below if self._asks(uid)]
        self._gates = {uid: len(self._sources) + place for place, uid in enumerate(gates)}

    def shop(self) -> Shop:
        held = self._held()
        patterns = {uid: self._patterns(uid) for uid in self._number}
        axes = self._axes(patterns.values(), held)
        moved = self._may_be_moved()
        steady = [(use, of_task) for use, of_task in held if use.task_uid not in moved]
        beyond = self._beyond(patterns)
        jobs = tuple(self._job(uid, patterns[uid], beyond) for uid in self._number)
        spans = tuple(self._span(uid) for uid in self._sources if uid not in self._number)
        gates = tuple(Gate(self._asks(uid)) for uid in self._gates)
        waits = waits_of(jobs, spans, gates)
        return Shop(
            plan=self._plan,
            base=self._base,
            jobs=jobs,
            spans=spans,
            gates=gates,
            waits=waits,
            order=ordered(waits),
            locks=self._locks,
            profiles={uid: self._profile(uid, axis, held) for uid, axis in axes.items()},
            steady={uid: self._profile(uid, axis, steady) for uid, axis in axes.items()},
            axes=axes,
            beyond=beyond,
        )

    def _job(self, uid: int, patterns: Iterable[Pattern], beyond: Mapping[int, frozenset[int]]) -> Job:
        task, rows, limits = self._plan.tasks[uid], self._rows, self._limits
        row = rows.row_of[uid]
        first, count = rows.task(row, "first_part"), rows.task(row, "parts")
        parts = []
        for place in range(first, first + count):
            calendar, _, minutes, _, delay = rows.parts[place * _PART_WIDTH : (place + 1) * _PART_WIDTH]
            parts.append((rows.timetable[calendar], minutes + delay))
        floor = rows.task(row, "early_start")
        job = Job(
            number=self._number[uid],
            task=task,
            time=rows.timetable[rows.task(row, "calendar")],
            duration=rows.task(row, "duration"),
            parts=tuple(parts),
            patterns=tuple(pattern for pattern in patterns if uid not in beyond.get(pattern.resource_uid, ())),
            floor=floor,
            latest=max(floor, limits.task(limits.row_of[uid], "late_start")),
            late_finish=rows.task(row, "late_finish"),
            stands_in_evenings=self._microsoft or task.kind is TaskKind.FINISH_MILESTONE,
            asks=self._asks(uid),
            gates=tuple(self._gates[above] for above in self._logic.ancestors(uid) if above in self._gates),
        )
        if not self._within_slack:
            return job
        last = job.start_for(to_minutes(self._base.project_finish))
        return replace(job, latest=max(floor, min(job.latest, last)))

    @property
    def _microsoft(self) -> bool:
        return self._plan.project.rules is Rules.MICROSOFT

    # Links and summaries.

    def _leaves_below(self) -> dict[int, list[int]]:
        """Active leaves below each summary; what only spans others is not among them."""
        found: dict[int, list[int]] = {}
        for uid in self._leaves:
            if self._plan.tasks[uid].kind not in SPANNING:
                for above in self._logic.ancestors(uid):
                    found.setdefault(above, []).append(uid)
        return found

    def _any_moves(self, uids: Iterable[int]) -> bool:
        return any(uid in self._number for uid in uids)

    def _span(self, uid: int) -> Span:
        leaves = self._below[uid]
        return Span(
            jobs=tuple(self._number[leaf] for leaf in leaves if leaf in self._number),
            others=tuple(
                (self._logic.start(leaf), self._logic.finish(leaf)) for leaf in leaves if leaf not in self._number
            ),
        )

    def _asks(self, uid: int) -> tuple[Ask, ...]:
        """Of links from what moves; those from what stays are in the schedule without resources."""
        found = []
        for link in self._logic.incoming.get(uid, ()):
            if link.predecessor_uid in self._sources:
                lag, time = self._logic.lag(link)
                node = self._sources[link.predecessor_uid]
                found.append(Ask(node, link.kind in FROM_FINISH, link.kind in TO_START, lag, time))
        return tuple(found)

    def _may_be_moved(self) -> set[int]:
        """Leaves whose dates are not the same in every levelled plan: what may be delayed, or follows such."""
        late = {uid for uid, lock in self._locks.items() if lock is Lock.LATE}
        found = self._number.keys() | late
        ready = list(found)
        for uid in ready:
            for source in (uid, *self._logic.ancestors(uid)):
                for link in self._logic.outgoing.get(source, ()):
                    follows = set(self._below.get(link.successor_uid, (link.successor_uid,))) - found
                    found |= follows
                    ready.extend(follows)
        return found

    # Resources.

    def _held(self) -> list[tuple[Use, tuple[Pattern, ...]]]:
        """What is asked for by tasks that stay, and how they work."""
        stay = Demands(self._plan, self._now)
        followers = self._logic.children.keys() | {u for u, t in self._plan.tasks.items() if t.kind in SPANNING}
        uids = [uid for uid in stay.task_uids if uid not in self._number and uid not in followers]
        return [(use, stay.patterns(uid)) for uid in uids for use in stay.uses(uid) if use.left]

    def _patterns(self, uid: int) -> list[Pattern]:
        """Of several assignments of one resource, one that is as long as the task."""
        found: dict[int, Pattern] = {}
        row = self._rows.row_of[uid]
        for pattern in self._demands.patterns(uid):
            resource = pattern.resource_uid
            if resource not in self._levelled or not pattern.units:
                continue
            if resource not in found:
                found[resource] = pattern
                continue
            time = self._rows.timetable[self._rows.task(row, "calendar")]
            units = found[resource].units + pattern.units
            found[resource] = Pattern(pattern.assignment_uid, resource, units, time, ((0, None),))
        return list(found.values())

    def _axes(
        self, patterns: Iterable[Iterable[Pattern]], held: Iterable[tuple[Use, tuple[Pattern, ...]]]
    ) -> dict[int, WorkingTime]:
        """The working time of each resource if all that it does is done in that, else every minute."""
        times: dict[int, set[WorkingTime]] = {}
        for of_task in (*patterns, *(of_task for _, of_task in held)):
            for pattern in of_task:
                if pattern.resource_uid in self._levelled:
                    times.setdefault(pattern.resource_uid, set()).add(pattern.time)
        return {uid: next(iter(found)) if len(found) == 1 else ELAPSED for uid, found in times.items()}

    def _beyond(self, patterns: Mapping[int, Iterable[Pattern]]) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        for uid, of_task in patterns.items():
            floor = self._rows.task(self._rows.row_of[uid], "early_start")
            for pattern in of_task:
                steps = capacity(self._plan.resources[pattern.resource_uid])
                ends = [instant for instant, _ in steps[1:]] + [LAST_DAY * DAY]
                if pattern.units > max(units for (_, units), end in zip(steps, ends, strict=True) if end > floor):
                    found.setdefault(pattern.resource_uid, set()).add(uid)
        return {uid: frozenset(tasks) for uid, tasks in found.items()}

    def _profile(
        self, resource_uid: int, axis: WorkingTime, held: Iterable[tuple[Use, tuple[Pattern, ...]]]
    ) -> Profile:
        steps = capacity(self._plan.resources[resource_uid])
        profile = Profile([(-NEVER_AGAIN, steps[0][1]), *((axis.worked(at), units) for at, units in steps[1:])])
        for use, _ in held:
            if use.resource_uid == resource_uid:
                for start, finish in use.left:
                    profile.take(axis.worked(start), axis.worked(finish), use.units)
        return profile


def _limiting(plan: Plan, base: Schedule, locks: Mapping[int, Lock], *, within_slack: bool) -> Plan:
    """A plan whose late dates are how far tasks may be delayed.

    Tasks that stay hold back what leads to them. Beyond slack neither deadlines nor the project's finish bind.
    """
    tasks = dict(plan.tasks)
    for uid, task in plan.tasks.items():
        lock = locks.get(uid)
        if lock in _HOLDING and task.second_constraint is ConstraintKind.ASAP and task.actual_finish is None:
            kind, end = _HOLDING[lock]
            at = getattr(base[uid], end)
            tasks[uid] = replace(task, second_constraint=kind, second_constraint_date=at)
        if not within_slack and task.deadline is not None:
            tasks[uid] = replace(tasks[uid], deadline=None)
    project = plan.project
    if not within_slack:
        work = sum(task.duration_minutes for task in plan.tasks.values())
        room = min(work // DAY + _ROOM_DAYS, (LAST_DAY * DAY - to_minutes(base.project_finish)) // DAY - 1)
        project = replace(project, must_finish=base.project_finish + timedelta(days=max(0, room)))
    return replace(plan, project=project, tasks=tasks)
