"""What keeping the read models needs of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nirman.activity.entry import Entry
from nirman.planning.events import Event
from nirman.projection.catalogue import Catalogue
from nirman.projection.standing import Standing
from nirman.tenancy.directory import Member, Page, Person
from nirman.tenancy.identity import ProjectKey


class OvertakenError(Exception):
    """Somebody else changed the read model meanwhile; nothing was written."""


class BrokenModelError(Exception):
    """Part of what is kept of a project is missing: throwing it away was begun and not ended."""


class Log(Protocol):
    """The part of `planlog.ports.PlanLog` that is read here."""

    def after(self, key: ProjectKey, revision: int, *, limit: int) -> list[Event]: ...


class People(Protocol):
    """The part of `tenancy.directory.Directory` that is read here."""

    def members(self, key: ProjectKey) -> tuple[Member, ...]: ...
    def users(self, tenant: str, *, limit: int = ..., cursor: str | None = None) -> Page[Person]: ...


class Models(Protocol):
    """The read models; every read is consistent."""

    def standing(self, key: ProjectKey) -> Standing:
        """As it is; revision 0 where nothing is kept of the project."""

    def catalogue(self, key: ProjectKey, standing: Standing) -> Catalogue:
        """As of the standing; OvertakenError when it is another by now, BrokenModelError when there is none."""

    def advance(
        self, key: ProjectKey, before: Standing, after: Standing, catalogue: Catalogue, entries: Sequence[Entry]
    ) -> Standing:
        """Keeps what some events made of the standing `before`, all of it or none; the standing as it is kept.

        OvertakenError when somebody else was first.
        """

    def members(self, key: ProjectKey) -> tuple[frozenset[str], int]:
        """Who is known as a member, and the version of that."""

    def put_members(self, key: ProjectKey, users: frozenset[str], *, version: int) -> None:
        """Replaces `version`; OvertakenError when there is another by now."""

    def people(self, tenant: str) -> tuple[dict[str, str], int]:
        """Names by user id, and the version of that."""

    def put_people(self, tenant: str, names: dict[str, str], *, version: int) -> None:
        """Replaces `version`; OvertakenError when there is another by now."""

    def forget(self, key: ProjectKey) -> None:
        """Throws away what is kept of a project, its standing last."""

    def forget_people(self, tenant: str) -> None: ...
