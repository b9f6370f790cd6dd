"""Entering rooms, what is said in them, and who is there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from nirman.collaboration.messages.base import FromClient, Message, OfRoom, ProjectId, Revision, RoomKind
from nirman.jobs.job import Headway, JobKind, JobState
from nirman.planning.events import Event


class Join(OfRoom, frozen=True, tag="join"):
    """Enter a room, or ask for what was missed; `revision` is the last one applied, None if none was."""

    revision: Revision | None = None


class Leave(OfRoom, frozen=True, tag="leave"):
    pass


class Ping(FromClient, frozen=True, tag="ping"):
    """Keeps the socket open and its person present; with a room the answer names its head."""

    project: ProjectId | None = None
    room: RoomKind = "project"

    JSON_RULES: ClassVar[dict[str, Any]] = {
        "if": {"required": ["project"], "properties": {"project": {"type": "string"}}},
        "then": {"properties": {"room": {"const": "project"}}},
    }
    """What `__post_init__` checks, for the JSON Schema."""

    def __post_init__(self) -> None:
        if self.project is not None and self.room != "project":
            raise ValueError("only the room of a project has `project`")


Area = Annotated[str, Meta(min_length=1, max_length=64)]


class Looking(Struct, frozen=True, forbid_unknown_fields=True):
    """What part of the plan somebody has before them: a view, and the tasks of it that are on the screen (uids)."""

    area: Area
    tasks: Annotated[tuple[Annotated[int, Meta(ge=0, le=2**31 - 1)], ...], Meta(max_length=200)] = ()


class Person(Struct, frozen=True, omit_defaults=True):
    """Somebody in a room, from `connections` sockets."""

    user: str
    name: str
    connections: int
    looking: tuple[Looking, ...] = ()
    """Of each socket that said so."""


class EventMessage(Message, frozen=True, tag="event"):
    """A committed revision. With `fetch` it is too large for a frame: get it by REST, `events?after={previous}`."""

    project: str
    revision: int
    previous: int
    event: Event | UnsetType = UNSET
    fetch: bool = False


class Burst(Message, frozen=True, tag="events"):
    """Several revisions at once, in order: from the one after `previous` to `revision`, none left out."""

    project: str
    revision: int
    previous: int
    events: tuple[EventMessage, ...]


class Note(Struct, frozen=True, omit_defaults=True):
    """What is told to a person or a tenant; kept for 90 days.

    `system`: an admin's word to everybody. `membership`: the person was let into `project`, shut out of it, or has
    another role there.
    """

    kind: Literal["system", "membership"]
    at: str
    """UTC, ISO 8601."""
    text: str = ""
    by: str = ""
    project: str = ""
    role: str = ""
    """Empty: shut out."""


class NoteMessage(Message, frozen=True, tag="note"):
    """A note in the room of a person or a tenant; its numbers follow one another as a project's revisions do."""

    room: RoomKind
    revision: int
    previous: int
    note: Note


class CardMessage(Message, frozen=True, tag="card"):
    """On the tenant's dashboard: how a project is now. Of two cards the one with the later revision is right."""

    project: str
    revision: int
    name: str
    finish: str | None
    at: str
    by: str
    deleted: bool = False


class Joined(Message, frozen=True, tag="joined"):
    """In the room. `events` (of a project; else `notes`) follow the revision given, in order, without holes; `more`:
    join again from the last one.

    `recovered` is False when no revision was given: `head` is where the room is, the plan comes by REST.
    `present` counts the people in the room, `presence` names as many as fit; both are as of `at` (UTC), and
    know of the `presence` messages up to the number `announced`.
    """

    id: str
    head: int
    recovered: bool
    presence: tuple[Person, ...]
    present: int
    at: str
    announced: int = 0
    room: RoomKind = "project"
    project: str | None = None
    events: tuple[EventMessage, ...] = ()
    notes: tuple[NoteMessage, ...] = ()
    more: bool = False


class Reload(Message, frozen=True, tag="reload"):
    """In the room, but what was missed is too much, or the revision given is not one of this room's.

    Get the plan (or the list of notes) by REST and go on from its revision; nothing is sent of what was missed.
    """

    id: str
    head: int
    presence: tuple[Person, ...]
    present: int
    at: str
    announced: int = 0
    room: RoomKind = "project"
    project: str | None = None


class Left(Message, frozen=True, tag="left"):
    """Answer to `leave`; with `id` None the socket was put out of the room: its person may not see it any more."""

    id: str | None
    room: RoomKind = "project"
    project: str | None = None


class Presence(Message, frozen=True, tag="presence"):
    """A person is in the room now, by whatever socket, or not any more. The latest `at` of a person is right.

    The `number` rises by one with each that is sent to the room; they may come in another order.
    """

    project: str
    change: Literal["joined", "left"]
    user: str
    name: str
    at: str
    number: int


class Presences(Message, frozen=True, tag="presences"):
    """Several changes of presence at once, of different people."""

    project: str
    changes: tuple[Presence, ...]


class Pong(Message, frozen=True, tag="pong"):
    """Answer to `ping`: `head` of the room that was named.

    `cards`, of the tenant's room: a digest of the projects and revisions on the first page of `GET /v1/projects` now.
    If yours have another, a card was lost.

    `announced`, of a project's room that one is in: the number of the last `presence` that was sent. Whoever has not
    had all up to that one when the next `pong` comes has lost one, and joins again.
    """

    id: str
    head: int | UnsetType = UNSET
    cards: str | UnsetType = UNSET
    announced: int | UnsetType = UNSET


class JobMessage(Message, frozen=True, tag="job"):
    """How far a job of the project is; what it made or why it failed is at `/v1/jobs/{job}`.

    `headway` is what a search has found so far: the best finish, and how good it is at least.
    """

    project: str
    job: str
    kind: JobKind
    state: JobState
    progress: int
    created_by: str
    updated_at: datetime
    headway: Headway | None = None
