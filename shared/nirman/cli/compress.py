"""`nirman compress`: the cheapest way to a date, the earliest finish for a budget, or what each finish costs."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from nirman.cli.crash_file import with_crash_file
from nirman.cli.files import load, told_of
from nirman.cli.output import in_days, show, when
from nirman.cli.table import table
from nirman.errors import InvalidInputError
from nirman.optimization.compression import compress
from nirman.optimization.compression.result import Compression, Figures, Status
from nirman.optimization.options import CompressOptions
from nirman.optimization.stop import Deadline
from nirman.planning.model import Plan

_SHORTENED = frozenset({"from", "to", "cost", "next day costs"})
_OVERLAPPED = frozenset({"rework", "likely", "expected cost"})
_MONEY = frozenset({"compression", "indirect", "damages", "together"})


def run(arguments: Namespace) -> int:
    """`UnreadableFileError` and `InvalidPlanError` name the file, the place and the rule; `InvalidInputError` the
    option and the rule.
    """
    options, path, crash_file = _options(arguments), arguments.plan, arguments.crash_file
    plan, _, _ = load(path)
    if crash_file is not None:
        plan = with_crash_file(plan, crash_file)
    with told_of(path), ThreadPoolExecutor(1) as beside:
        result = compress(plan, options, stop=Deadline(options.time_limit_s, time.monotonic), beside=beside)
    show(
        lambda: document(plan, result),
        lambda: _report(plan, result, has_file=crash_file is not None),
        as_json=arguments.json,
    )
    return 0


def _options(arguments: Namespace) -> CompressOptions:
    values = {
        "finish": None if arguments.finish is None else _finish(arguments.finish),
        "budget": None if arguments.budget is None else _budget(arguments.budget),
        "curve": arguments.curve,
        "method": arguments.method.replace("-", "_"),
        "time_limit_s": arguments.time_limit,
        "workers": arguments.workers,
        "seed": arguments.seed,
    }
    try:
        return msgspec.convert(values, CompressOptions)
    except msgspec.ValidationError as error:
        raise InvalidInputError(str(error), place="options") from error


def _finish(text: str) -> datetime:
    """A day is its end: the midnight after it."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f"must be a date like 2026-03-31 or 2026-03-31T17:00, not {text!r}", place="--finish"
        ) from error
    if instant.tzinfo is not None:
        raise InvalidInputError("is local to the project, without an offset", place="--finish")
    if "T" in text or " " in text:
        return instant
    try:
        return instant + timedelta(days=1)
    except OverflowError as error:
        raise InvalidInputError("must be before the last day that there is", place="--finish") from error


def _budget(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInputError(f"must be a number, not {text!r}", place="--budget") from error
    if not (amount.is_finite() and amount >= 0):
        raise InvalidInputError("must be a number, not negative", place="--budget")
    return amount


def document(plan: Plan, result: Compression) -> dict[str, Any]:
    """The keys that programs rely on: those of the result, and of the finish it leads to."""
    finish = result.after.finish
    return {"project": {"start": plan.project.start, "finish": finish, "currency": plan.project.currency}} | {
        **msgspec.to_builtins(result)
    }


def _report(plan: Plan, result: Compression, *, has_file: bool) -> Iterator[str]:
    day = plan.project.minutes_per_day
    yield f"{plan.project.name or 'Plan'}: {_status(result)}"
    if not has_file and all(task.crash is None for task in plan.tasks.values()):
        yield "no task of this file says how it could be done faster: --crash-file CSV brings uid, duration, cost"
    yield ""
    yield from table(
        ("", "finish", "direct", "indirect", "damages", "rework", "together"),
        [_figures("before", result.before), _figures("after", result.after)],
        right=frozenset({"direct", "indirect", "damages", "rework", "together"}),
    )
    yield from _shortened(result, day)
    yield from _overlapped(result, day)
    yield from _more(result, day)


def _shortened(result: Compression, day: int) -> Iterator[str]:
    if not result.shortened:
        return
    rows = [
        (
            str(one.uid),
            one.name or "-",
            f"{in_days(one.from_minutes, day)}d",
            f"{in_days(one.to_minutes, day)}d",
            _money(one.cost),
            "-" if one.cost_per_day is None else _money(one.cost_per_day),
        )
        for one in result.shortened
    ]
    yield ""
    yield from table(("uid", "task", "from", "to", "cost", "next day costs"), rows, right=_SHORTENED)


def _overlapped(result: Compression, day: int) -> Iterator[str]:
    if not result.overlapped:
        return
    rows = [
        (
            str(one.uid),
            one.successor or "-",
            f"{in_days(one.overlap_minutes, day)}d {one.predecessor or '-'}",
            f"{in_days(one.rework_minutes, day)}d",
            f"{100 * one.rework_probability:.0f} %",
            _money(one.expected_cost),
        )
        for one in result.overlapped
    ]
    head = ("link", "successor begins", "before the end of", "rework", "likely", "expected cost")
    yield ""
    yield from table(head, rows, right=_OVERLAPPED)


def _more(result: Compression, day: int) -> Iterator[str]:
    if result.rework is not None:
        rework = result.rework
        yield ""
        yield (
            f"rework delays the finish by {in_days(rework.expected_delay_minutes, day)} days on average, by"
            f" {in_days(rework.most_delay_minutes, day)} if all of it comes about; none comes about with"
            f" {100 * rework.none_probability:.0f} %"
        )
    if result.curve:
        yield ""
        rows = [
            (when(one.finish), *map(_money, (one.compression, one.indirect, one.damages, one.total)))
            for one in result.curve
        ]
        yield from table(("finish", "compression", "indirect", "damages", "together"), rows, right=_MONEY)
    for held in result.held_by:
        yield f"  {held.uid} {held.name or '-'}: {held.why}"
    for left in result.left_out:
        yield f"{left.kind} {left.uid} is left out: {left.why}"
    yield from result.notes


def _status(result: Compression) -> str:
    if result.status is Status.INFEASIBLE:
        return "cannot finish by then"
    proven = "proven to be the best" if result.status is Status.OPTIMAL else "the best that was found"
    gap = f", at most {100 * result.gap:.1f} % from it" if result.status is Status.FEASIBLE and result.gap else ""
    return f"{when(result.after.finish)} for {_money(result.cost)} more, {proven}{gap}"


def _figures(name: str, figures: Figures) -> tuple[str, ...]:
    amounts = (figures.direct, figures.indirect, figures.damages, figures.rework, figures.total)
    return (name, when(figures.finish), *map(_money, amounts))


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"
