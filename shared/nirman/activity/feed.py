"""Who did what, newest first: of a project, of a tenant, of a person; of what the reader may see and nothing else."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nirman.activity.entry import Entry
from nirman.activity.ports import Feeds, Position, position_of
from nirman.tenancy.identity import Permission, Principal, ProjectKey, allows
from nirman.tenancy.visible import Projects, visible_projects

_READ = 50
"""Entries at once."""
_MOST_READS = 20
"""Of a person's feed for one page: what the reader may not see is passed over, and that must end."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """`below` is where the next page begins, None at the end; a page may have fewer entries than asked for."""

    entries: tuple[Entry, ...]
    below: Position | None


class ActivityFeed:
    def __init__(self, feeds: Feeds, directory: Projects) -> None:
        self._feeds = feeds
        self._directory = directory

    def of_project(self, key: ProjectKey, *, below: Position | None, limit: int) -> FeedPage:
        """The caller has seen to it that the reader may enter the project."""
        return _page(self._feeds.of_project(key, below=below, limit=limit + 1), limit)

    def of_tenant(self, reader: Principal, *, below: Position | None, limit: int) -> FeedPage:
        """Owners and admins see what happened in all projects, those included that are gone; others in theirs."""
        if _manages(reader):
            return _page(self._feeds.of_tenant(reader.tenant, below=below, limit=limit + 1), limit)
        visible = [ProjectKey(reader.tenant, card.project) for card in visible_projects(self._directory, reader)]
        merged = _merged(self._feeds, visible, below)
        return _page([entry for _, entry in zip(range(limit + 1), merged, strict=False)], limit)

    def of_person(self, reader: Principal, user: str, *, below: Position | None, limit: int) -> FeedPage:
        """What a person of the reader's tenant did, in the projects that the reader may see."""
        visible = None
        if not _manages(reader):
            visible = {card.project for card in visible_projects(self._directory, reader)}
        found: list[Entry] = []
        for _ in range(_MOST_READS):
            read = self._feeds.of_person(reader.tenant, user, below=below, limit=_READ)
            found += [entry for entry in read if visible is None or entry.project in visible]
            if len(found) > limit or len(read) < _READ:
                return _page(found, limit)
            below = position_of(read[-1])
        return FeedPage(tuple(found), below)


def _page(entries: Sequence[Entry], limit: int) -> FeedPage:
    """Of entries that are more than `limit` if any follow."""
    page = tuple(entries[:limit])
    return FeedPage(page, position_of(page[-1]) if len(entries) > limit else None)


def _manages(reader: Principal) -> bool:
    return allows(reader.role, Permission.MANAGE)


def _merged(feeds: Feeds, projects: Sequence[ProjectKey], below: Position | None) -> Iterator[Entry]:
    """Entries of some projects, newest first; a project's feed is read only when its turn can have come."""
    newest = feeds.newest(projects)
    waiting = sorted(newest, key=lambda key: (newest[key], key.project))
    heads: list[tuple[_Descending, Entry, Iterator[Entry]]] = []

    def push(rest: Iterator[Entry]) -> None:
        if (entry := next(rest, None)) is not None:
            heapq.heappush(heads, (_Descending(position_of(entry)), entry, rest))

    while waiting or heads:
        while waiting and (not heads or newest[waiting[-1]] >= heads[0][1].ordered_at):
            push(_entries(feeds, waiting.pop(), below))
        if heads:
            _, entry, rest = heapq.heappop(heads)
            yield entry
            push(rest)


@dataclass(frozen=True, slots=True)
class _Descending:
    """Greatest first in a heap. Positions differ, so what stands beside one is never compared."""

    position: Position

    def __lt__(self, other: _Descending) -> bool:
        return self.position > other.position


def _entries(feeds: Feeds, key: ProjectKey, below: Position | None) -> Iterator[Entry]:
    while True:
        page = feeds.of_project(key, below=below, limit=_READ)
        yield from page
        if len(page) < _READ:
            return
        below = position_of(page[-1])
