"""A room whose people signal, and whose board is flushed by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nirman.collaboration.messages import Signals
from nirman.collaboration.signals import Flush
from tests.fakes.rooms import KEY, Stage


@pytest.fixture
def room(stage: Stage) -> Room:
    return Room(stage)


class Room:
    """Signals in a room, sent when the function that was woken gets its time."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.flush = Flush(
            board=stage.board,
            broadcast=stage.broadcast,
            sockets=stage.sockets,
            now=stage.clock,
            sleep=self.pass_time,
            threads=4,
        )

    def pass_time(self, seconds: float) -> None:
        self.stage.clock.time += timedelta(seconds=seconds)

    def come(self, *sockets: str) -> None:
        for socket in sockets:
            self.stage.connect(socket, socket.partition("-")[0])
            self.stage.join(socket)
        self.stage.sockets.posted.clear()

    def signal(self, socket: str, task: int | None = None, *, area: str = "gantt", **more: Any) -> Any:
        cursor = {"area": area} | ({} if task is None else {"task": task})
        return self.stage.say(socket, **{"type": "signal", "project": KEY.project, "cursor": cursor, **more})

    def look(self, socket: str, looking: dict[str, Any] | None) -> Any:
        return self.stage.say(socket, type="look", project=KEY.project, looking=looking)

    def run(self) -> None:
        """Whoever was woken does its work."""
        while self.stage.flusher.woken:
            key, turn, wait_ms = self.stage.flusher.woken.pop(0)
            self.flush(key, turn, wait_ms=wait_ms)

    def heard(self, socket: str) -> list[Signals]:
        """Since the last time."""
        heard = [one for one in self.stage.sockets.heard(socket) if isinstance(one, Signals)]
        self.stage.sockets.posted.pop(socket, None)
        return heard

    def seen(self, socket: str) -> dict[str, int | None]:
        """By user, the task that the cursor is on, as the socket was told last since the last time."""
        pointers = [pointer for frame in self.heard(socket) for pointer in frame.pointers]
        return {pointer.user: pointer.cursor.task if pointer.cursor else None for pointer in pointers}
