"""From the plan table's stream to the sockets in the rooms of the projects concerned."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from functions.broadcaster.records import read
from nirman.aws.container import Container
from nirman.aws.settings import BroadcasterSettings, load
from nirman.collaboration.broadcast import Sent
from nirman.collaboration.relay import frames_by_room

logger = Logger()


@cache
def container() -> Container:
    return Container(load(BroadcasterSettings))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    records = read(event["Records"])
    rooms = frames_by_room(records.events, records.jobs)
    sent = sum((container().broadcast.send(key, frames) for key, frames in rooms.items()), Sent())
    logger.info(
        "broadcast",
        extra={"records": len(event["Records"]), "rooms": len(rooms), "unreadable": records.unreadable} | asdict(sent),
    )
    return {"batchItemFailures": [{"itemIdentifier": number} for number in records.unreadable]}
