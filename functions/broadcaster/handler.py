"""From the plan table's stream to the sockets in the rooms concerned."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from functions.broadcaster.records import read
from nirman.aws.container import Container
from nirman.aws.settings import BroadcasterSettings, load
from nirman.collaboration.broadcast import SEND_FOR
from nirman.collaboration.ports import Room
from nirman.collaboration.relay import frames_by_room, notes_by_room

logger = Logger()
ROOMS_FOR = SEND_FOR * 2 / 3
"""The rest of the time is for the dashboards."""


@cache
def container() -> Container:
    return Container(load(BroadcasterSettings))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    records = read(event["Records"])
    rooms: list[tuple[Room, list[bytes]]] = [
        *frames_by_room(records.events, records.jobs).items(),
        *notes_by_room(records.notes).items(),
    ]
    began = container().now()
    sent = container().broadcast.send_all(rooms, until=began + ROOMS_FOR)
    sent += container().dashboards.send(records.events, until=began + SEND_FOR)
    logger.info(
        "broadcast",
        extra={"records": len(event["Records"]), "rooms": len(rooms), "unreadable": records.unreadable} | asdict(sent),
    )
    return {"batchItemFailures": [{"itemIdentifier": number} for number in records.unreadable]}
