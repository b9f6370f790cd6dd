"""Parts of big rooms, given to invocations of a function that posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from nirman.aws import keys
from nirman.collaboration.ports import NobodyFreeError, Room, Span
from nirman.collaboration.posting import Posted

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Task(msgspec.Struct, frozen=True):
    """What a helper is told. Frames are JSON themselves; a call takes 6 MB, and 100 records of a stream make half."""

    room: str
    first: int
    end: int
    until: datetime
    frames: tuple[str, ...]

    @property
    def place(self) -> Room:
        return keys.room_joined(self.room)

    @property
    def span(self) -> Span:
        return Span(self.first, self.end)

    @property
    def data(self) -> tuple[bytes, ...]:
        return tuple(frame.encode() for frame in self.frames)


def read_task(event: dict[str, Any]) -> Task:
    return msgspec.convert(event, Task)


class LambdaHelpers:
    """Port: `collaboration.ports.Helpers`. The client makes one try a call: a second could overtake the first."""

    def __init__(self, client: LambdaClient, function: str) -> None:
        self._client = client
        self._function = function

    def post(self, room: Room, span: Span, frames: Sequence[bytes], *, until: datetime) -> Posted:
        texts = tuple(frame.decode() for frame in frames)
        task = Task(keys.joined_room(room), span.first, span.end, until, texts)
        try:
            answer = self._client.invoke(FunctionName=self._function, Payload=msgspec.json.encode(task))
        except (ClientError, ConnectTimeoutError, EndpointConnectionError) as exc:
            raise NobodyFreeError(str(exc)) from exc
        except BotoCoreError:
            # Begun, and not heard of again. Whoever was left out sees the hole at the next event.
            return Posted(failed=len(frames))
        if answer.get("FunctionError"):
            return Posted(failed=len(frames))
        return msgspec.json.decode(answer["Payload"].read(), type=Posted)
