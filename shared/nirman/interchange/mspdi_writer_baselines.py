"""Baselines as MS Project XML: in each task and assignment, one element for each baseline it is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from nirman.interchange.mspdi_writer_text import money, span, unit, when
from nirman.planning.model import Baseline


def task_baselines(baselines: Iterable[Baseline], minutes_per_day: int) -> Mapping[int, str]:
    """Elements by uid of task; those that are in no baseline are not there."""
    found: dict[int, str] = defaultdict(str)
    for baseline in sorted(baselines, key=_number):
        for kept in baseline.tasks:
            found[kept.uid] += (
                f"<Baseline><Number>{baseline.uid}</Number><Start>{when(kept.start)}</Start>"
                f"<Finish>{when(kept.finish)}</Finish><Duration>{span(kept.duration_minutes)}</Duration>"
                f"<DurationFormat>{unit(kept.duration_minutes, minutes_per_day)}</DurationFormat>"
                f"<Work>{span(kept.work_minutes)}</Work><Cost>{money(kept.cost)}</Cost></Baseline>"
            )
    return found


def assignment_baselines(baselines: Iterable[Baseline]) -> Mapping[int, str]:
    """Elements by uid of assignment; without dates of its own an assignment has those of its task."""
    found: dict[int, str] = defaultdict(str)
    for baseline in sorted(baselines, key=_number):
        for kept in baseline.assignments:
            start = f"<Start>{when(kept.start)}</Start>" if kept.start else ""
            finish = f"<Finish>{when(kept.finish)}</Finish>" if kept.finish else ""
            found[kept.uid] += (
                f"<Baseline><Number>{baseline.uid}</Number>{start}{finish}"
                f"<Work>{span(kept.work_minutes)}</Work><Cost>{money(kept.cost)}</Cost></Baseline>"
            )
    return found


def _number(baseline: Baseline) -> int:
    return baseline.uid
