"""A client's message in, the answer out: every message gets one, in the registry's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from nirman.collaboration import frames
from nirman.collaboration.messages import Answer, ClientMessage, Error, decode_client, id_of
from nirman.collaboration.ports import Connection
from nirman.errors import InvalidInputError, LimitExceededError, NirmanError, RateLimitedError

if TYPE_CHECKING:
    from nirman.collaboration.gate import Gate

Answers = Mapping[type[ClientMessage], Callable[[Connection, Any], Answer]]


class Service(Protocol):
    """Answers some of the client's messages; errors are those of `nirman.errors`."""

    def answers(self) -> Answers: ...


class Dialogue:
    """Each message goes to the one service that answers it."""

    def __init__(self, connection: Callable[[str], Connection], gate: Gate, *services: Service) -> None:
        """`connection` finds one by its id; UnauthenticatedError if it is unknown or has expired."""
        self._connection = connection
        self._gate = gate
        self._answers = {message: answer for service in services for message, answer in service.answers().items()}

    def answer(self, connection_id: str, text: str) -> Answer:
        """An `error` where the message is ill-formed or refused; what is nobody's fault is raised."""
        try:
            self._gate.check(connection_id)
            message = decode_client(text)
        except (RateLimitedError, InvalidInputError, LimitExceededError) as exc:
            return self._refused(connection_id, text, exc)
        try:
            connection = self._connection(connection_id)
            self._gate.count(connection)
            return self._answers[type(message)](connection, message)
        except RateLimitedError as exc:
            return self._refused(connection_id, text, exc)
        except NirmanError as exc:
            return frames.error(id_of(text), exc)

    def _refused(self, connection_id: str, text: str, exc: NirmanError) -> Error:
        answer = frames.error(id_of(text), exc)
        self._gate.refuse(connection_id, answer)
        return answer


def unexpected(text: str) -> Error:
    """For what is nobody's fault but ours."""
    return Error(
        id=id_of(text),
        code="internal",
        text="something went wrong here; the same message may be sent again, a command is carried out once",
        details={},
    )
