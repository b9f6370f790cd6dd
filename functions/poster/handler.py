"""Posts frames to those in one part of a big room; the broadcaster starts several at once and waits for them."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from nirman.aws.container import Container
from nirman.aws.helpers import read_task
from nirman.aws.settings import PosterSettings, load

logger = Logger()


@cache
def container() -> Container:
    return Container(load(PosterSettings))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`event` is what `aws.helpers.LambdaHelpers` made; it reads the answer."""
    task = read_task(event)
    posted = container().fan_out.send_part(task.place, task.span, task.data, until=task.until)
    counts = asdict(posted) | {"gone": len(posted.gone)}
    logger.info("posted", extra={"room": task.room, "frames": len(task.frames)} | counts)
    return asdict(posted)
