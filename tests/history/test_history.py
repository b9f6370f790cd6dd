"""Nothing is lost, whatever goes wrong; and if something were, it would be found. `make history` runs much longer."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.history.checker import KINDS, check, summary
from tests.history.cloud import Rates
from tests.history.gateway import PumpRates
from tests.history.mutants import MUTANTS, Mutant
from tests.history.workload import Size, history

SHORT = Size(commands=2, checks=2, away=0.0)
SMALL = Size(
    tenants=1,
    projects=1,
    writers=5,
    readers=3,
    tasks=3,
    commands=8,
    pace=10.0,
    checks=5,
    call_s=0.08,
    calls=Rates(throttled=0.005, conflict=0.005, broken=0.005, unanswered=0.06, killed=0.003),
    batches=PumpRates(duplicated=0.3, shuffled=0.3, split=0.3, pause_s=2.0),
    away=0.0,
    shut_out=2,
    shut_out_s=3.0,
    lasts_s=120.0,
    patience_s=90.0,
)


@pytest.mark.slow
def test_a_history_with_everything_going_wrong_breaks_no_promise():
    made = history(2026, SHORT)
    assert check(made) == []
    assert made.operations["commands"] == 2 * 3 * 8 * SHORT.commands
    assert made.count > 500
    happened = {name for name, times in made.faults.items() if times}
    assert {"throttled", "conflict", "line cut", "410 on a post", "429 on a post", "batch duplicated"} <= happened
    assert {"killed after it was done", "broken after it was done", "batch shuffled", "batch split"} <= happened


@pytest.mark.slow
def test_the_same_seed_makes_the_same_history():
    one, other = (history(7, SMALL) for _ in range(2))
    assert [event.command_id for log in one.log.values() for event in log] == [
        event.command_id for log in other.log.values() for event in log
    ]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_planted_fault_is_found(mutant: Mutant):
    """In one of a few short histories, and called what it is."""
    for seed in range(mutant.first_seed, mutant.first_seed + 12):
        with ExitStack() as places:
            mutant.plant(places)
            made = history(seed, replace(SMALL, tenants=mutant.tenants))
        if summary(check(made))[mutant.kind]:
            return
    pytest.fail(f"not found: {mutant}")


def test_every_kind_of_violation_has_a_planted_fault():
    assert {mutant.kind for mutant in MUTANTS} == KINDS.keys()


@pytest.mark.slow
def test_without_a_planted_fault_nothing_is_found():
    assert check(history(1, SMALL)) == []
