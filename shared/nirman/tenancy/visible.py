"""All that somebody may enter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from nirman.tenancy.directory import MAX_LIMIT, Page, ProjectCard
from nirman.tenancy.identity import Principal


class Projects(Protocol):
    """The part of `tenancy.directory.Directory` that says what somebody may enter."""

    def projects(
        self, principal: Principal, *, limit: int = MAX_LIMIT, cursor: str | None = None
    ) -> Page[ProjectCard]: ...


def visible_projects(directory: Projects, principal: Principal) -> Iterator[ProjectCard]:
    """By id."""
    cursor = None
    while True:
        page = directory.projects(principal, cursor=cursor)
        yield from page.items
        if (cursor := page.cursor) is None:
            return
