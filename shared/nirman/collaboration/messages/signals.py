"""What people do at this moment: never stored in the plan's log, never queued behind edits, the latest wins."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from nirman.collaboration.messages.base import FromClient, Message, ProjectId
from nirman.collaboration.messages.rooms import Area, Looking
from nirman.planning.fields import Uid

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
    """Where one is now, all of it: what is not named is not there. Forgotten after some seconds, so repeat it.

    `n` rises with each signal of the socket: the highest is right, in whatever order they arrive.
    """

    project: ProjectId
    n: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    cursor: Cursor | None = None
    selection: Selection = ()
    typing: Typing | None = None


class Noted(Message, frozen=True, tag="noted"):
    """Answer to `look` and `signal`: wait `interval_ms` before the next one; it grows with the room.

    Whoever does not wait loses nothing: what comes too early goes with the next frame.
    """

    id: str
    interval_ms: int


class Pointer(Struct, frozen=True, omit_defaults=True):
    """One socket's signals: `socket` tells sockets of a person apart and means nothing else."""

    user: str
    socket: str
    cursor: Cursor | None = None
    selection: tuple[int, ...] = ()
    typing: Typing | None = None


class Looks(Struct, frozen=True):
    """What a person looks at: of each socket that said so, the latest first; the last five."""

    user: str
    looking: tuple[Looking, ...]


class Signals(Message, frozen=True, tag="signals"):
    """Where others are now, those of them that moved lately, and who looks at something else now.

    The latest `at` of a socket, and of a person's looks, is right.
    """

    project: str
    at: str
    interval_ms: int
    pointers: tuple[Pointer, ...] = ()
    looks: tuple[Looks, ...] = ()
