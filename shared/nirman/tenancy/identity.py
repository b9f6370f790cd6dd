"""Who is calling, and what a role may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from nirman.errors import ForbiddenError, InvalidInputError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


def checked_id(value: str, *, place: str) -> str:
    """An id that is safe inside a key: 1 to 64 letters, digits and hyphens; InvalidInputError otherwise."""
    if not _ID.fullmatch(value):
        raise InvalidInputError(
            "an id has 1 to 64 letters, digits and hyphens, not starting with a hyphen", place=place
        )
    return value


class Role(StrEnum):
    """From most to least."""

    OWNER = "owner"
    ADMIN = "admin"
    PLANNER = "planner"
    MEMBER = "member"
    VIEWER = "viewer"


class Permission(StrEnum):
    VIEW = "view"
    PROGRESS = "progress"
    """Report progress on tasks: percent complete, actual dates, what remains, notes."""
    EDIT = "edit"
    """Change the plan, import, export."""
    MANAGE = "manage"
    """Create and delete projects, decide who is a member."""
    OWN = "own"
    """Everything, the tenant itself included."""


_ORDER = (Role.VIEWER, Role.MEMBER, Role.PLANNER, Role.ADMIN, Role.OWNER)
_GRANTS = dict(zip(_ORDER, Permission, strict=True))


def allows(role: Role, permission: Permission) -> bool:
    """Each role may do what the roles below it may, and one thing more."""
    permissions = tuple(Permission)
    return permissions.index(permission) <= permissions.index(_GRANTS[role])


def require(role: Role, permission: Permission) -> None:
    if not allows(role, permission):
        raise ForbiddenError(f"a {role} may not {permission}")


def lesser(one: Role, other: Role) -> Role:
    return min(one, other, key=_ORDER.index)


@dataclass(frozen=True, slots=True)
class Principal:
    """A person signed in to a tenant; `role` is the role in the tenant."""

    tenant: str
    user: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class ProjectKey:
    """Where a project's data is; tenant first, everywhere."""

    tenant: str
    project: str


@dataclass(frozen=True, slots=True)
class PersonKey:
    """Where what concerns one person of a tenant is."""

    tenant: str
    user: str


@dataclass(frozen=True, slots=True)
class TenantKey:
    """Where what concerns a whole tenant is."""

    tenant: str


@dataclass(frozen=True, slots=True)
class Access:
    """A person let into a project; `role` is the role there: no more than the one in the tenant."""

    key: ProjectKey
    principal: Principal
    role: Role

    def require(self, permission: Permission) -> None:
        require(self.role, permission)
