"""Where a client is in a project's log: each event comes out exactly once and in order, however they came in."""

from __future__ import annotations

from nirman.collaboration.messages import EventMessage

MAX_HELD = 1_000
"""Events kept while an earlier one is missing; the latest are dropped and asked for again."""


class Replica:
    """`revision` is the last one applied; None until a plan is loaded."""

    def __init__(self, revision: int | None = None) -> None:
        self.revision = revision
        self.repeated = 0
        """Events that came again, for whoever counts."""
        self._held: dict[int, EventMessage] = {}

    def start(self, revision: int) -> None:
        """A plan of this revision was loaded; what is older is in it."""
        self.revision = revision
        self._held = {held: message for held, message in self._held.items() if held > revision}

    def offer(self, message: EventMessage) -> None:
        known = self.revision is not None and message.revision <= self.revision
        if known or message.revision in self._held:
            self.repeated += 1
            return
        self._held[message.revision] = message
        if len(self._held) > MAX_HELD:
            del self._held[max(self._held)]

    def next(self) -> EventMessage | None:
        """The event that follows the last one applied, if it is here; say `applied` when it is."""
        return None if self.revision is None else self._held.get(self.revision + 1)

    def applied(self, message: EventMessage) -> None:
        if message.previous != self.revision:
            raise ValueError(f"revision {message.revision} does not follow {self.revision}")
        self._held.pop(message.revision, None)
        self.revision = message.revision

    @property
    def gap(self) -> bool:
        """Something later is here, but what follows is not."""
        return self.revision is not None and bool(self._held) and self.next() is None
