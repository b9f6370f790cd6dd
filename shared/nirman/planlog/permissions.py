"""Which operations a role may ask for."""

from __future__ import annotations

from collections.abc import Sequence

from nirman.errors import ForbiddenError
from nirman.planning.commands import Operation, Update
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access, Permission, allows

PROGRESS_FIELDS = frozenset(
    {
        "percent_complete",
        "physical_percent",
        "actual_start",
        "actual_finish",
        "remaining_minutes",
        "stop",
        "resume",
        "notes",
    }
)
"""What a member may report of a task."""


def check_operations(access: Access, operations: Sequence[Operation]) -> None:
    """ForbiddenError names the first operation that the role does not cover."""
    access.require(Permission.PROGRESS)
    if allows(access.role, Permission.EDIT):
        return
    for index, operation in enumerate(operations):
        reports = isinstance(operation, Update) and operation.kind is Kind.TASK
        if not (reports and operation.fields <= PROGRESS_FIELDS):  # type: ignore[union-attr]
            fields = ", ".join(sorted(PROGRESS_FIELDS))
            raise ForbiddenError(f"operations[{index}]: a {access.role} may only report progress of tasks ({fields})")
