"""Why a plan cannot finish earlier: the path that decides its finish, and what holds each task of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nirman.optimization.compression.market import held_dates
from nirman.optimization.compression.offers import Choice, Market
from nirman.optimization.compression.result import Held, LeftOut
from nirman.planning.float_paths import longest_path
from nirman.planning.logic import is_finished
from nirman.planning.model import ConstraintKind, Kind, Link, Plan, Task
from nirman.planning.schedule import Schedule

_MOST = 200
_LATER = (
    *(ConstraintKind.SNET, ConstraintKind.FNET, ConstraintKind.MSO, ConstraintKind.MFO),
    *(ConstraintKind.SO, ConstraintKind.FO),
)


def held_by(schedule: Schedule, market: Market, choice: Choice, left_out: Sequence[LeftOut]) -> tuple[Held, ...]:
    """Of the schedule that a choice led to, its longest path in outline order; at most 200 tasks."""
    plan = schedule.plan
    path = longest_path(plan, schedule)[:_MOST]
    on_path = set(path)
    into: dict[int, list[Link]] = {}
    for link in plan.links.values():
        if link.predecessor_uid in on_path:
            into.setdefault(link.successor_uid, []).append(link)
    durations = {offer.uid: minutes for offer, minutes in zip(market.offers, choice.durations, strict=True)}
    shortest = {offer.uid: offer.shortest for offer in market.offers}
    why_not = {one.uid: one.why for one in left_out if one.kind == Kind.TASK}
    leads = {lead.link_uid: number for number, lead in enumerate(market.leads)}
    found = []
    for uid in path:
        task = plan.tasks[uid]
        reasons = [_duration(task, durations, shortest, why_not)]
        reasons += [reason for reason in _dates(plan, schedule, task) if reason]
        for link in into.get(uid, ()):
            if schedule.driver(uid) == link.predecessor_uid:
                reasons.append(_link(plan, link, market, choice, leads))
        found.append(Held(uid=uid, name=task.name, why="; ".join(dict.fromkeys(filter(None, reasons)))))
    return tuple(found)


def _duration(task: Task, durations: Mapping[int, int], shortest: Mapping[int, int], why_not: Mapping[int, str]) -> str:
    minutes = durations.get(task.uid)
    if is_finished(task):
        return "it is finished"
    if task.manual and (task.manual_start is not None or task.manual_finish is not None):
        return "people gave its dates"
    if minutes is not None:
        return f"{minutes} minutes are the fewest on offer" if minutes == shortest[task.uid] else ""
    if task.uid in why_not:
        return f"its faster way is not on offer: {why_not[task.uid]}"
    return "no faster way is on offer" if task.duration_minutes else ""


def _dates(plan: Plan, schedule: Schedule, task: Task) -> list[str]:
    """Constraints that nothing drives the task past, what has happened, and dates that people gave."""
    if task.actual_start is not None:
        return ["it has begun"]
    if schedule.driver(task.uid) is not None:
        return []
    found = [f"constraint {kind} {at}" for kind, at in held_dates(task) if kind in _LATER]
    status = plan.project.status_date
    if not found and status is not None and schedule[task.uid].start >= status > schedule.project_start:
        found.append(f"no work is done before the status date {status:%Y-%m-%d %H:%M}")
    return found


def _link(plan: Plan, link: Link, market: Market, choice: Choice, leads: Mapping[int, int]) -> str:
    name = plan.tasks[link.predecessor_uid].name
    lag = f" with a lag of {link.lag_minutes} minutes" if link.lag_minutes else ""
    number = leads.get(link.uid)
    full = ""
    if number is not None and choice.overlaps[number] >= market.most_overlap(number, choice.durations):
        full = ", overlapped as far as it may"
    return f'{link.kind} link {link.uid} from "{name}" ({link.predecessor_uid}){lag}{full}'
