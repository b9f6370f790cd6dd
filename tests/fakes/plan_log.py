"""A plan log in memory, one process, one thread."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from nirman.planlog.ports import CommandDoneError, Done, PlanLog, RevisionTakenError, Snapshot
from nirman.planning.events import Event
from nirman.tenancy.identity import ProjectKey


class MemoryPlanLog(PlanLog):
    """Events go through JSON as they would in a store. `before_append` runs once, before the next append."""

    def __init__(self) -> None:
        self.events: dict[ProjectKey, list[bytes]] = {}
        self.commands: dict[tuple[ProjectKey, str], Done] = {}
        self.before_append: Callable[[], object] | None = None
        self.reads = 0

    def head(self, key: ProjectKey) -> int:
        return len(self.events.get(key, ()))

    def after(self, key: ProjectKey, revision: int, *, limit: int) -> list[Event]:
        found = self.events.get(key, [])[revision : revision + limit]
        self.reads += len(found)
        return [msgspec.json.decode(one, type=Event) for one in found]

    def append(self, key: ProjectKey, event: Event, *, fingerprint: str, locks_revision: int | None = None) -> None:
        if self.before_append is not None:
            meanwhile, self.before_append = self.before_append, None
            meanwhile()
        if (key, event.command_id) in self.commands:
            raise CommandDoneError
        if event.revision != self.head(key) + 1:
            raise RevisionTakenError
        self.events.setdefault(key, []).append(msgspec.json.encode(event))
        self.commands[key, event.command_id] = Done(event.revision, fingerprint)

    def done(self, key: ProjectKey, command_id: str) -> Done | None:
        return self.commands.get((key, command_id))

    def snapshot(self, key: ProjectKey) -> Snapshot | None:
        return None

    def save_snapshot(self, key: ProjectKey, snapshot: Snapshot) -> None:
        pass
