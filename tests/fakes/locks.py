"""Locks in memory, as `nirman.collaboration.lock_book` wants them."""

from __future__ import annotations

from datetime import datetime

from nirman.collaboration.lock_book import LocksChangedError, Stored, TakenOver
from nirman.collaboration.locks import Locks
from nirman.tenancy.identity import ProjectKey


class InMemoryLocks:
    def __init__(self) -> None:
        self.stored: dict[ProjectKey, Stored] = {}
        self.audit: dict[ProjectKey, list[TakenOver]] = {}

    def read(self, key: ProjectKey) -> Stored:
        return self.stored.get(key, Stored())

    def save(
        self, key: ProjectKey, before: Stored, locks: Locks, *, now: datetime, taken_over: TakenOver | None = None
    ) -> None:
        if self.read(key).version != before.version:
            raise LocksChangedError
        self.stored[key] = Stored(before.version + 1, locks)
        if taken_over is not None:
            self.audit.setdefault(key, []).append(taken_over)

    def taken_over(self, key: ProjectKey, *, limit: int) -> tuple[TakenOver, ...]:
        return tuple(self.audit.get(key, ())[::-1][:limit])
