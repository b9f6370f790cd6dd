"""Plans levelled on the command line: the schedule of the levelled plan, how good it is, and what moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from nirman.cli.convert import format_of, write
from nirman.cli.files import load, told_of
from nirman.cli.output import in_days, show, when
from nirman.cli.schedule import document
from nirman.cli.searching import searching
from nirman.cli.table import table
from nirman.optimization.levelling import Levelling, Moved, Unresolved, level
from nirman.optimization.options import LevelOptions
from nirman.planning.change import apply
from nirman.planning.model import Plan
from nirman.planning.schedule import schedule_plan

_MOST_REASONS = 3


def run(path: str, options: LevelOptions, *, out: str | None, as_json: bool) -> int:
    """`out`: the file to write the levelled plan to. Errors as of `files.load` and `convert`."""
    format_name = None if out is None else format_of(out, None)
    plan, _, found = load(path)
    with told_of(path):
        with searching(options) as (stop, beside):
            result = level(plan, options, stop=stop, beside=beside)
        after, _ = apply(plan, result.operations)
        schedule = schedule_plan(after)
    if out is not None and format_name is not None:
        write(out, after, schedule, format_name)
    show(lambda: document(after, schedule, found) | _figures(result), lambda: _report(plan, result), as_json=as_json)
    return 0


def _figures(result: Levelling) -> dict[str, Any]:
    """Minutes are working minutes of the project's calendar from the project's start."""
    return {
        "finish": result.finish,
        "finish_before": result.finish_before,
        "makespan_minutes": result.makespan_minutes,
        "lower_bound": result.lower_bound_minutes,
        "lower_bound_finish": result.lower_bound_finish,
        "bound_by": result.bound_by,
        "gap": result.gap,
        "status": result.status.value,
        "moved": [_moved(one) for one in result.moved],
        "unresolved": result.unresolved,
        "loads": result.loads,
        "missed_deadlines": result.missed_deadlines,
        "schedules": result.schedules,
        "reproducible": result.reproducible,
        "notes": result.notes,
    }


def _moved(moved: Moved) -> dict[str, Any]:
    """With the keys that problems of PSPLIB have too."""
    found: dict[str, Any] = msgspec.to_builtins(moved)
    return found | {"start": [found["from_start"], found["to_start"]]}


def _report(plan: Plan, result: Levelling) -> Iterator[str]:
    minutes = plan.project.minutes_per_day
    yield f"{plan.project.name or 'Plan'}: {when(result.finish_before)} to {when(result.finish)} by levelling"
    yield (
        f"{in_days(result.makespan_minutes, minutes)} days, {result.status.value}; at least "
        f"{in_days(result.lower_bound_minutes, minutes)} by {result.bound_by}, gap {100 * result.gap:.1f} %"
    )
    yield from (f"note: {note}" for note in result.notes)
    over = [found for found in result.loads if found.overload_before_minutes]
    if over:
        head = ("resource", "peak", "then", "overload h", "then")
        rows = [
            (
                found.name,
                f"{found.peak_before:g}",
                f"{found.peak_after:g}",
                f"{found.overload_before_minutes / 60:g}",
                f"{found.overload_after_minutes / 60:g}",
            )
            for found in over
        ]
        yield from ("", *table(head, rows, right=frozenset(head[1:])))
    if result.moved:
        head = ("task", "start", "to", "finish", "delay d")
        yield from ("", *table(head, [_row(moved) for moved in result.moved], right=frozenset({"delay d"})))
    for left in result.unresolved:
        yield from ("", *_unresolved(left))
    if result.missed_deadlines:
        yield ""
        yield f"deadlines missed now: {', '.join(plan.tasks[uid].name for uid in result.missed_deadlines)}"


def _row(moved: Moved) -> tuple[str, ...]:
    pauses = f" ({moved.pauses} pauses)" if moved.pauses else ""
    delay = f"{moved.delay_minutes / 1440:.2f}".rstrip("0").rstrip(".") if moved.delay_minutes else ""
    return (moved.name + pauses, when(moved.from_start), when(moved.to_start), when(moved.to_finish), delay)


def _unresolved(left: Unresolved) -> Iterator[str]:
    found = left.conflict
    yield (
        f"not resolved: {found.name}, {when(found.start)} to {when(found.finish)}: "
        f"{found.demanded_units:g} of {found.available_units:g}"
    )
    for reason in left.reasons[:_MOST_REASONS]:
        yield f"  {reason.name}: {reason.rule}"
    if len(left.reasons) > _MOST_REASONS:
        yield f"  and {len(left.reasons) - _MOST_REASONS} more tasks"
