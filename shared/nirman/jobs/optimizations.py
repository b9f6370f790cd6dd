"""What the optimizer can be asked for: a table of kinds. Nothing here loads numpy or a solver until it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from nirman.errors import InvalidInputError
from nirman.jobs.job import Headway, JobKind
from nirman.optimization.direction import NOT_COMPRESSED_BACK, NOT_LEVELLED_BACK, NOT_SIMULATED_BACK, check_from_start
from nirman.optimization.options import (
    AllocateOptions,
    AlternativesOptions,
    CompressOptions,
    LevelOptions,
    SimulateOptions,
)
from nirman.optimization.progress import OnProgress
from nirman.optimization.stop import StopCriterion
from nirman.planning.commands import Operation
from nirman.planning.model import Plan

Options = LevelOptions | CompressOptions | SimulateOptions | AllocateOptions | AlternativesOptions
WHOLE = ""
"""Names the proposal of a result that has but one."""


class OptimizationParameters(Struct, frozen=True, kw_only=True):
    """`revision` is that of the plan that is computed on; `options` those of the job's kind."""

    revision: int
    options: dict[str, Any]


class UseCase(Protocol):
    """Every one of `nirman.optimization`: it asks `stop` often, and answers with the best it has when that says so."""

    def __call__(
        self, plan: Plan, options: Any, /, *, stop: StopCriterion, beside: Executor, on_progress: OnProgress
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Optimization:
    """`place` is where the use case is, as `module:name`; `noun` what its result is called in the log.

    `beside` gives what is told beside the result, from the plan, the options and the result; `headway` the last that is
    told of how far the search is: the result's own figures.
    """

    options: type[Options]
    place: str
    noun: str
    proposals: Callable[[Any], Mapping[str, tuple[Operation, ...]]] = lambda _: {}
    """The changes that a result proposes, by name."""
    beside: Callable[[Plan, Any, Any], Mapping[str, Any]] = lambda _plan, _options, _result: {}
    headway: Callable[[Any], Headway | None] = lambda _: None

    def use_case(self) -> UseCase:
        module, _, name = self.place.partition(":")
        found: UseCase = getattr(import_module(module), name)
        return found


def _of_result(result: Any) -> Mapping[str, tuple[Operation, ...]]:
    return {WHOLE: tuple(result.operations)} if result.operations else {}


def _of_alternatives(result: Any) -> Mapping[str, tuple[Operation, ...]]:
    ways = (way for conflict in result.conflicts for way in conflict.alternatives)
    return {way.id: tuple(way.operations) for way in ways if way.operations}


def _risk(plan: Plan, options: SimulateOptions, simulation: Any) -> Mapping[str, Any]:
    """What the simulation means."""
    assessment: Callable[..., Any] = import_module(f"{_PACKAGE}.risk").assessment
    return {"risk": assessment(plan, options, simulation)}


def _levelled(result: Any) -> Headway:
    return Headway(phase="levelling", finish=result.finish, bound=result.lower_bound_finish, gap=round(result.gap, 4))


def _compressed(result: Any) -> Headway:
    return Headway(phase="compression", finish=result.after.finish, cost=result.cost, bound=result.finish_bound)


def _simulated(result: Any) -> Headway:
    """Half of the samples finish by then."""
    return Headway(phase="samples", finish=result.finish.percentiles[50])


def _allocated(result: Any) -> Headway:
    finish, cost = result.finish_after, result.cost_after.total
    return Headway(phase="allocation", finish=finish, cost=cost, bound=result.finish_bound)


_PACKAGE = "nirman.optimization"
OPTIMIZERS: Mapping[JobKind, Optimization] = {
    JobKind.LEVEL: Optimization(
        LevelOptions, f"{_PACKAGE}.levelling:level", "levelling", _of_result, headway=_levelled
    ),
    JobKind.COMPRESS: Optimization(
        CompressOptions, f"{_PACKAGE}.compression:compress", "compression", _of_result, headway=_compressed
    ),
    JobKind.SIMULATE: Optimization(
        SimulateOptions,
        f"{_PACKAGE}.simulation.monte_carlo:simulate",
        "simulation",
        beside=_risk,
        headway=_simulated,
    ),
    JobKind.ALLOCATE: Optimization(
        AllocateOptions, f"{_PACKAGE}.allocation:allocate", "allocation", _of_result, headway=_allocated
    ),
    JobKind.ALTERNATIVES: Optimization(
        AlternativesOptions, f"{_PACKAGE}.alternatives:alternatives", "alternative", _of_alternatives
    ),
}


_FROM_START: Mapping[type[Options], str] = {
    LevelOptions: NOT_LEVELLED_BACK,
    AllocateOptions: NOT_LEVELLED_BACK,
    CompressOptions: NOT_COMPRESSED_BACK,
    SimulateOptions: NOT_SIMULATED_BACK,
}
"""What can only be asked of plans that are scheduled from their start, and why."""


def parameters(plan: Plan, revision: int, options: Options) -> dict[str, Any]:
    """What a job is told; InvalidInputError where the options contradict each other or the plan, or name what is not
    there.
    """
    _check(plan, options)
    told: dict[str, Any] = msgspec.to_builtins(OptimizationParameters(revision=revision, options=_plain(options)))
    return told


def _plain(options: Options) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(options)
    return plain


def _check(plan: Plan, options: Options) -> None:
    if rule := _FROM_START.get(type(options)):
        check_from_start(plan, rule)
    match options:
        case CompressOptions():
            _check_aim(options)
        case SimulateOptions(spread_below_percent=below, spread_above_percent=above):
            if (below is None) != (above is None):
                raise InvalidInputError("say both sides of the spread, or none", place="options.spread_above_percent")
        case AllocateOptions(task_uids=uids):
            if missing := sorted(set(uids) - plan.tasks.keys()):
                raise InvalidInputError(f"there is no task {missing[0]}", place="options.task_uids")
        case AlternativesOptions(resource_uid=uid):
            if uid is not None and uid not in plan.resources:
                raise InvalidInputError(f"there is no resource {uid}", place="options.resource_uid")


def _check_aim(options: CompressOptions) -> None:
    asked = [options.finish is not None, options.budget is not None, options.curve]
    if sum(asked) > 1:
        raise InvalidInputError("at most one of finish, budget and curve", place="options")
    if options.budget is not None and not (options.budget.is_finite() and options.budget >= Decimal(0)):
        raise InvalidInputError("must be a number, not negative", place="options.budget")
