"""From the plan table's stream to the read models: what happened, what things are called, who belongs where."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from functions.projector.records import read
from nirman.aws.container import Container
from nirman.aws.settings import ProjectorSettings, load

logger = Logger()


@cache
def container() -> Container:
    return Container(load(ProjectorSettings))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    found = read(event["Records"])
    projector = container().projector
    failed: list[str] = []
    taken = 0
    for task in found.tasks:
        try:
            taken += task.run(projector)
        except Exception:  # one project's trouble is not another's: its records come again
            logger.exception("not projected", extra={"key": str(task.key)})
            failed += task.records
    logger.info(
        "projected",
        extra={"records": len(event["Records"]), "tasks": len(found.tasks), "events": taken, "failed": len(failed)},
    )
    return {"batchItemFailures": [{"itemIdentifier": number} for number in [*found.unreadable, *failed]]}
