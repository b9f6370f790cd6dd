"""Every message of a room, in both directions; `docs/realtime.md` tells the protocol.

A message is a JSON object told apart by its `type`. `v` is the version of this registry: raised when a message changes
in a way that old clients would misread; a client may leave it out. Additions are no such change: clients ignore types
and fields they do not know, the server refuses them.
"""

from __future__ import annotations

import re
from typing import get_args

import msgspec
from msgspec import UNSET, Struct

from nirman.collaboration.messages.base import MAX_FRAME_BYTES, MAX_MESSAGE_BYTES, VERSION, MessageId, RoomKind
from nirman.collaboration.messages.edits import Ack, Created, Edit, Error, Redo, Undo
from nirman.collaboration.messages.locks import Beat, Lease, Leases, Lock, Locked, LockMessage, Own, TakeOver, Unlock
from nirman.collaboration.messages.rooms import (
    Burst,
    CardMessage,
    EventMessage,
    JobMessage,
    Join,
    Joined,
    Leave,
    Left,
    Looking,
    Note,
    NoteMessage,
    Person,
    Ping,
    Pong,
    Presence,
    Presences,
    Reload,
)
from nirman.collaboration.messages.search import Found, Hit, Search
from nirman.collaboration.messages.signals import Cursor, Look, Looks, Noted, Pointer, Signal, Signals, Typing
from nirman.errors import InvalidInputError, LimitExceededError

ClientMessage = Join | Leave | Ping | Edit | Undo | Redo | Look | Signal | Lock | Unlock | TakeOver | Beat | Search
RoomMessage = (
    EventMessage | Burst | Presence | Presences | JobMessage | Signals | LockMessage | NoteMessage | CardMessage
)
"""What the server says by itself."""
Answer = Joined | Reload | Left | Pong | Ack | Noted | Lease | Leases | Found | Error
ServerMessage = Answer | RoomMessage
CLIENT_MESSAGES: tuple[type[ClientMessage], ...] = get_args(ClientMessage)
SERVER_MESSAGES: tuple[type[ServerMessage], ...] = get_args(ServerMessage)

__all__ = [
    "CLIENT_MESSAGES",
    "MAX_FRAME_BYTES",
    "MAX_MESSAGE_BYTES",
    "SERVER_MESSAGES",
    "UNSET",
    "VERSION",
    "Ack",
    "Answer",
    "Beat",
    "Burst",
    "CardMessage",
    "ClientMessage",
    "Created",
    "Cursor",
    "Edit",
    "Error",
    "EventMessage",
    "Found",
    "Hit",
    "JobMessage",
    "Join",
    "Joined",
    "Lease",
    "Leases",
    "Leave",
    "Left",
    "Lock",
    "LockMessage",
    "Locked",
    "Look",
    "Looking",
    "Looks",
    "MessageId",
    "Note",
    "NoteMessage",
    "Noted",
    "Own",
    "Person",
    "Ping",
    "Pointer",
    "Pong",
    "Presence",
    "Presences",
    "Redo",
    "Reload",
    "RoomKind",
    "RoomMessage",
    "Search",
    "ServerMessage",
    "Signal",
    "Signals",
    "TakeOver",
    "Typing",
    "Undo",
    "Unlock",
    "decode_client",
    "decode_server",
    "encode",
    "id_of",
]

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
        text = f"a message has at most {MAX_MESSAGE_BYTES} bytes; send large edits by REST"
        raise LimitExceededError(text, what="bytes", limit=MAX_MESSAGE_BYTES)
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
