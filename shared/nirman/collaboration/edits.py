"""Changing the plan over a socket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from nirman.collaboration import frames
from nirman.collaboration.dialogue import Answers
from nirman.collaboration.messages import Ack, Edit, Redo, Undo
from nirman.collaboration.ports import Connection, Directory
from nirman.planning.commands import Command, LockClaim
from nirman.tenancy.identity import Access

if TYPE_CHECKING:
    from nirman.planlog.commits import CommitResult


class Edits(Protocol):
    """The part of `planlog.edits.Edits` that rooms use."""

    def commit(self, access: Access, command: Command) -> CommitResult: ...

    def undo(
        self, access: Access, *, command_id: str, revision: int | None, locks: Sequence[LockClaim]
    ) -> CommitResult: ...

    def redo(self, access: Access, *, command_id: str, locks: Sequence[LockClaim]) -> CommitResult: ...


class EditService:
    def __init__(self, *, edits: Edits, directory: Directory) -> None:
        self._edits = edits
        self._directory = directory

    def answers(self) -> Answers:
        return {Edit: self.edit, Undo: self.undo, Redo: self.redo}

    def edit(self, connection: Connection, message: Edit) -> Ack:
        access = self._directory.open(connection.principal, message.project)
        return frames.ack(message.id, self._edits.commit(access, message.command))

    def undo(self, connection: Connection, message: Undo) -> Ack:
        access = self._directory.open(connection.principal, message.project)
        done = self._edits.undo(access, command_id=message.command_id, revision=message.revision, locks=message.locks)
        return frames.ack(message.id, done)

    def redo(self, connection: Connection, message: Redo) -> Ack:
        access = self._directory.open(connection.principal, message.project)
        return frames.ack(message.id, self._edits.redo(access, command_id=message.command_id, locks=message.locks))
