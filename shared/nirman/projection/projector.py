"""Brings the read models of a project up to its log, and those of people up to the directory.

What a stream says is only that there is something new: what it is, is read from the log. So records may come twice, in
any order or not at all; the next one brings what was missed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

from nirman.activity.entry import Entry, entry_of
from nirman.planning.events import Event
from nirman.projection.catalogue import Catalogue, cut
from nirman.projection.ports import BrokenModelError, Log, Models, OvertakenError, People
from nirman.projection.standing import Standing
from nirman.tenancy.identity import ProjectKey

EVENTS_AT_ONCE = 25
"""Of a project, kept in one transaction: each is three items, of the hundred that one may have."""
_WARM = 16
"""Projects whose names are kept in memory."""


class BusyModelError(RuntimeError):
    """Others changed the model again and again."""


class Projector:
    """`pauses` yields for each try, having waited, and ends when to give up."""

    def __init__(self, log: Log, people: People, models: Models, *, pauses: Callable[[], Iterator[None]]) -> None:
        self._log = log
        self._people = people
        self._models = models
        self._pauses = pauses
        self._warm: OrderedDict[ProjectKey, tuple[Standing, Catalogue]] = OrderedDict()

    def project(self, key: ProjectKey, *, known: int | None = None) -> int:
        """Up to the head; how many events were taken in. `known` is a revision that there is: nothing is read of the
        log if the models have it already.
        """
        taken = 0
        tries = self._pauses()
        while True:
            standing = self._models.standing(key)
            if known is not None and standing.revision >= known:
                return taken
            events = self._log.after(key, standing.revision, limit=EVENTS_AT_ONCE)
            try:
                if events:
                    self._take_in(key, standing, events)
            except OvertakenError:
                if next(tries, self) is self:
                    raise BusyModelError(f"models of {key.project}") from None
                continue
            except BrokenModelError:
                self._models.forget(key)
                self.members(key)
                continue
            taken += len(events)
            if len(events) < EVENTS_AT_ONCE:
                return taken

    def members(self, key: ProjectKey) -> None:
        for _ in self._pauses():
            # The version first: whoever replaces it has read the directory after everybody who made it.
            known, version = self._models.members(key)
            users = frozenset(member.user for member in self._people.members(key))
            try:
                if users != known:
                    self._models.put_members(key, users, version=version)
            except OvertakenError:
                continue
            return
        raise BusyModelError(f"members of {key.project}")

    def people(self, tenant: str) -> None:
        for _ in self._pauses():
            known, version = self._models.people(tenant)
            names = dict(self._names(tenant))
            try:
                if names != known:
                    self._models.put_people(tenant, names, version=version)
            except OvertakenError:
                continue
            return
        raise BusyModelError(f"people of {tenant}")

    def rebuild(self, key: ProjectKey) -> int:
        """Throws the project's read models away and makes them again; how many events that took."""
        self._models.forget(key)
        self.members(key)
        return self.project(key)

    def rebuild_people(self, tenant: str) -> None:
        self._models.forget_people(tenant)
        self.people(tenant)

    def _take_in(self, key: ProjectKey, standing: Standing, events: list[Event]) -> None:
        catalogue = self._catalogue(key, standing)
        after, entries = follow(standing, catalogue, events)
        kept = self._models.advance(key, standing, after, catalogue, entries)
        self._warm[key] = kept, catalogue
        while len(self._warm) > _WARM:
            self._warm.popitem(last=False)

    def _catalogue(self, key: ProjectKey, standing: Standing) -> Catalogue:
        """One that may be changed: it leaves the memory until it is known to be kept."""
        warm = self._warm.pop(key, None)
        if warm is not None and warm[0] == standing:
            return warm[1]
        return self._models.catalogue(key, standing) if standing.revision else Catalogue()

    def _names(self, tenant: str) -> Iterator[tuple[str, str]]:
        cursor = None
        while True:
            page = self._people.users(tenant, cursor=cursor)
            yield from ((person.user, cut(person.name)) for person in page.items)
            if (cursor := page.cursor) is None:
                return


def follow(standing: Standing, catalogue: Catalogue, events: list[Event]) -> tuple[Standing, list[Entry]]:
    """The standing after the events that follow it, and what each was; the catalogue is brought there too."""
    entries = []
    for event in events:
        if event.revision != standing.revision + 1:
            raise ValueError(f"revision {event.revision} does not follow {standing.revision}")
        entry = entry_of(event, standing, catalogue)
        catalogue.follow(event)
        entries.append(entry)
        standing = Standing(
            revision=event.revision,
            name=entry.project_name,
            minutes_per_day=entry.minutes_per_day,
            finish=event.project_finish or standing.finish,
            ordered_at=entry.ordered_at,
            tasks_revision=catalogue.tasks_revision,
            tasks_parts=standing.tasks_parts,
            rest_revision=catalogue.rest_revision,
            rest_parts=standing.rest_parts,
        )
    return standing, entries
