"""What a room was told, and what sockets show, in memory, as `nirman.collaboration.ports` wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nirman.collaboration.messages import Looking, Pointer, Presence
from nirman.collaboration.ports import (
    ANNOUNCED_FOR,
    PRESENT_FOR,
    SIGNAL_FOR,
    Connection,
    Occupant,
    Pulse,
    Shown,
    Told,
    Turn,
)
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from tests.fakes.rooms import InMemoryRooms

RENEW_EVERY = timedelta(seconds=20)
TURN_FOR = timedelta(seconds=5)


@dataclass
class InMemoryAttendance:
    rooms: InMemoryRooms
    stamps: dict[ProjectKey, datetime] = field(default_factory=dict)
    pulses: dict[ProjectKey, Pulse] = field(default_factory=dict)

    def renew(self, connection_id: str, room: ProjectKey, *, now: datetime) -> bool:
        found = self._find(connection_id, room)
        if found is None:
            return False
        until = now + PRESENT_FOR
        known = found.told is Told.CAME and found.present_until > now
        if not known:
            self._put(room, replace(found, present_until=until, told=Told.NOTHING))
        elif found.present_until <= until - RENEW_EVERY:
            self._put(room, replace(found, present_until=until))
        return not known

    def came(self, connection_id: str, room: ProjectKey) -> None:
        found = self._find(connection_id, room)
        if found is not None and found.told is Told.NOTHING:
            self._put(room, replace(found, told=Told.CAME))

    def went(self, connection_id: str, room: ProjectKey, *, ended_before: datetime) -> bool:
        found = self._find(connection_id, room)
        if found is None or found.told is Told.WENT or found.present_until > ended_before:
            return False
        self._put(room, replace(found, told=Told.WENT))
        return True

    def stamp(self, room: ProjectKey, *, now: datetime) -> datetime:
        before = self.stamps.get(room)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self.stamps[room] = now if before is None or before < now else before + timedelta(milliseconds=1)
        return self.stamps[room]

    def announced(self, room: ProjectKey, count: int) -> int:
        pulse = self.pulse(room)
        self.pulses[room] = replace(pulse, announced=pulse.announced + count)
        return pulse.announced + 1

    def pulse(self, room: ProjectKey) -> Pulse:
        return replace(self.pulses.get(room, Pulse()), stamp=self.stamps.get(room))

    def take_sweep(self, room: ProjectKey, *, now: datetime, last_before: datetime) -> bool:
        pulse = self.pulse(room)
        if pulse.swept is not None and pulse.swept > last_before:
            return False
        self.pulses[room] = replace(pulse, swept=now)
        return True

    def _find(self, connection_id: str, room: ProjectKey) -> Occupant | None:
        return self.rooms.inside.get(room, {}).get(connection_id)

    def _put(self, room: ProjectKey, occupant: Occupant) -> None:
        self.rooms.inside[room][occupant.connection] = occupant


@dataclass
class InMemoryBoard:
    """Whoever is not in the room any more is off the board too."""

    rooms: InMemoryRooms
    items: dict[tuple[ProjectKey, str], Shown] = field(default_factory=dict)
    numbers: dict[tuple[ProjectKey, str], int] = field(default_factory=dict)
    turns: dict[ProjectKey, Turn] = field(default_factory=dict)
    given: dict[ProjectKey, datetime] = field(default_factory=dict)
    changes: dict[ProjectKey, list[tuple[datetime, Presence]]] = field(default_factory=dict)

    def look(self, connection: Connection, room: ProjectKey, looking: Looking | None, *, now: datetime) -> None:
        self.items[room, connection.id] = replace(self._item(connection, room), looked=now, looking=looking)

    def point(
        self, connection: Connection, room: ProjectKey, pointer: Pointer, *, number: int | None, now: datetime
    ) -> None:
        if number is not None and number <= self.numbers.get((room, connection.id), -1):
            return
        if number is not None:
            self.numbers[room, connection.id] = number
        found = self._item(connection, room)
        before = found.pointer or pointer
        self.items[room, connection.id] = replace(found, moved=now, pointer=pointer, before=before)

    def shown(self, room: ProjectKey, *, now: datetime) -> tuple[Shown, ...]:
        inside = self.rooms.inside.get(room, {})
        items = [item for (where, connection), item in self.items.items() if where == room and connection in inside]
        return tuple(
            item
            if item.moved is not None and item.moved > now - SIGNAL_FOR
            else replace(item, moved=None, pointer=None, before=None)
            for item in items
        )

    def announce(self, room: ProjectKey, changes: Sequence[Presence], *, now: datetime) -> None:
        self.changes.setdefault(room, []).extend((now, change) for change in changes)

    def announced(self, room: ProjectKey, *, since: datetime | None, now: datetime) -> tuple[Presence, ...]:
        oldest = now - ANNOUNCED_FOR
        after = oldest if since is None else max(since, oldest)
        written = sorted(self.changes.get(room, []), key=lambda one: (one[0], one[1].number))
        return tuple(change for at, change in written if at > after)

    def take_turn(self, room: ProjectKey, turn: str, *, now: datetime) -> Turn:
        found = self.turns.get(room, Turn(None))
        if found.id is not None and self.given[room] + TURN_FOR > now:
            return replace(found, id=None)
        self.given[room] = now
        self.turns[room] = replace(found, id=turn)
        return self.turns[room]

    def end_turn(self, room: ProjectKey, turn: str, *, now: datetime) -> Turn | None:
        found = self.turns.get(room, Turn(None))
        if found.id != turn:
            return None
        self.turns[room] = replace(found, id=None, last=now)
        return found

    def sent(self, room: ProjectKey, sockets: int) -> None:
        self.turns[room] = replace(self.turns[room], sockets=sockets)

    def _item(self, connection: Connection, room: ProjectKey) -> Shown:
        return self.items.get((room, connection.id), Shown(connection.id, connection.principal.user))


@dataclass
class RecordingFlusher:
    """Who was woken, to be carried out when the test says so."""

    woken: list[tuple[ProjectKey, str, int]] = field(default_factory=list)

    def wake(self, room: ProjectKey, turn: str, *, wait_ms: int) -> None:
        self.woken.append((room, turn, wait_ms))
