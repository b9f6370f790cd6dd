"""A client's message in, the answer out: every message gets one, in the registry's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from nirman.collaboration import frames
from nirman.collaboration.messages import Answer, ClientMessage, Error, decode_client, id_of
from nirman.collaboration.ports import Connection
from nirman.errors import NirmanError

Answers = Mapping[type[ClientMessage], Callable[[Connection, Any], Answer]]


class Service(Protocol):
    """Answers some of the client's messages; errors are those of `nirman.errors`."""

    def answers(self) -> Answers: ...


class Dialogue:
    """Each message goes to the one service that answers it."""

    def __init__(self, connection: Callable[[str], Connection], *services: Service) -> None:
        """`connection` finds one by its id; UnauthenticatedError if it is unknown or has expired."""
        self._connection = connection
        self._answers = {message: answer for service in services for message, answer in service.answers().items()}

    def answer(self, connection_id: str, text: str) -> Answer:
        """An `error` where the message is ill-formed or refused; what is nobody's fault is raised."""
        try:
            message = decode_client(text)
            return self._answers[type(message)](self._connection(connection_id), message)
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
