"""Who belongs to a tenant, and who may enter which of its projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from nirman.tenancy.identity import Access, Permission, Principal, ProjectKey, Role, lesser

MAX_LIMIT = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list; `cursor` asks for what follows, None at the end."""

    items: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project as its tenant's list shows it; `role` is the reader's, `updated_at` UTC in ISO 8601."""

    project: str
    name: str
    role: Role
    revision: int
    updated_at: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person let into a project; `role` is what was granted, of which the role in the tenant may allow less."""

    user: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Person:
    """A person of a tenant."""

    user: str
    name: str
    email: str
    role: Role


def as_listed(claimed: Principal, person: Person | None) -> Principal:
    """Who a token claims to be, with no more than the tenant's own list grants: a lesser role there holds at once."""
    return claimed if person is None else replace(claimed, role=lesser(claimed.role, person.role))


class Directory(Protocol):
    """Owners and admins enter every project of their tenant, others those they are members of.

    A role that the tenant's own list has lowered since its bearer signed in is the lower one here, at once.
    """

    def open(self, principal: Principal, project_id: str, permission: Permission = Permission.VIEW) -> Access:
        """Lets the person in.

        NotFoundError for a project that is unknown, another tenant's or not the person's (not told apart);
        ForbiddenError when the role there does not grant the permission.
        """

    def projects(self, principal: Principal, *, limit: int = MAX_LIMIT, cursor: str | None = None) -> Page[ProjectCard]:
        """Projects the person may enter, by id, at most `limit` (1-100) a page; a page may hold fewer."""

    def visible_among(self, principal: Principal, keys: Collection[ProjectKey]) -> frozenset[ProjectKey]:
        """Which of these projects the person may see now; costs as much as there are of them."""

    def names(self, keys: Collection[ProjectKey]) -> Mapping[ProjectKey, str]:
        """What projects are called, deleted ones too."""

    def members(self, key: ProjectKey) -> tuple[Member, ...]:
        """Everyone let into the project, by user id."""

    def viewers_among(self, key: ProjectKey, people: Collection[Principal]) -> frozenset[Principal]:
        """Which of these people may see the project now; costs as much as there are of them.

        What they claimed when they signed in holds only as far as the tenant's own list grants it now.
        """

    def users(self, tenant: str, *, limit: int = MAX_LIMIT, cursor: str | None = None) -> Page[Person]:
        """People of the tenant, by id, at most `limit` (1-100) a page."""

    def person(self, tenant: str, user: str) -> Person | None:
        """A person of the tenant, None if the tenant has not listed one of that id."""

    def put_user(self, tenant: str, person: Person) -> None:
        """Adds a person to the tenant, or changes who it is."""


class Memberships(Protocol):
    """Who is let into projects; every change is told to the person, in the same transaction."""

    def put(self, key: ProjectKey, user: str, role: Role, *, by: str, at: datetime) -> None:
        """Lets a person of the tenant in, or changes the role; `by` is the name of who does it.

        Nothing happens to one who has the role. NotFoundError if person or project is unknown, BusyError if somebody
        else changes the same at the same time.
        """

    def remove(self, key: ProjectKey, user: str, *, by: str, at: datetime) -> None:
        """Shuts a person out; nothing happens to one who was not in. BusyError as above."""
