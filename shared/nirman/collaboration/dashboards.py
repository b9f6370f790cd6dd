"""How projects are now, for those who have the dashboard of their tenant before them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from nirman.collaboration.broadcast import Sent
from nirman.collaboration.messages import CardMessage, encode
from nirman.planning.events import Event
from nirman.tenancy.identity import ProjectKey, TenantKey

if TYPE_CHECKING:
    from nirman.collaboration.broadcast import Broadcast
    from nirman.collaboration.ports import Directory


class Dashboards:
    def __init__(self, *, broadcast: Broadcast, directory: Directory) -> None:
        self._broadcast = broadcast
        self._directory = directory

    def send(self, events: Iterable[Event], *, until: datetime | None = None) -> Sent:
        """A card of each project that events are of, as the last of them left it, to those who may see the project."""
        boards: dict[TenantKey, dict[ProjectKey, Event]] = {}
        for event in sorted(events, key=lambda event: event.revision):
            boards.setdefault(TenantKey(event.tenant), {})[ProjectKey(event.tenant, event.project)] = event
        return sum((self._send(board, newest, until) for board, newest in boards.items()), Sent())

    def _send(self, board: TenantKey, newest: dict[ProjectKey, Event], until: datetime | None) -> Sent:
        audience = self._broadcast.audience(board)
        if not audience:
            return Sent()
        names = self._directory.names(newest)
        sent = Sent()
        for key, event in newest.items():
            card = encode(_card(event, names.get(key, "")))
            sent += self._broadcast.send_to(self._broadcast.seeing(key, audience), [card], until=until)
        return sent


def _card(event: Event, name: str) -> CardMessage:
    return CardMessage(
        project=event.project,
        revision=event.revision,
        name=name,
        finish=event.project_finish,
        at=event.at,
        by=event.user_name,
        deleted=event.type == "project.deleted",
    )
