"""Changing the plan, and taking changes back."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from nirman.collaboration.messages.base import FromClient, Message, ProjectId, Revision
from nirman.planning.commands import Command, CommandId, LockClaims
from nirman.planning.events import Moved
from nirman.planning.model import Kind


class Edit(FromClient, frozen=True, tag="edit"):
    project: ProjectId
    command: Command


class Undo(FromClient, frozen=True, tag="undo"):
    """Take back a change of one's own: that of `revision`, else the last one that is not taken back. A new commit."""

    project: ProjectId
    command_id: CommandId
    revision: Revision | None = None
    locks: LockClaims = ()


class Redo(FromClient, frozen=True, tag="redo"):
    """Make again what one's own last `undo` took back. A new commit."""

    project: ProjectId
    command_id: CommandId
    locks: LockClaims = ()


class Created(Struct, frozen=True):
    """A record that the edit made, with the uid it was given."""

    kind: Kind
    uid: int


class Ack(Message, frozen=True, tag="ack"):
    """The edit is committed as `revision`. With `fetch`, `moved` and `created` are too large and left out.

    `merged`: others had committed since the base revision (since the edit that is taken back). `repeated`: the command
    had been carried out before. `undoes`, `redoes`: the revision that it took back.
    """

    id: str
    project: str
    command_id: str
    revision: int
    merged: bool
    repeated: bool
    created: tuple[Created, ...] = ()
    moved: tuple[Moved, ...] = ()
    moved_count: int = 0
    project_finish: str | None = None
    undoes: int | None = None
    redoes: int | None = None
    fetch: bool = False


class Error(Message, frozen=True, tag="error"):
    """`code` and `details` are those of `nirman.errors`; `id` is None where the message had none that could be read."""

    id: str | None
    code: str
    text: str
    details: dict[str, Any]
