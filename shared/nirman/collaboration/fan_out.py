"""Frames to everyone in a room, however big it is: its parts go to helpers side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from nirman.collaboration.ports import (
    EVERYONE,
    Clock,
    Directory,
    Helpers,
    NobodyFreeError,
    Occupant,
    Room,
    Rooms,
    Span,
)
from nirman.collaboration.posting import Posted, Posting
from nirman.tenancy.identity import ProjectKey

PART = 250
"""Connections that are posted to from one place; what is more in a room is divided among helpers."""
MAX_HELPERS = 32
"""At once for one room; beyond 33 parts each of them gets larger."""


class FanOut:
    """Whoever is found gone is only reported. Without `helpers` everything is posted from here."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        directory: Directory,
        posting: Posting,
        now: Clock,
        helpers: Helpers | None = None,
        part: int = PART,
    ) -> None:
        self._rooms = rooms
        self._directory = directory
        self._posting = posting
        self._now = now
        self._helpers = helpers
        self._part = part
        self._waiting = ThreadPoolExecutor(MAX_HELPERS, thread_name_prefix="wait")

    def send(self, room: Room, frames: Sequence[bytes], *, until: datetime) -> Posted:
        """To all who are in the room and may see what it is about now."""
        first, rest = self._rooms.some(room, EVERYONE, limit=self._part, now=self._now())
        others = [self._waiting.submit(self._hand_over, room, span, frames, until) for span in _divided(rest)]
        own = self.post(self.seeing(room, first), frames, until=until)
        return sum((other.result() for other in others), own)

    def send_part(self, room: Room, span: Span, frames: Sequence[bytes], *, until: datetime) -> Posted:
        """What a helper does."""
        occupants, _ = self._rooms.some(room, span, limit=None, now=self._now())
        return self.post(self.seeing(room, occupants), frames, until=until)

    def post(self, audience: Iterable[Occupant], frames: Sequence[bytes], *, until: datetime) -> Posted:
        return self._posting.post([occupant.connection for occupant in audience], frames, until=until)

    def seeing(self, room: Room, occupants: tuple[Occupant, ...]) -> tuple[Occupant, ...]:
        """Those of the occupants who may see the project now: membership can have ended since they came."""
        # The rooms of a person and of a tenant are entered by nobody else.
        if not occupants or not isinstance(room, ProjectKey):
            return occupants
        viewers = self._directory.viewers_among(room, {occupant.principal for occupant in occupants})
        return tuple(occupant for occupant in occupants if occupant.principal in viewers)

    def _hand_over(self, room: Room, span: Span, frames: Sequence[bytes], until: datetime) -> Posted:
        if self._helpers is not None:
            try:
                return self._helpers.post(room, span, frames, until=until)
            except NobodyFreeError:
                pass  # slower from here, but within the same time
        return self.send_part(room, span, frames, until=until)


def _divided(rest: Span | None) -> tuple[Span, ...]:
    """What is left of a room, in parts of about as many connections as the first one has: hashes are spread evenly."""
    if rest is None:
        return ()
    parts = math.ceil((rest.end - rest.first) / max(1, rest.first))
    return rest.divided(min(MAX_HELPERS, parts))
