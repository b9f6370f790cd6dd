"""What a plan offers to buy, and why some of what its people entered cannot be had."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from nirman.optimization.compression.board import lag_calendar_of
from nirman.optimization.compression.offers import Lead, Market, Offer
from nirman.optimization.compression.result import LeftOut
from nirman.optimization.options import Method
from nirman.planning.logic import SPANNING, is_finished
from nirman.planning.model import ConstraintKind, Kind, Link, Plan, ResourceKind, Task
from nirman.planning.schedule import Schedule
from nirman.scheduling.columns import remaining_minutes

_NOTHING = Decimal(0)


def market(plan: Plan, schedule: Schedule, method: Method) -> tuple[Market, tuple[LeftOut, ...]]:
    """By ascending uid."""
    sight = _Sight(plan, schedule)
    left_out: list[LeftOut] = []
    offers: list[Offer] = []
    if method is not Method.FAST_TRACK:
        for task in sorted(plan.tasks.values(), key=lambda task: task.uid):
            if task.crash is not None:
                offer = sight.offer(task)
                if isinstance(offer, Offer):
                    offers.append(offer)
                else:
                    left_out.append(LeftOut(kind=Kind.TASK, uid=task.uid, why=offer))
    leads: list[Lead] = []
    if method is not Method.CRASH:
        numbers = {offer.uid: number for number, offer in enumerate(offers)}
        for link in sorted(plan.links.values(), key=lambda link: link.uid):
            if link.overlap is not None:
                lead = sight.lead(link, numbers)
                if isinstance(lead, Lead):
                    leads.append(lead)
                else:
                    left_out.append(LeftOut(kind=Kind.LINK, uid=link.uid, why=lead))
    lengths = tuple(plan.tasks[lead.predecessor_uid].duration_minutes for lead in leads)
    return Market(tuple(offers), tuple(leads), lengths), tuple(left_out)


class _Sight:
    def __init__(self, plan: Plan, schedule: Schedule) -> None:
        self._plan = plan
        self._schedule, self._rows = schedule, schedule.network.rows
        self._children: Collection[int | None] = schedule.outline.children.keys()
        self._work_rates = _work_rates(plan)

    def offer(self, task: Task) -> Offer | str:
        """What remains of a task, at the costs of the whole: a minute less costs what it costs."""
        why = self._unmovable(task)
        if why:
            return why
        if self._rows.task(self._rows.row_of[task.uid], "parts"):
            return "its assignments work at different times: their hours decide how long it is"
        if task.splits:
            return "it is split: a pause has its place in the work"
        if task.expected_finish is not None and self._plan.project.use_expected_finish:
            return "its expected finish decides how long it is"
        assert task.crash is not None
        begun = task.actual_start is not None
        left = remaining_minutes(task) if begun else task.duration_minutes
        done = task.duration_minutes - left
        least = 1 if begun else 0
        points: list[tuple[int, Decimal]] = [(left, _NOTHING)]
        for point in task.crash.points:
            minutes = point.duration_minutes - done
            longer, cost = points[-1]
            if minutes >= longer:
                continue
            if minutes < least:
                if task.crash.linear and longer > least:
                    points.append((least, cost + (point.cost - cost) / (longer - minutes) * (longer - least)))
                break
            points.append((minutes, point.cost))
        if len(points) == 1:
            return "no faster way is shorter than what remains" if begun else "no faster way is shorter than it is"
        return Offer(task.uid, tuple(points), task.crash.linear, done)

    def lead(self, link: Link, offers: Mapping[int, int]) -> Lead | str:
        plan, overlap = self._plan, link.overlap
        assert overlap is not None
        predecessor, successor = plan.tasks[link.predecessor_uid], plan.tasks[link.successor_uid]
        for task, which in ((predecessor, "predecessor"), (successor, "successor")):
            why = self._unmovable(task)
            if why:
                return f"of its {which}: {why}"
            if task.actual_start is not None:
                return f"its {which} has begun"
        if link.lag_percent is not None or (link.lag_elapsed and link.lag_minutes):
            return "its lag is a percentage or in elapsed time: an overlap in working time would be another lag"
        hours = {self._rows.task(self._rows.row_of[task.uid], "calendar") for task in (predecessor, successor)}
        if lag_calendar_of(self._schedule, link.uid) not in hours:
            return "its lag runs in other hours than its tasks: an overlap in their working time would be another lag"
        if not (predecessor.duration_minutes and successor.duration_minutes):
            return "what takes no time overlaps with nothing"
        if predecessor.duration_elapsed:
            return "its predecessor's duration is elapsed time"
        rework = overlap.rework_probability * overlap.rework_percent / 100
        return Lead(
            link_uid=link.uid,
            predecessor_uid=predecessor.uid,
            most_percent=overlap.max_percent,
            already=max(0, -link.lag_minutes),
            fixed=overlap.rework_cost * Decimal(repr(overlap.rework_probability)),
            per_minute=self._work_rates.get(successor.uid, _NOTHING) * Decimal(repr(rework)),
            offer=offers.get(predecessor.uid),
        )

    def _unmovable(self, task: Task) -> str:
        if task.uid in self._children:
            return "it is a summary: its tasks say how long it is"
        if task.kind in SPANNING:
            return "it spans what it is linked to"
        if not self._rows.task(self._rows.row_of[task.uid], "active"):
            return "it is inactive"
        if is_finished(task):
            return "it is finished"
        if task.manual and (task.manual_start is not None or task.manual_finish is not None):
            return "people gave its dates"
        return ""


def _work_rates(plan: Plan) -> Mapping[int, Decimal]:
    """By task, what a minute more of it costs: its people and machines at their standard rates."""
    found: dict[int, Decimal] = {}
    for assignment in plan.assignments.values():
        resource = plan.resources[assignment.resource_uid]
        if resource.kind is ResourceKind.WORK and assignment.cost is None:
            rate = resource.standard_rate * Decimal(repr(assignment.units)) / 60
            found[assignment.task_uid] = found.get(assignment.task_uid, _NOTHING) + rate
    return found


def held_dates(task: Task) -> Iterator[tuple[ConstraintKind, str]]:
    """The constraints of a task with their dates, as people read them."""
    for kind, at in (
        (task.constraint, task.constraint_date),
        (task.second_constraint, task.second_constraint_date),
    ):
        if at is not None:
            yield kind, at.strftime("%Y-%m-%d %H:%M")
