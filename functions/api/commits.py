"""One record changed by one call."""

from __future__ import annotations

import re
from typing import Any

from functions.api.revisions import Seen
from nirman.errors import InvalidInputError, NotFoundError
from nirman.planlog.commits import CommitResult
from nirman.planlog.edits import Edits
from nirman.planning.commands import Command, Create, Operation
from nirman.tenancy.identity import Access

_OPERATION = re.compile(r"^operations\[0\](\.values)?\.?")


def commit_one(edits: Edits, access: Access, operation: Operation, *, seen: Seen, command_id: str) -> CommitResult:
    """Errors as of `Edits.commit`, placed in the record that was sent; NotFoundError where it is not there."""
    command = Command(command_id=command_id, base_revision=seen.base, operations=(operation,))
    try:
        return edits.commit(access, command, expected_revision=seen.expected)
    except InvalidInputError as exc:
        # The caller sent a record, not a list of operations.
        exc.place = _OPERATION.sub("", exc.place)
        if exc.place == "uid" and not isinstance(operation, Create):
            raise NotFoundError(exc.rule) from exc
        exc.args = (f"{exc.place}: {exc.rule}" if exc.place else exc.rule,)
        raise


def named(values: dict[str, Any]) -> dict[str, Any]:
    """The fields to change, at least one."""
    if not values:
        raise InvalidInputError("name at least one field to change", place="body")
    return values
