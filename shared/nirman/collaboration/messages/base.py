"""What all messages have in common, and the bounds of what they carry."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct

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
RoomKind = Literal["project", "user", "tenant"]
"""A project's room; a person's own, on all their sockets; the tenant's dashboard."""


class Message(Struct, frozen=True, kw_only=True, tag_field="type"):
    v: Literal[1] = VERSION


class FromClient(Message, frozen=True, forbid_unknown_fields=True):
    id: MessageId
    """The client's own; comes back in the answer."""


class OfRoom(FromClient, frozen=True):
    """About one room: that of `project`, unless `room` says otherwise."""

    project: ProjectId | None = None
    room: RoomKind = "project"

    JSON_RULES: ClassVar[dict[str, Any]] = {
        "if": {"required": ["room"], "properties": {"room": {"enum": ["user", "tenant"]}}},
        "then": {"properties": {"project": {"type": "null"}}},
        "else": {"required": ["project"], "properties": {"project": {"type": "string"}}},
    }
    """What `__post_init__` checks, for the JSON Schema."""

    def __post_init__(self) -> None:
        if (self.project is None) == (self.room == "project"):
            raise ValueError("the room of a project needs `project`, the others have none")
