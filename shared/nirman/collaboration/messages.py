"""Every message of a room, in both directions; `docs/realtime.md` tells the protocol.

A message is a JSON object told apart by its `type`. `v` is the version of this registry: raised when a message changes
in a way that old clients would misread; a client may leave it out. Additions are no such change: clients ignore types
and fields they do not know, the server refuses them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from nirman.errors import InvalidInputError, LimitExceededError
from nirman.jobs.job import JobKind, JobState
from nirman.planning.commands import Command
from nirman.planning.events import Event, Moved
from nirman.planning.model import Kind

VERSION: Final = 1
MAX_MESSAGE_BYTES = 65_536
"""What a client may send at once; larger edits go by REST."""
MAX_FRAME_BYTES = 30_000
"""What the server sends at once: a frame of API Gateway has 32 KB."""

MessageId = Annotated[str, Meta(min_length=1, max_length=128)]
# The lookahead is for Python, where `$` also matches before a last line break.
ProjectId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$(?!\n)")]
Revision = Annotated[int, Meta(ge=0, le=999_999_999_999)]
"""As many digits as the sort key of an event has."""


class _Message(Struct, frozen=True, kw_only=True, tag_field="type"):
    v: Literal[1] = VERSION


class _FromClient(_Message, frozen=True, forbid_unknown_fields=True):
    id: MessageId
    """The client's own; comes back in the answer."""


class Join(_FromClient, frozen=True, tag="join"):
    """Enter the room of a project, or ask for what was missed; `revision` is the last one applied, None if none was."""

    project: ProjectId
    revision: Revision | None = None


class Leave(_FromClient, frozen=True, tag="leave"):
    project: ProjectId


class Edit(_FromClient, frozen=True, tag="edit"):
    project: ProjectId
    command: Command


class Ping(_FromClient, frozen=True, tag="ping"):
    """Keeps the socket open; with a project the answer names its head."""

    project: ProjectId | None = None


class Person(Struct, frozen=True):
    """Somebody in a room, from `connections` sockets."""

    user: str
    name: str
    connections: int


class EventMessage(_Message, frozen=True, tag="event"):
    """A committed revision. With `fetch` it is too large for a frame: get it by REST, `events?after={previous}`."""

    project: str
    revision: int
    previous: int
    event: Event | UnsetType = UNSET
    fetch: bool = False


class Joined(_Message, frozen=True, tag="joined"):
    """In the room. `events` follow the revision given, in order, without holes; `more`: join again from the last one.

    `recovered` is False when no revision was given: `head` is where the room is, the plan comes by REST.
    `present` counts the people in the room, `presence` names as many as fit; both are as of `at` (UTC).
    """

    id: str
    project: str
    head: int
    recovered: bool
    presence: tuple[Person, ...]
    present: int
    at: str
    events: tuple[EventMessage, ...] = ()
    more: bool = False


class Reload(_Message, frozen=True, tag="reload"):
    """In the room, but what was missed is too much, or the revision given is not one of this project's.

    Get the plan by REST and go on from its revision; nothing is sent of what was missed.
    """

    id: str
    project: str
    head: int
    presence: tuple[Person, ...]
    present: int
    at: str


class Left(_Message, frozen=True, tag="left"):
    """Answer to `leave`."""

    id: str
    project: str


class Presence(_Message, frozen=True, tag="presence"):
    """A person's first socket came into the room, or the last one is gone. The latest `at` of a person is right."""

    project: str
    change: Literal["joined", "left"]
    user: str
    name: str
    at: str


class Created(Struct, frozen=True):
    """A record that the edit made, with the uid it was given."""

    kind: Kind
    uid: int


class Ack(_Message, frozen=True, tag="ack"):
    """The edit is committed as `revision`. With `fetch`, `moved` and `created` are too large and left out.

    `merged`: others had committed since the base revision. `repeated`: the command had been carried out before.
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
    fetch: bool = False


class Pong(_Message, frozen=True, tag="pong"):
    id: str
    head: int | UnsetType = UNSET


class JobMessage(_Message, frozen=True, tag="job"):
    """How far a job of the project is; what it made or why it failed is at `/v1/jobs/{job}`."""

    project: str
    job: str
    kind: JobKind
    state: JobState
    progress: int
    created_by: str
    updated_at: datetime


class Error(_Message, frozen=True, tag="error"):
    """`code` and `details` are those of `nirman.errors`; `id` is None where the message had none that could be read."""

    id: str | None
    code: str
    text: str
    details: dict[str, Any]


CLIENT_MESSAGES = (Join, Leave, Edit, Ping)
SERVER_MESSAGES = (Joined, Reload, Left, EventMessage, Presence, Ack, Pong, JobMessage, Error)
ClientMessage = Join | Leave | Edit | Ping
ServerMessage = Joined | Reload | Left | EventMessage | Presence | Ack | Pong | JobMessage | Error

encode = msgspec.json.Encoder().encode
_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_server: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_PLACE = re.compile(r"(?P<rule>.*) - at `(?P<place>.*)`", re.DOTALL)


class _Identified(Struct):
    id: MessageId | None = None


_identified = msgspec.json.Decoder(_Identified)


def decode_client(text: str) -> ClientMessage:
    """InvalidInputError names the place and the rule; LimitExceededError for one too large."""
    if len(text.encode(errors="replace")) > MAX_MESSAGE_BYTES:
        raise LimitExceededError(f"a message has at most {MAX_MESSAGE_BYTES} bytes; send large edits by REST")
    try:
        return _client.decode(text)
    except RecursionError:
        raise InvalidInputError("values are nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as exc:
        found = _PLACE.fullmatch(str(exc))
        if found is None:
            raise InvalidInputError(str(exc)) from exc
        raise InvalidInputError(found["rule"], place=found["place"].removeprefix("$.")) from exc


def decode_server(data: str | bytes) -> ServerMessage | None:
    """None for a type that is newer than this client."""
    try:
        return _server.decode(data)
    except msgspec.ValidationError:
        known = {message.__struct_config__.tag for message in SERVER_MESSAGES}
        if msgspec.json.decode(data).get("type") in known:
            raise
        return None


def id_of(text: str) -> str | None:
    """The id of a message that may be ill-formed otherwise."""
    try:
        return _identified.decode(text).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
