"""What people change by hand, whichever way it comes: counted, then carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nirman.planlog.commits import CommitResult
from nirman.planlog.permissions import check_operations
from nirman.planlog.service import PlanService
from nirman.planlog.state import PlanState
from nirman.planning.commands import Command, LockClaim
from nirman.planning.events import Event
from nirman.tenancy.identity import Access
from nirman.tenancy.limits import Meter


class Edits:
    """The same as the commits of a `PlanService`, and RateLimitedError where a person makes too many in a minute.

    What a role does not allow is not counted. Imports are not counted here: they wait their turn in the queue of jobs.
    """

    def __init__(self, plans: PlanService, meter: Meter) -> None:
        self._plans = plans
        self._meter = meter

    def commit(self, access: Access, command: Command, *, expected_revision: int | None = None) -> CommitResult:
        check_operations(access, command.operations)
        self._meter.edit(access.principal)
        return self._plans.commit(access, command, expected_revision=expected_revision)

    def apply(
        self, access: Access, command: Command, *, source: str, holds: Callable[[PlanState, Sequence[Event]], None]
    ) -> CommitResult:
        check_operations(access, command.operations)
        self._meter.edit(access.principal)
        return self._plans.apply(access, command, source=source, holds=holds)

    def undo(
        self, access: Access, *, command_id: str, revision: int | None = None, locks: Sequence[LockClaim] = ()
    ) -> CommitResult:
        self._meter.edit(access.principal)
        return self._plans.undo(access, command_id=command_id, revision=revision, locks=locks)

    def redo(self, access: Access, *, command_id: str, locks: Sequence[LockClaim] = ()) -> CommitResult:
        self._meter.edit(access.principal)
        return self._plans.redo(access, command_id=command_id, locks=locks)
