"""Units times duration is work: what else changes when one of the three is edited.

By the task's effort kind, as Microsoft Project has it:

    edited      fixed units     fixed duration    fixed work
    duration    work follows    work              units
    work        duration        units             duration
    units       duration        work              duration

P6's duration types are these: Fixed Units/Time is fixed units, Fixed Units is fixed work, Fixed Duration & Units/Time
is fixed duration, and Fixed Duration & Units is fixed duration with effort driven, where an edited duration changes
units. By P6's rules the equation is of what remains: once begun, a planned duration stays what was planned.

`docs/scheduling-effort.md` has the rules for edits of several at once, progress, delays and several assignments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nirman.errors import InvalidInputError
from nirman.planning.effort_shares import EFFORT_FIELDS, Equation, Member, Place
from nirman.planning.effort_values import (
    Share,
    Time,
    on_task_calendar,
    reported,
    share_of,
    time_of,
    with_share,
    with_time,
)
from nirman.planning.model import Assignment, Kind, Plan, Record, ResourceKind, Rules, Task, TaskKind

Key = tuple[Kind, int]
Said = Mapping[Key, Mapping[str, str]]
"""The fields that a command names of each record it creates or updates, and the place of each in the command."""

_PROGRESS = frozenset({"percent_complete", "remaining_minutes"})
_OF_TASK = frozenset({"duration_minutes", "work_minutes", *_PROGRESS})
_WORK_REPORTED = frozenset({"actual_work_minutes", "remaining_work_minutes"})
_WITHOUT = frozenset(set(TaskKind) - {TaskKind.TASK, TaskKind.RESOURCE_DEPENDENT})
_MOST_MINUTES, _MOST_UNITS = 52_560_000, 1_000_000


def following(before: Plan, after: Plan, said: Said, places: Mapping[Key, str]) -> Iterator[tuple[Kind, Record, str]]:
    """The records that change with those of a command, each with the place of what it follows.

    `places` has all records that the command touched. InvalidInputError where the command contradicts itself, or what
    would follow cannot be.
    """
    concerned = _concerned(before, after, said, places)
    if not concerned:
        return
    summaries = {task.parent_uid for task in after.tasks.values()}
    then, now = _assigned(before, concerned), _assigned(after, concerned)
    for uid, place in concerned.items():
        task = after.tasks[uid]
        if uid in summaries or task.kind in _WITHOUT or task.actual_finish is not None:
            continue
        edit = _Edit(after, before.tasks.get(uid), task, then.get(uid, {}), now.get(uid, {}), said, place)
        settled, assignments = edit.settled()
        if settled != task:
            yield Kind.TASK, settled, place
        for assignment in assignments:
            if assignment != after.assignments[assignment.uid]:
                yield Kind.ASSIGNMENT, assignment, place


def _concerned(before: Plan, after: Plan, said: Said, places: Mapping[Key, str]) -> dict[int, str]:
    """Tasks whose equation a command touches, with the place of the first that does."""
    found: dict[int, str] = {}
    for (kind, uid), place in places.items():
        fields = said.get((kind, uid), {})
        if kind is Kind.TASK and fields.keys() & _OF_TASK:
            found.setdefault(uid, place)
        elif kind is Kind.ASSIGNMENT:
            one, other = before.assignments.get(uid), after.assignments.get(uid)
            if one is None or other is None or fields.keys() & EFFORT_FIELDS:
                for assignment in (one, other):
                    if assignment is not None:
                        found.setdefault(assignment.task_uid, place)
    return {uid: place for uid, place in found.items() if uid in after.tasks}


def _assigned(plan: Plan, tasks: Mapping[int, str]) -> dict[int, dict[int, Assignment]]:
    """By task, those of people and machines; by uid, ascending."""
    found: dict[int, dict[int, Assignment]] = {}
    for assignment in plan.assignments.values():
        if assignment.task_uid in tasks and plan.resources[assignment.resource_uid].kind is ResourceKind.WORK:
            found.setdefault(assignment.task_uid, {})[assignment.uid] = assignment
    return {uid: dict(sorted(of_task.items())) for uid, of_task in found.items()}


class _Edit:
    """What one command does to one task; `was` is None where it creates the task."""

    def __init__(
        self,
        plan: Plan,
        was: Task | None,
        task: Task,
        then: Mapping[int, Assignment],
        now: Mapping[int, Assignment],
        said: Said,
        place: str,
    ) -> None:
        self._plan = plan
        self._rules = plan.project.rules
        self._fields = said.get((Kind.TASK, task.uid), {})
        self._said = said
        self._place = place
        self._now = now
        percent = task.percent_complete if was is None else was.percent_complete
        if percent != task.percent_complete and "remaining_minutes" not in self._fields:
            task = replace(task, remaining_minutes=None)
        self._task = task
        self._work_before = sum(share_of(was, assignment).work for assignment in then.values()) if was else 0
        # 0 is how a task that states no work has it.
        self._says_work = "work_minutes" in self._fields and (task.work_minutes > 0 or bool(was and was.work_minutes))
        if was is not None and self._fields.keys() & _PROGRESS and "duration_minutes" not in self._fields:
            then = {uid: reported(was, task, assignment) for uid, assignment in then.items()}
            self._now = {uid: self._reported(was, assignment) for uid, assignment in now.items()}
        # A report of progress comes before the edits beside it; a new duration is compared with the one before.
        self._base = was if was is not None and "duration_minutes" in self._fields else task
        self._begun_in_p6 = self._rules is Rules.PRIMAVERA and self._base.remaining_minutes is not None
        self._before = {uid: share_of(self._base, assignment) for uid, assignment in then.items()}
        self._given = self._given_time()

    def settled(self) -> tuple[Task, list[Assignment]]:
        task, time = self._task, self._given
        if not self._concerns_effort():
            shares = [share_of(task, assignment) for assignment in self._now.values()]
            return self._with_work(task, shares), list(self._now.values())
        members: list[Member] = []
        if self._now:
            members, time = self._solved()
        if time is not None:
            task = self._timed(time)
        shares = [member.share() for member in members]
        task = self._with_work(task, shares)
        self._check_bounds(task, shares)
        return task, [with_share(task, self._now[member.uid], member.share()) for member in members]

    def _reported(self, was: Task, assignment: Assignment) -> Assignment:
        named = self._said.get((Kind.ASSIGNMENT, assignment.uid), {}).keys() & _WORK_REPORTED
        return assignment if named else reported(was, self._task, assignment)

    def _concerns_effort(self) -> bool:
        named = {name for uid in self._now for name in self._said.get((Kind.ASSIGNMENT, uid), {})}
        return (
            ("duration_minutes" in self._fields and self._given is not None)
            or (bool(self._now) and self._says_work)
            or self._before.keys() != self._now.keys()
            or bool(named & EFFORT_FIELDS)
        )

    def _given_time(self) -> Time | None:
        """What the command says of the time left."""
        if "duration_minutes" not in self._fields:
            return time_of(self._task) if "remaining_minutes" in self._fields else None
        if self._fields.keys() & _PROGRESS:
            return time_of(self._task)
        if self._begun_in_p6:
            return None
        done = min(time_of(self._base).done, self._task.duration_minutes)
        return Time(done, self._task.duration_minutes - done)

    def _solved(self) -> tuple[list[Member], Time | None]:
        equation = Equation(
            task=self._task,
            rules=self._rules,
            time=time_of(self._base),
            given=self._given,
            before=self._before,
            work=self._task.work_minutes,
            work_said=self._says_work,
            place=Place(self._place, self._fields),
        )
        members = [self._member(assignment) for assignment in self._now.values()]
        left = equation.solve(members)
        done = equation.time.done if self._given is None else self._given.done
        return members, Time(done, left) if self._given is not None or left != equation.time.left else None

    def _member(self, assignment: Assignment) -> Member:
        fields = self._said.get((Kind.ASSIGNMENT, assignment.uid), {})
        resource = self._plan.resources[assignment.resource_uid]
        return Member.of(
            assignment,
            self._before.get(assignment.uid),
            delay=share_of(self._base, assignment).delay,
            comparable=on_task_calendar(self._plan, self._task, resource),
            place=Place(self._place, fields),
        )

    def _timed(self, time: Time) -> Task:
        """What the command says of progress stands."""
        progress = self._fields.keys() & _PROGRESS
        if progress and self._given is not None:
            return self._task
        task = with_time(self._task, time, self._rules)
        if progress:
            task = replace(task, percent_complete=self._task.percent_complete, remaining_minutes=time.left)
        return task

    def _with_work(self, task: Task, shares: list[Share]) -> Task:
        """Work that is stated follows the sum; with nobody left, a task that effort drives keeps what is to be done."""
        was, stated = self._work_before, task.work_minutes
        if self._says_work or not (shares or was):
            return task
        if not shares and task.effort_driven:
            return replace(task, work_minutes=max(was, stated))
        if not stated:
            return task
        # By as much as the assignments changed: files may state more than is assigned.
        more = stated - was if self._before else 0
        return replace(task, work_minutes=max(0, more + sum(share.work for share in shares)))

    def _check_bounds(self, task: Task, shares: list[Share]) -> None:
        if max([task.duration_minutes, task.work_minutes, *(share.work for share in shares)]) > _MOST_MINUTES:
            rule = "the duration and work that follow must not be over a hundred years"
            raise InvalidInputError(rule, place=self._place)
        if any(share.units > _MOST_UNITS for share in shares):
            raise InvalidInputError(f"the units that follow must not be over {_MOST_UNITS}", place=self._place)
