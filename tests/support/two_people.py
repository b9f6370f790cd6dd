"""Two people at one project, on a log in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from nirman.planlog.commits import CommitResult
from nirman.planlog.service import PlanService
from nirman.planning.commands import Command, Operation, Replacement
from nirman.planning.model import Plan
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from tests.fakes.plan_log import MemoryPlanLog

KEY = ProjectKey("padma", "tower")


def access(user: str, role: Role = Role.PLANNER) -> Access:
    return Access(KEY, Principal(KEY.tenant, user, user.title(), role), role)


RAHIM, KARIM = access("rahim"), access("karim")


class _Clock:
    def __init__(self) -> None:
        self._seconds = count()

    def __call__(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self._seconds))


def _three_tries() -> Iterator[None]:
    yield from (None, None, None)


@dataclass
class Pair:
    log: MemoryPlanLog
    plans: PlanService
    key: ProjectKey = KEY
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def head(self) -> int:
        return self.plans.head(self.key)

    @property
    def plan(self) -> Plan:
        return self.plans.read(self.key).plan

    def cold(self) -> PlanService:
        """A function that has not run yet, on the same log."""
        return PlanService(self.log, now=_Clock(), pauses=_three_tries)

    def commit(self, who: Access, *operations: Operation, base: int | None = None) -> CommitResult:
        """Without a base the author saw everything."""
        command = Command(f"c{next(self._ids)}", self.head if base is None else base, operations)
        return self.plans.commit(who, command)

    def rahim(self, *operations: Operation, base: int | None = None) -> CommitResult:
        return self.commit(RAHIM, *operations, base=base)

    def karim(self, *operations: Operation, base: int | None = None) -> CommitResult:
        return self.commit(KARIM, *operations, base=base)

    def undo(self, who: Access = RAHIM, revision: int | None = None) -> CommitResult:
        return self.plans.undo(who, command_id=f"u{next(self._ids)}", revision=revision)

    def redo(self, who: Access = RAHIM) -> CommitResult:
        return self.plans.redo(who, command_id=f"r{next(self._ids)}")


def pair(plan: Plan) -> Pair:
    """At revision 2, where neither has edited yet."""
    log = MemoryPlanLog()
    both = Pair(log, PlanService(log, now=_Clock(), pauses=_three_tries))
    author = access("salma")
    both.plans.create(author.principal, KEY.project, plan.project, list(plan.calendars.values()), command_id="create")
    both.plans.replace(author, Replacement("import", 1, plan, "tower.xml"))
    return both
