"""What people do at this moment: never stored in the plan's log, never queued behind edits, the latest wins."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from nirman.collaboration.messages.base import FromClient, Message, ProjectId
from nirman.collaboration.messages.rooms import Area, Looking
from nirman.planning.model import Uid

FieldName = Annotated[str, Meta(min_length=1, max_length=64)]


class Look(FromClient, frozen=True, tag="look"):
    """What this socket has before it; None: nothing. Others see it, and signals about other parts do not come."""

    project: ProjectId
    looking: Looking | None = None


class Cursor(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """On a task, on a field of it, or at a point of the view: `x`, `y` are fractions of it, 0 to 1."""

    area: Area
    task: Uid | None = None
    field: FieldName | None = None
    x: Annotated[float, Meta(ge=0, le=1)] | None = None
    y: Annotated[float, Meta(ge=0, le=1)] | None = None


class Typing(Struct, frozen=True, forbid_unknown_fields=True):
    task: Uid
    field: FieldName


Selection = Annotated[tuple[Uid, ...], Meta(max_length=100)]


class Signal(FromClient, frozen=True, tag="signal"):
    """Where one is now. What is not named stays as it was; None takes it away. Forgotten after some seconds."""

    project: ProjectId
    cursor: Cursor | UnsetType | None = UNSET
    selection: Selection | UnsetType = UNSET
    typing: Typing | UnsetType | None = UNSET


class Noted(Message, frozen=True, tag="noted"):
    """Answer to `look` and `signal`: wait `interval_ms` before the next signal; it grows with the room."""

    id: str
    interval_ms: int


class Pointer(Struct, frozen=True, omit_defaults=True):
    """One socket's signals: `socket` tells sockets of a person apart and means nothing else."""

    user: str
    socket: str
    cursor: Cursor | None = None
    selection: tuple[int, ...] = ()
    typing: Typing | None = None


class Signals(Message, frozen=True, tag="signals"):
    """Where others are now, those of them that moved; the latest `at` of a socket is right."""

    project: str
    at: str
    interval_ms: int
    pointers: tuple[Pointer, ...]
