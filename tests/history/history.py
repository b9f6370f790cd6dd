"""What writers did and were told, what readers got and did with it: all that the checker knows of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nirman.planning.commands import Command
from nirman.planning.events import Event
from nirman.planning.model import Plan
from nirman.tenancy.identity import ProjectKey


@dataclass
class Asked:
    """A command somebody gave, however often it was sent. Times are seconds of the run.

    `acked`: with each revision that an answer named. `refused`: the answer said that it was not carried out.
    `unknown`: nobody said.
    """

    who: str
    key: ProjectKey
    command: Command
    at: float
    outcome: Literal["acked", "refused", "unknown"] = "unknown"
    revisions: list[int] = field(default_factory=list)
    answered_at: float = 0.0
    code: str = ""


@dataclass(frozen=True)
class Received:
    """A frame as it came over a connection; `open_until` is when the gateway would end that connection."""

    connection: str
    data: bytes
    at: float
    open_until: float


@dataclass(frozen=True)
class Said:
    """A message as it was sent over a connection."""

    connection: str
    text: str
    at: float


@dataclass(frozen=True)
class Loaded:
    """The plan was got anew: `plan` as of `revision`."""

    revision: int
    plan: Plan


@dataclass(frozen=True)
class Applied:
    """An event was applied to what the reader had."""

    event: Event


Step = Received | Said | Loaded | Applied


@dataclass
class Reading:
    """What one person's client did and got, over all its connections, in the order in which it did."""

    who: str
    key: ProjectKey
    steps: list[Step] = field(default_factory=list)
    revision: int | None = None
    """Where the client itself says it is, in the end."""
    plan: Plan | None = None
    """What it then had."""
    stays: bool = True
    """Whether it was in the room in the end, with time to catch up."""


@dataclass(frozen=True)
class ShutOut:
    """`user` was no member of the project between these moments (`until` None: for good)."""

    user: str
    key: ProjectKey
    since: float
    until: float | None


@dataclass
class History:
    seed: int
    asked: list[Asked] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    shut_out: list[ShutOut] = field(default_factory=list)
    log: dict[ProjectKey, tuple[Event, ...]] = field(default_factory=dict)
    """Every event that the table holds in the end."""
    heads: dict[ProjectKey, int] = field(default_factory=dict)
    operations: Counter[str] = field(default_factory=Counter)
    """Commands invoked, and joins and pings said, by kind."""
    faults: Counter[str] = field(default_factory=Counter)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.operations.values())


@dataclass(frozen=True)
class Violation:
    """`kind` is one of `checker.KINDS`."""

    kind: str
    what: str
    detail: Any = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"
