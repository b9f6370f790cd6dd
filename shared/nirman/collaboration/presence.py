"""Who is in a room: people, however many sockets each has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from nirman.collaboration.messages import Person, Presence
from nirman.collaboration.ports import Occupant
from nirman.tenancy.identity import Principal, ProjectKey


def people(occupants: Iterable[Occupant]) -> tuple[Person, ...]:
    """Everyone, by name."""
    occupants = tuple(occupants)
    connections = Counter(occupant.principal.user for occupant in occupants)
    names = {occupant.principal.user: occupant.principal.name for occupant in occupants}
    return tuple(
        Person(user, name, connections[user])
        for user, name in sorted(names.items(), key=lambda item: (item[1], item[0]))
    )


def is_first(connection_id: str, occupants: Iterable[Occupant]) -> bool:
    """Whether no other socket of the same person came before this one.

    Of two that come at once the earlier says yes, whoever of them sees the other.
    """
    occupants = tuple(occupants)
    mine = next((occupant for occupant in occupants if occupant.connection == connection_id), None)
    if mine is None:
        return False
    same = (occupant for occupant in occupants if occupant.principal.user == mine.principal.user)
    return min(same, key=lambda occupant: (occupant.since, occupant.connection)) is mine


def is_in(user: str, occupants: Iterable[Occupant]) -> bool:
    return any(occupant.principal.user == user for occupant in occupants)


def change(key: ProjectKey, principal: Principal, what: Literal["joined", "left"], at: datetime) -> Presence:
    return Presence(project=key.project, change=what, user=principal.user, name=principal.name, at=stamp(at))


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
