"""The HTTP API as a Lambda function."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum

from functions.api import errors
from functions.api.app import create_app
from functions.api.gate import logger
from nirman.aws.container import Container
from nirman.aws.settings import ApiSettings, load


@cache
def container() -> Container:
    return Container(load(ApiSettings))


@cache
def _adapter() -> Mangum:
    text = ["application/json", errors.MEDIA_TYPE]
    return Mangum(create_app(container()), lifespan="off", text_mime_types=text)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    answer: dict[str, Any] = _adapter()(event, context)  # type: ignore[arg-type]
    return answer
