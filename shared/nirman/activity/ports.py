"""What feeds need of others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import Struct

from nirman.activity.entry import Entry
from nirman.tenancy.identity import ProjectKey


class Position(Struct, frozen=True, order=True, array_like=True):
    """Where an entry stands in every feed that has it; feeds go from the greatest down."""

    ordered_at: str
    project: str
    revision: int


def position_of(entry: Entry) -> Position:
    return Position(entry.ordered_at, entry.project, entry.revision)


class Feeds(Protocol):
    """Each gives the newest entries that are below a position (None: all), at most `limit`."""

    def of_project(self, key: ProjectKey, *, below: Position | None, limit: int) -> Sequence[Entry]: ...
    def of_person(self, tenant: str, user: str, *, below: Position | None, limit: int) -> Sequence[Entry]: ...
    def of_tenant(self, tenant: str, *, below: Position | None, limit: int) -> Sequence[Entry]: ...

    def newest(self, keys: Collection[ProjectKey]) -> dict[ProjectKey, str]:
        """`ordered_at` of the newest entry of each project that has one."""
