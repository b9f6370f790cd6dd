"""Who is in a room, as a client believes: right whatever order messages come in, and aware of those that are lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nirman.collaboration.messages import Person, Presence


class Roster:
    """Names by user. Stamps (`at`) are of one format, so that they sort as text."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._list_at = ""
        self._changes: dict[str, Presence] = {}
        """The latest of each person, those who left too: an older message may come yet."""
        self._announced = ""

    @property
    def names(self) -> Mapping[str, str]:
        return MappingProxyType(self._names)

    def start(self, people: Iterable[Person], at: str) -> None:
        """A list of everybody; what was heard before it came, but is later than it, still holds."""
        self._names = {person.user: person.name for person in people}
        self._list_at = at
        self._changes = {user: change for user, change in self._changes.items() if change.at > at}
        for change in self._changes.values():
            self._apply(change)

    def offer(self, change: Presence) -> None:
        known = self._changes.get(change.user)
        if change.at > (self._list_at if known is None else known.at):
            self._changes[change.user] = change
            self._apply(change)

    def misses(self, announced: str) -> bool:
        """By what a `pong` says was announced last: whether what the one before it said has still not come."""
        last = max([self._list_at, *(change.at for change in self._changes.values())])
        missing = self._announced > last
        self._announced = announced
        return missing

    def _apply(self, change: Presence) -> None:
        if change.change == "joined":
            self._names[change.user] = change.name
        else:
            self._names.pop(change.user, None)
