"""A client's message in, the answer out: every message gets one, in the registry's words."""

from __future__ import annotations

from nirman.collaboration import frames
from nirman.collaboration.messages import (
    Edit,
    Error,
    Join,
    Leave,
    Ping,
    ServerMessage,
    decode_client,
    id_of,
)
from nirman.collaboration.rooms import RoomService
from nirman.errors import NirmanError


def answer(rooms: RoomService, connection_id: str, text: str) -> ServerMessage:
    """An `error` where the message is ill-formed or refused; what is nobody's fault is raised."""
    try:
        message = decode_client(text)
        connection = rooms.connection(connection_id)
        match message:
            case Join():
                return rooms.join(connection, message)
            case Leave():
                return rooms.leave(connection, message)
            case Edit():
                return rooms.edit(connection, message)
            case Ping():
                return rooms.ping(connection, message)
    except NirmanError as exc:
        return frames.error(id_of(text), exc)


def unexpected(text: str) -> Error:
    """For what is nobody's fault but ours."""
    return Error(
        id=id_of(text),
        code="internal",
        text="something went wrong here; the same message may be sent again, a command is carried out once",
        details={},
    )
