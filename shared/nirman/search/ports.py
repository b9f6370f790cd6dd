"""What searching needs of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from msgspec import Struct

from nirman.projection.catalogue import TaskName
from nirman.tenancy.identity import Access, Principal, ProjectKey
from nirman.tenancy.visible import Projects


class Kept(Struct, frozen=True):
    """What is kept of a project: `tasks_revision` last changed the names of its tasks."""

    tasks_revision: int
    tasks_parts: int
    members: frozenset[str]


class Names(Protocol):
    """The names that the projector keeps."""

    def kept(self, keys: Collection[ProjectKey]) -> Mapping[ProjectKey, Kept]:
        """Of each project that anything is kept of."""

    def tasks(self, wanted: Mapping[ProjectKey, Kept]) -> Mapping[ProjectKey, Mapping[int, TaskName]]:
        """Names by uid, of those projects whose tasks are still of that revision."""

    def people(self, tenant: str) -> Mapping[str, str]:
        """Names of a tenant's people by user id."""


class Directory(Projects, Protocol):
    def open(self, principal: Principal, project_id: str) -> Access: ...
