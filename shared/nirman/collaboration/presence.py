"""Who is in a room: people, however many sockets each has.

An occupant is present for `PRESENT_FOR` after each ping. Whoever lets that run out is not named any more, and a sweep,
which one of the pings starts now and then, tells the room that they left. Every decision to tell something is taken on
what is written with the occupants, never by comparing clocks of two functions; the clocks decide only when a lease is
over, and may differ by up to half of `SKEW` each way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from nirman.collaboration.messages import Looking, Person, Presence
from nirman.collaboration.ports import Attendance, Board, Clock, Connection, Occupant, Shown, Told
from nirman.tenancy.identity import Principal, ProjectKey

if TYPE_CHECKING:
    from nirman.collaboration.broadcast import Broadcast

SKEW = timedelta(seconds=5)
SWEEP_EVERY = timedelta(seconds=25)
MAX_LOOKING = 5
"""Of one person: what the sockets that spoke last look at."""


def is_present(occupant: Occupant, now: datetime) -> bool:
    """Whether a newcomer is told of this occupant: surely as long as those who were here before believe it is here."""
    return occupant.told is not Told.WENT and occupant.present_until > now - SKEW


def is_known(user: str, occupants: Iterable[Occupant], *, apart_from: str, now: datetime) -> bool:
    """Whether everyone in the room already believes this person to be here, by another socket than `apart_from`."""
    return any(
        occupant.principal.user == user
        and occupant.connection != apart_from
        and occupant.told is Told.CAME
        and occupant.present_until > now
        for occupant in occupants
    )


def is_in(user: str, occupants: Iterable[Occupant]) -> bool:
    """Whether a socket of this person is here still; one whose lease ended is, until the sweep says otherwise."""
    return any(occupant.principal.user == user and occupant.told is not Told.WENT for occupant in occupants)


def people(occupants: Iterable[Occupant], looks: Mapping[str, tuple[Looking, ...]]) -> tuple[Person, ...]:
    """Everyone, by name; `looks` is what each user looks at."""
    occupants = tuple(occupants)
    connections = Counter(occupant.principal.user for occupant in occupants)
    names = {occupant.principal.user: occupant.principal.name for occupant in occupants}
    return tuple(
        Person(user, name, connections[user], looks.get(user, ()))
        for user, name in sorted(names.items(), key=lambda item: (item[1], item[0]))
    )


def looks_by_user(shown: Iterable[Shown]) -> dict[str, tuple[Looking, ...]]:
    """What each person looks at, the latest first; of those who look at nothing, nothing."""
    found: defaultdict[str, list[Looking]] = defaultdict(list)
    said = [one for one in shown if one.looked is not None]
    for one in sorted(said, key=lambda one: (one.looked, one.connection), reverse=True):
        if one.looking is not None and one.looking not in found[one.user]:
            found[one.user].append(one.looking)
    return {user: tuple(looks[:MAX_LOOKING]) for user, looks in found.items()}


def change(
    key: ProjectKey, principal: Principal, what: Literal["joined", "left"], *, at: datetime, number: int
) -> Presence:
    return Presence(
        project=key.project, change=what, user=principal.user, name=principal.name, at=stamp(at), number=number
    )


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is present, as of a stamp; with everything that was told up to the message `announced`."""

    people: tuple[Person, ...]
    at: datetime
    announced: int


class PresenceService:
    """What rooms ask about presence; `broadcast` tells, `attendance` remembers what was told."""

    def __init__(self, *, attendance: Attendance, broadcast: Broadcast, board: Board, now: Clock) -> None:
        self._attendance = attendance
        self._broadcast = broadcast
        self._board = board
        self._now = now

    def enter(self, connection: Connection, room: ProjectKey) -> Roll:
        """A connection is in the room now: the others are told of its person, then it of those who are there."""
        pulse = self._attendance.pulse(room)
        audience = self._broadcast.announce_joined(room, connection)
        if audience is None or pulse.stamp is None:
            return self.people(room)
        return self._roll(room, pulse.stamp, pulse.announced, audience)

    def people(self, room: ProjectKey) -> Roll:
        """Who is present and what they look at."""
        pulse = self._attendance.pulse(room)
        at = pulse.stamp or self._attendance.stamp(room, now=self._now())
        return self._roll(room, at, pulse.announced, self._broadcast.audience(room))

    def _roll(self, room: ProjectKey, at: datetime, announced: int, audience: Iterable[Occupant]) -> Roll:
        """Stamp and number were read before the audience: whatever is told with earlier ones is in the list already."""
        now = self._now()
        present = [occupant for occupant in audience if is_present(occupant, now)]
        here = {occupant.connection for occupant in present}
        shown = [one for one in self._board.shown(room, now=now) if one.connection in here]
        return Roll(people(present, looks_by_user(shown)), at, announced)

    def beat(self, connection: Connection, room: ProjectKey) -> int:
        """An occupant pinged: it is present, and who did not ping for long is swept out.

        How many messages about people were sent to the room.
        """
        if self._attendance.renew(connection.id, room, now=self._now()):
            self._broadcast.announce_joined(room, connection, again=True)
        pulse = self._attendance.pulse(room)
        due = self._now() - SWEEP_EVERY
        if (pulse.swept is None or pulse.swept <= due) and self._attendance.take_sweep(
            room, now=self._now(), last_before=due
        ):
            self._sweep(room)
        return pulse.announced

    def _sweep(self, room: ProjectKey) -> None:
        ended = self._now() - SKEW
        lapsed = [
            occupant.principal
            for occupant in self._broadcast.audience(room)
            if occupant.told is not Told.WENT
            and occupant.present_until <= ended
            and self._attendance.went(occupant.connection, room, ended_before=ended)
        ]
        if lapsed:
            self._broadcast.announce_left(room, lapsed)
