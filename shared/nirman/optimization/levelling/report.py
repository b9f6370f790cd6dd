"""What came of levelling, told by the engine's schedules before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from nirman.optimization.answers import Status
from nirman.optimization.conflicts import conflicts_of, uses_by_resource
from nirman.optimization.demand import UNIT, Use, capacity, uses
from nirman.optimization.levelling.bounds import earliest_finish
from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.notes import notes
from nirman.optimization.levelling.reasons import unresolved
from nirman.optimization.levelling.result import Levelling, Load, Moved, Unresolved
from nirman.optimization.levelling.search import Found
from nirman.optimization.levelling.settling import Settled, gap, makespan
from nirman.optimization.levelling.shop import levelled_resources
from nirman.optimization.load import load
from nirman.optimization.options import LevelOptions
from nirman.planning import records
from nirman.planning.commands import Operation, Update
from nirman.planning.model import Kind, Plan
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import to_datetime, to_minutes

_SAID = ("leveling_delay_minutes", "splits")
"""Fields of a task that levelling changes."""


def report(
    plan: Plan, before: Schedule, shop: Shop, answer: tuple[Settled, Found] | None, options: LevelOptions
) -> Levelling:
    """`answer` None: nothing was to be placed, or could be; the plan without its old delays is the answer."""
    settled, found = answer or (None, None)
    after_plan, after = (settled.result.plan, settled.result.schedule) if settled else (shop.plan, shop.base)
    bound, bound_by = (found.bound, found.bound_by) if found else earliest_finish(shop)
    left = tuple(_left(plan, after_plan, after, shop, settled, options))
    finish = to_minutes(after.project_finish)
    bound = min(bound, finish)
    status = Status.OPTIMAL if finish <= bound else Status.FEASIBLE
    levelled = levelled_resources(plan)
    if any(levelled.issuperset(one.conflict.resource_uids) for one in left):
        status = Status.PARTIAL
    return Levelling(
        status=status,
        start=after.project_start,
        finish=after.project_finish,
        finish_before=before.project_finish,
        makespan_minutes=makespan(after, finish),
        lower_bound_minutes=makespan(after, bound),
        lower_bound_finish=to_datetime(bound),
        bound_by=bound_by,
        gap=gap(after, finish, bound),
        moved=tuple(_moved(plan, after_plan, before, after)),
        unresolved=left,
        loads=tuple(_loads(plan, before, after_plan, after)),
        missed_deadlines=tuple(_missed(plan, before, after)),
        schedules=found.schedules if found else 0,
        stopped=found.stopped if found else False,
        reproducible=found.reproducible if found else True,
        notes=notes(plan),
        operations=operations(plan, after_plan),
    )


def operations(before: Plan, after: Plan) -> tuple[Operation, ...]:
    """Updates of the tasks whose delay or pauses are others, by uid."""
    found: list[Operation] = []
    for uid, task in sorted(after.tasks.items()):
        values = {
            name: records.to_plain(getattr(task, name))
            for name in _SAID
            if getattr(task, name) != getattr(before.tasks[uid], name)
        }
        if values:
            found.append(Update(Kind.TASK, uid, values))
    return tuple(found)


def _left(
    plan: Plan, after_plan: Plan, after: Schedule, shop: Shop, settled: Settled | None, options: LevelOptions
) -> Iterator[Unresolved]:
    of_resources = uses_by_resource(uses(after_plan, after))
    found = list(chain.from_iterable(conflicts_of(plan, uid, of_resources[uid]) for uid in of_resources))
    found.sort(key=lambda conflict: (conflict.start, conflict.id))
    homeless = settled.homeless if settled else frozenset()
    yield from unresolved(shop, found, homeless, levelled_resources(plan), within_slack=options.within_slack)


def _moved(plan: Plan, after_plan: Plan, before: Schedule, after: Schedule) -> Iterator[Moved]:
    rows = before.network.rows
    for uid in before.uids:
        old, new = before[uid], after[uid]
        if old.summary or (old.start, old.finish) == (new.start, new.finish):
            continue
        time = rows.timetable[rows.task(rows.row_of[uid], "slack_calendar")]
        task = after_plan.tasks[uid]
        yield Moved(
            uid=uid,
            name=task.name,
            from_start=old.start,
            from_finish=old.finish,
            to_start=new.start,
            to_finish=new.finish,
            minutes=time.between(to_minutes(old.start), to_minutes(new.start)),
            delay_minutes=task.leveling_delay_minutes,
            pauses=len(task.splits) - len(plan.tasks[uid].splits),
        )


def _loads(plan: Plan, before: Schedule, after_plan: Plan, after: Schedule) -> Iterator[Load]:
    was, now = uses_by_resource(uses(plan, before)), uses_by_resource(uses(after_plan, after))
    for uid in sorted(was.keys() | now.keys()):
        peak_before, over_before = _load(plan, uid, was)
        peak_after, over_after = _load(plan, uid, now)
        yield Load(
            resource_uid=uid,
            name=plan.resources[uid].name,
            peak_before=peak_before,
            peak_after=peak_after,
            overload_before_minutes=over_before,
            overload_after_minutes=over_after,
        )


def _load(plan: Plan, uid: int, of_resources: Mapping[int, Sequence[Use]]) -> tuple[float, int]:
    peak = overload = 0
    for stretch in load(((u.left, u.units) for u in of_resources.get(uid, ())), [capacity(plan.resources[uid])]):
        peak = max(peak, stretch.demand)
        overload += (stretch.finish - stretch.start) * stretch.overload
    return peak / UNIT, round(overload / UNIT)


def _missed(plan: Plan, before: Schedule, after: Schedule) -> Iterator[int]:
    for uid, task in plan.tasks.items():
        if task.deadline is not None and before[uid].finish <= task.deadline < after[uid].finish:
            yield uid
