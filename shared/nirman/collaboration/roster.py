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
        self._heard = 0
        """Every message up to this number came, or is in the list."""
        self._ahead: set[int] = set()
        self._announced = 0

    @property
    def names(self) -> Mapping[str, str]:
        return MappingProxyType(self._names)

    def start(self, people: Iterable[Person], at: str, announced: int) -> None:
        """A list of everybody; what was heard before it came, but is later than it, still holds."""
        self._names = {person.user: person.name for person in people}
        self._list_at = at
        self._changes = {user: change for user, change in self._changes.items() if change.at > at}
        for change in self._changes.values():
            self._apply(change)
        self._heard = announced
        self._count()

    def offer(self, change: Presence) -> None:
        self._ahead.add(change.number)
        self._count()
        known = self._changes.get(change.user)
        if change.at > (self._list_at if known is None else known.at):
            self._changes[change.user] = change
            self._apply(change)

    def misses(self, announced: int) -> bool:
        """By what a `pong` says was announced: whether something that the one before it knew of has still not come."""
        missing = self._announced > self._heard
        self._announced = announced
        return missing

    def _count(self) -> None:
        while self._heard + 1 in self._ahead:
            self._heard += 1
        self._ahead = {number for number in self._ahead if number > self._heard}

    def _apply(self, change: Presence) -> None:
        if change.change == "joined":
            self._names[change.user] = change.name
        else:
            self._names.pop(change.user, None)
