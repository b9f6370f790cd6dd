"""Taking people out of a room that they may not be in any more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nirman.collaboration.messages import Left, encode
from nirman.collaboration.ports import Clock, NotDeliveredError, Occupant, Rooms, Sockets
from nirman.errors import UnauthenticatedError
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from nirman.collaboration.broadcast import Broadcast


class Evictions:
    def __init__(self, *, rooms: Rooms, sockets: Sockets, broadcast: Broadcast, now: Clock) -> None:
        self._rooms = rooms
        self._sockets = sockets
        self._broadcast = broadcast
        self._now = now

    def evict(self, key: ProjectKey, user: str) -> None:
        """All sockets of a person who may not see the project leave its room; those that are in no other are closed.

        Nothing happens to somebody who may see it still. A socket that joins at this very moment may stay in the room,
        but what is sent to the room does not reach it.
        """
        occupants = [one for one in self._rooms.occupants(key, now=self._now()) if one.principal.user == user]
        may_stay = {one.connection for one in self._broadcast.seeing(key, tuple(occupants))}
        leaving = [one for one in occupants if one.connection not in may_stay]
        if not leaving:
            return
        for occupant in leaving:
            self._rooms.leave(occupant.connection, key)
        self._broadcast.send_to(leaving, [encode(Left(id=None, project=key.project))])
        self._broadcast.left(key, {one.connection: one.principal for one in leaving})
        self._close_idle(leaving)

    def _close_idle(self, occupants: Iterable[Occupant]) -> None:
        for connection_id in [one.connection for one in occupants if self._is_idle(one.connection)]:
            self._broadcast.close(connection_id)
            try:
                self._sockets.close(connection_id)
            except NotDeliveredError:
                continue  # it is in no room and unknown here: whatever it says is refused

    def _is_idle(self, connection_id: str) -> bool:
        try:
            return not self._rooms.connection(connection_id, now=self._now()).rooms
        except UnauthenticatedError:
            return False  # closed meanwhile
