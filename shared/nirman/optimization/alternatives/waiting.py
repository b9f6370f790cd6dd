"""Who may wait, who goes first, and which tasks together would have to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from nirman.optimization.alternatives.eligibility import has_begun
from nirman.optimization.alternatives.situation import Situation
from nirman.optimization.demand import Steps, Use
from nirman.optimization.load import Stretch
from nirman.planning.model import ScheduleFrom, Task
from nirman.scheduling.instants import to_minutes

MOST_SETS = 6
_MOST_MEMBERS = 12
NEVER_LEVELLED = 1000
"""The priority of a task that levelling leaves alone, as in MS Project."""


def why_not_delayed(situation: Situation, task: Task) -> str | None:
    """The rule by which a task stays where it is; None for one that may wait."""
    if task.uid in situation.schedule.outline.children:
        return "a summary task goes with its tasks"
    if has_begun(task):
        return "a task that has begun stays where it is"
    if task.manual:
        return "a task scheduled by hand keeps its dates"
    if task.priority >= NEVER_LEVELLED:
        return "a task of priority 1000 is never levelled"
    if situation.plan.project.schedule_from is ScheduleFrom.FINISH:
        return "in a plan scheduled from its finish no task is delayed"
    return None


def first_to_wait(situation: Situation, uids: Iterable[int]) -> list[int]:
    """Lowest priority first, then most slack, then the latest start, then the highest uid."""

    def key(uid: int) -> tuple[int, int, int, int]:
        dates = situation.schedule[uid]
        return (
            situation.plan.tasks[uid].priority,
            -dates.total_slack_minutes,
            -to_minutes(dates.start),
            -uid,
        )

    return sorted(uids, key=key)


def sets_to_delay(
    situation: Situation, resource_uid: int, worst: Stretch, may_wait: Collection[int]
) -> list[tuple[int, ...]]:
    """Sets of tasks without which a stretch would not be overloaded, none larger than need be, at most `MOST_SETS`.

    Where all that may wait are too few, these.
    (Minimal delaying alternatives: Demeulemeester and Herroelen, Management Science 38, 1992.)
    """
    units = units_in(situation.uses_of(resource_uid), worst)
    among = first_to_wait(situation, (uid for uid in units if uid in may_wait))[:_MOST_MEMBERS]
    found: list[tuple[int, ...]] = []
    for size in range(1, len(among) + 1):
        for members in combinations(among, size):
            enough = sum(units[uid] for uid in members) >= worst.overload
            if enough and not any(set(smaller).issubset(members) for smaller in found):
                found.append(members)
                if len(found) == MOST_SETS:
                    return found
    return found or ([tuple(among)] if among else [])


def never_enough(steps: Steps, units: int) -> bool:
    """Whoever asks for more than there ever is waits for nothing."""
    return all(there < units for _, there in steps)


def _works_in(use: Use, stretch: Stretch) -> bool:
    return any(cross(start, finish, stretch) for start, finish in use.left)


def units_in(uses: Sequence[Use], stretch: Stretch) -> dict[int, int]:
    found: dict[int, int] = {}
    for use in uses:
        if _works_in(use, stretch):
            found[use.task_uid] = found.get(use.task_uid, 0) + use.units
    return found


def cross(start: int, finish: int, stretch: Stretch) -> bool:
    return start < stretch.finish and finish > stretch.start
