"""What overlaps may do: rework comes about or not, link by link, and lengthens the successor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from nirman.optimization.compression.result import Overlapped, Rework
from nirman.planning.model import Plan, Task
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

_EXACT_UP_TO = 7
"""Overlaps, all combinations of which are scheduled."""
_DRAWN = 200


@dataclass(frozen=True, slots=True)
class _Scenario:
    comes: tuple[bool, ...]
    weight: float


def rework_of(
    plan: Plan, overlapped: Sequence[Overlapped], *, due: datetime | None, seed: int, stop: Callable[[], bool]
) -> Rework | None:
    """Of the plan as proposed; None when no overlap risks anything. Each scenario is scheduled by the engine."""
    risky = [one for one in overlapped if one.rework_probability and one.rework_minutes]
    if not risky:
        return None
    exact = len(risky) <= _EXACT_UP_TO
    working = Calendars(plan.calendars).working_time(plan.project.calendar_uid)
    planned = schedule_plan(plan).project_finish
    delays: list[int] = []
    on_time = weights = expected = 0.0
    for scenario in _every(risky) if exact else _drawn(risky, seed):
        if delays and stop():
            exact = False
            break
        finish = schedule_plan(_lengthened(plan, risky, scenario.comes)).project_finish
        delay = max(0, working.between(to_minutes(planned), to_minutes(finish)))
        delays.append(delay)
        expected += scenario.weight * delay
        weights += scenario.weight
        on_time += scenario.weight * (due is not None and finish <= due)
    worst = schedule_plan(_lengthened(plan, risky, (True,) * len(risky))).project_finish
    none = 1.0
    for one in risky:
        none *= 1 - one.rework_probability
    return Rework(
        exact=exact,
        scenarios=len(delays),
        expected_delay_minutes=expected / weights if weights else 0.0,
        most_delay_minutes=max(0, working.between(to_minutes(planned), to_minutes(worst))),
        none_probability=none,
        on_time_probability=None if due is None else on_time / weights,
    )


def _every(risky: Sequence[Overlapped]) -> Iterator[_Scenario]:
    for comes in product((False, True), repeat=len(risky)):
        weight = 1.0
        for one, happens in zip(risky, comes, strict=True):
            weight *= one.rework_probability if happens else 1 - one.rework_probability
        if weight:
            yield _Scenario(comes, weight)


def _drawn(risky: Sequence[Overlapped], seed: int) -> Iterator[_Scenario]:
    """The same for the same seed: a digest of seed, scenario and link says whether rework comes about."""
    for number in range(_DRAWN):
        comes = tuple(_uniform(seed, number, one.uid) < one.rework_probability for one in risky)
        yield _Scenario(comes, 1.0)


def _uniform(seed: int, number: int, uid: int) -> float:
    digest = hashlib.blake2b(f"{seed}/{number}/{uid}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _lengthened(plan: Plan, risky: Sequence[Overlapped], comes: Sequence[bool]) -> Plan:
    more: dict[int, int] = {}
    for one, happens in zip(risky, comes, strict=True):
        if happens:
            more[one.successor_uid] = more.get(one.successor_uid, 0) + one.rework_minutes
    return replace(plan, tasks={**plan.tasks, **_longer(plan, more)})


def _longer(plan: Plan, more: Mapping[int, int]) -> Mapping[int, Task]:
    return {
        uid: replace(plan.tasks[uid], duration_minutes=plan.tasks[uid].duration_minutes + minutes)
        for uid, minutes in more.items()
    }
