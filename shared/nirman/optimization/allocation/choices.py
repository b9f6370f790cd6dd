"""Who could do what: of each task the ways to give its assignments to resources, and what each way costs."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, product

from nirman.optimization.allocation.result import Kept
from nirman.optimization.alternatives.eligibility import Eligibility, why_kept
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.demand import capacity, whole_units
from nirman.optimization.levelling.locks import lock_of
from nirman.planning.commands import Operation, Update
from nirman.planning.costs import NOTHING, plan_costs
from nirman.planning.model import Assignment, Kind, Plan, Task

MOST_OPTIONS = 64
"""Of one task; of more, the cheapest."""
_MOST_PRODUCTS = 100_000
Vector = tuple[int, ...]
"""The number of an option of each task."""


@dataclass(frozen=True, slots=True)
class Option:
    """`resources` by assignment; `cost` is that of these assignments."""

    resources: Mapping[int, int]
    cost: Decimal


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """The first option is how it is."""

    uid: int
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """`complete`: no option was left out because there are too many."""

    plan: Plan
    tasks: tuple[TaskChoice, ...]
    kept: tuple[Kept, ...]
    complete: bool

    @property
    def present(self) -> Vector:
        return (0,) * len(self.tasks)

    @property
    def cheapest(self) -> Vector:
        return tuple(min(range(len(t.options)), key=[o.cost for o in t.options].__getitem__) for t in self.tasks)

    @property
    def count(self) -> int:
        found = 1
        for task in self.tasks:
            found *= len(task.options)
        return found

    def vectors(self) -> Iterator[Vector]:
        return product(*(range(len(task.options)) for task in self.tasks))

    def cost(self, vector: Vector) -> Decimal:
        """Of the assignments that there is a choice for."""
        return sum((task.options[n].cost for task, n in zip(self.tasks, vector, strict=True)), NOTHING)

    def operations(self, vector: Vector) -> tuple[Operation, ...]:
        changed = {
            assignment_uid: resource_uid
            for task, number in zip(self.tasks, vector, strict=True)
            for assignment_uid, resource_uid in task.options[number].resources.items()
            if self.plan.assignments[assignment_uid].resource_uid != resource_uid
        }
        return tuple(Update(Kind.ASSIGNMENT, uid, {"resource_uid": to}) for uid, to in sorted(changed.items()))


def choices_of(situation: Situation, task_uids: Collection[int]) -> Choices:
    """Of the tasks asked for; of all that people or machines work on where none are."""
    plan, tree = situation.plan, situation.schedule.outline
    eligibility = Eligibility(plan)
    kept: dict[str, list[int]] = {}
    candidates: dict[int, list[_Candidates]] = {}
    for uid in tree.uids:
        of_task = situation.by_task.get(uid, ())
        if uid not in task_uids if task_uids else not of_task:
            continue
        rule = _why_kept(plan.tasks[uid], tree.children)
        if rule is None:
            candidates[uid] = [_candidates(plan, eligibility, one) for one in of_task]
            if all(len(one.resources) == 1 for one in candidates[uid]):
                del candidates[uid]
                rule = "nobody else has the skills, or is of the group, with units enough"
        if rule is not None:
            kept.setdefault(rule, []).append(uid)
    costs = _costs(situation, [one for of_task in candidates.values() for one in of_task])
    every = {uid: _options(of_task, costs) for uid, of_task in candidates.items()}
    tasks = tuple(TaskChoice(uid, _affordable(options)) for uid, options in every.items() if len(options) > 1)
    complete = all(len(options) <= MOST_OPTIONS for options in every.values())
    reasons = tuple(Kept(rule=rule, task_uids=tuple(uids)) for rule, uids in sorted(kept.items()))
    return Choices(plan, tasks, reasons, complete)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Those that could have an assignment, whoever has it first."""

    assignment: Assignment
    resources: tuple[int, ...]


def _why_kept(task: Task, summaries: Container[int | None]) -> str | None:
    if (rule := why_kept(task, summaries)) is not None:
        return rule
    lock = lock_of(task, summaries)
    return None if lock is None else f"a task that {lock} keeps its resources"


def _candidates(plan: Plan, eligibility: Eligibility, assignment: Assignment) -> _Candidates:
    units, present = whole_units(assignment.units), plan.resources[assignment.resource_uid]
    enough = [other.uid for other in eligibility.of(present) if any(there >= units for _, there in capacity(other))]
    return _Candidates(assignment, (present.uid, *enough))


def _costs(situation: Situation, candidates: Sequence[_Candidates]) -> Mapping[tuple[int, int], Decimal]:
    """By assignment and resource, as `planning.costs` has them: all assignments change hands at once, a few times."""
    found: dict[tuple[int, int], Decimal] = {}
    for number in range(max((len(one.resources) for one in candidates), default=0)):
        some = [(one.assignment, one.resources[number]) for one in candidates if number < len(one.resources)]
        changed = {assignment.uid: replace(assignment, resource_uid=uid) for assignment, uid in some}
        plan = replace(situation.plan, assignments={**situation.plan.assignments, **changed})
        costs = plan_costs(plan, situation.schedule)
        found.update({(assignment.uid, uid): costs.assignments[assignment.uid].cost for assignment, uid in some})
    return found


def _options(of_task: Sequence[_Candidates], costs: Mapping[tuple[int, int], Decimal]) -> list[Option]:
    """Nobody has two assignments of one task who had not; the present ones come first."""
    found: list[Option] = []
    for uids in islice(product(*(one.resources for one in of_task)), _MOST_PRODUCTS):
        if found and len(set(uids)) < len(uids):
            continue
        resources = {one.assignment.uid: uid for one, uid in zip(of_task, uids, strict=True)}
        found.append(Option(resources, sum((costs[item] for item in resources.items()), NOTHING)))
    return found


def _affordable(options: Sequence[Option]) -> tuple[Option, ...]:
    first, *others = options
    return (first, *sorted(others, key=lambda option: option.cost)[: MOST_OPTIONS - 1])
