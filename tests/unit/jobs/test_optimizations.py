"""Everything that the optimizer can be asked for is there, and is called alike."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import pytest

from nirman.errors import InvalidInputError
from nirman.jobs.job import OPTIMIZATIONS, JobKind
from nirman.jobs.optimizations import OPTIMIZERS, Options, parameters
from nirman.optimization.options import CompressOptions, LevelOptions, SimulateOptions
from tests.builders.plans import make_plan, make_task


def test_every_kind_of_optimization_has_its_use_case() -> None:
    assert OPTIMIZERS.keys() == OPTIMIZATIONS


@pytest.mark.parametrize("kind", sorted(OPTIMIZATIONS))
def test_use_cases_take_a_plan_and_options_and_are_stopped_helped_and_heard_alike(kind: JobKind) -> None:
    taken = inspect.signature(OPTIMIZERS[kind].use_case()).parameters
    positional = [name for name, one in taken.items() if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert positional == ["plan", "options"]
    assert taken.keys() - set(positional) == {"stop", "beside", "on_progress"}
    assert OPTIMIZERS[kind].options.__name__ in str(taken["options"].annotation)


@pytest.mark.parametrize(
    "options",
    [
        CompressOptions(budget=Decimal("NaN")),
        CompressOptions(budget=Decimal("Infinity")),
        CompressOptions(budget=Decimal(5), curve=True),
        SimulateOptions(spread_above_percent=10),
    ],
    ids=repr,
)
def test_options_that_contradict_themselves_are_refused(options: Options) -> None:
    with pytest.raises(InvalidInputError):
        parameters(make_plan([make_task(1)]), 3, options)


def test_a_job_is_told_the_revision_and_all_options() -> None:
    told: dict[str, Any] = parameters(make_plan([make_task(1)]), 3, LevelOptions(seed=7))
    assert told["revision"] == 3
    assert (told["options"]["seed"], told["options"]["time_limit_s"]) == (7, 20.0)
