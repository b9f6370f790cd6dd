"""Imports and exports as a Lambda function behind the job queue; one bad message fails alone."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import msgspec
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.documents.work import Documents
from nirman.aws.container import Container
from nirman.aws.jobs import JobMessage
from nirman.aws.settings import DocumentsSettings, load
from nirman.errors import NotFoundError
from nirman.jobs.delivery import deliver
from nirman.jobs.service import MAX_RECEIVES

logger = Logger(service="documents")


@cache
def container() -> Container:
    return Container(load(DocumentsSettings))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    lease_s = context.get_remaining_time_in_millis() / 1000
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, partial(_record, lease_s=lease_s), processor, context)


def _record(record: SQSRecord, *, lease_s: float) -> None:
    message = msgspec.json.decode(record.body, type=JobMessage)
    receives = int(record.attributes.approximate_receive_count)
    about = {"tenant": message.tenant, "job": message.job, "receives": receives}
    collaborators = container()
    documents = Documents(plans=collaborators.plans, directory=collaborators.directory, files=collaborators.files)
    try:
        deliver(
            collaborators.job_store,
            message.tenant,
            message.job,
            documents.work,
            now=collaborators.now,
            lease_s=lease_s,
            last=receives >= MAX_RECEIVES,
        )
    except NotFoundError:
        logger.warning("no such job", extra=about)
    except Exception:
        logger.exception("not done", extra=about)
        raise
    else:
        logger.info("done", extra=about)
