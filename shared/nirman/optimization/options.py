"""What can be asked of the optimizer: parameters of jobs, and of the command line.

Light on purpose: whoever checks a request imports neither numpy nor the solver.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from nirman.planning.fields import Percent, Uid, WallTime

Seconds = Annotated[float, Meta(ge=0.05, le=600)]
Workers = Annotated[int, Meta(ge=1, le=8)]
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class Method(StrEnum):
    """How a plan is made shorter: buying speed, overlapping what follows one another, or both."""

    CRASH = "crash"
    FAST_TRACK = "fast_track"
    BOTH = "both"


class Aim(StrEnum):
    """What an allocation of resources minimises."""

    COST = "cost"
    FINISH = "finish"


class LevelOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Levelling. `within_slack`: the project's finish stays; `split`: tasks that may be split are, where that helps.

    `time_limit_s` is for the search; with one worker the same seed gives the same plan.
    """

    within_slack: bool = False
    split: bool = False
    time_limit_s: Seconds = 20.0
    workers: Workers = 2
    seed: Seed = 0


class CompressOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of `finish` (cheapest way to a date), `budget` (earliest finish for it) and `curve` (all of it).

    None of them: the duration at which direct, indirect and damage costs together are least.
    """

    method: Method = Method.CRASH
    finish: WallTime | None = None
    budget: Decimal | None = None
    curve: bool = False
    time_limit_s: Seconds = 20.0
    workers: Workers = 2
    seed: Seed = 0


class SimulateOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Monte Carlo. `correlation` between any two durations, by ranks; `spread_*`: of tasks without an estimate, in
    percent of their duration (both None: these do not vary). `finish_by`: a date whose probability is wanted.
    """

    iterations: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    seed: Seed = 0
    correlation: Annotated[float, Meta(ge=0, le=0.99)] = 0.0
    risks: bool = True
    rain: bool = True
    levelled: bool = False
    spread_below_percent: Percent | None = None
    spread_above_percent: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    confidence_percent: Annotated[int, Meta(ge=1, le=99)] = 80
    finish_by: WallTime | None = None


class AllocateOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who does what, by skills; tasks that have begun keep theirs. Without `task_uids`: all that others could do."""

    minimise: Aim = Aim.FINISH
    task_uids: Annotated[tuple[Uid, ...], Meta(max_length=5_000)] = ()
    time_limit_s: Seconds = 20.0
    workers: Workers = 2
    seed: Seed = 0


class AlternativesOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ways out of the conflicts of one resource, or of all; at most `limit` conflicts, the worst first."""

    resource_uid: Uid | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 10
