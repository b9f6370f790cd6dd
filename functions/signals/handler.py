"""Where everybody in a room is now, to those who can see it; started by the websocket function."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from nirman.aws.container import Container
from nirman.aws.settings import SignalsSettings, load
from nirman.tenancy.identity import ProjectKey

logger = Logger()


@cache
def container() -> Container:
    return Container(load(SignalsSettings))


def handler(event: dict[str, Any], _context: object) -> None:
    """`event` is what `aws.signals.LambdaFlusher` made."""
    room = ProjectKey(event["tenant"], event["project"])
    flushed = container().flush(room, event["turn"], wait_ms=event["wait_ms"])
    logger.info("signals", extra={"tenant": room.tenant, "project": room.project} | asdict(flushed))
