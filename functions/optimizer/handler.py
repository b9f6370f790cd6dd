"""Optimizations as a Lambda function behind a queue of their own; one bad message fails alone."""

from __future__ import annotations

from functools import cache, partial
from time import monotonic
from typing import Any

import msgspec
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.optimizer.work import Optimizer, Worker
from nirman.aws.container import Container
from nirman.aws.jobs import JobMessage, SqsReceipt
from nirman.aws.settings import OptimizerSettings, load
from nirman.errors import NotFoundError
from nirman.jobs.delivery import come_again_after_s, deliver
from nirman.jobs.parts import deliver_part
from nirman.jobs.service import MAX_RECEIVES
from nirman.jobs.watch import LEASE_S

logger = Logger(service="optimizer")


@cache
def container() -> Container:
    return Container(load(OptimizerSettings))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    ends_at = monotonic() + context.get_remaining_time_in_millis() / 1000
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, partial(_record, ends_at=ends_at), processor, context)


def _record(record: SQSRecord, *, ends_at: float) -> None:
    collaborators = container()
    receives = int(record.attributes.approximate_receive_count)
    receipt = SqsReceipt(collaborators.sqs, collaborators.settings.optimization_queue_url, record.receipt_handle)
    about: dict[str, Any] = {"receives": receives}
    try:
        message = msgspec.json.decode(record.body, type=JobMessage)
        about |= {"tenant": message.tenant, "job": message.job, "part": message.part}
        worker = Worker(
            clock=monotonic,
            ends_at=ends_at,
            hold=receipt.hide,
            trouble=lambda exc: logger.warning("not told", extra=about | {"error": repr(exc)}),
        )
        optimizer = Optimizer(
            plans=collaborators.plans,
            directory=collaborators.directory,
            files=collaborators.files,
            queue=collaborators.job_queue,
            worker=worker,
        )
        _deliver(message, optimizer, collaborators, last=receives >= MAX_RECEIVES)
    except NotFoundError:
        logger.warning("no such job", extra=about)
    except Exception:
        # One that cannot be read comes again as well, and so is among the dead letters within minutes.
        receipt.hide(come_again_after_s(receives))
        logger.exception("not done", extra=about)
        raise
    else:
        logger.info("done", extra=about)


def _deliver(message: JobMessage, optimizer: Optimizer, collaborators: Container, *, last: bool) -> None:
    store, now = collaborators.job_store, collaborators.now
    if message.part is None:
        deliver(store, message.tenant, message.job, optimizer.work, now=now, lease_s=LEASE_S, last=last)
        return
    deliver_part(
        store,
        message.tenant,
        message.job,
        message.part,
        compute=partial(optimizer.compute_part, message.part),
        put_together=optimizer.put_together,
        now=now,
        lease_s=LEASE_S,
        last=last,
    )
