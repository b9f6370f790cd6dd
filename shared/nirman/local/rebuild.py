"""`nirman rebuild`: throws read models away and makes them again from the logs, on the stack here or one on AWS."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from nirman.aws import keys
from nirman.aws.directory import DynamoDirectory
from nirman.aws.plan_log import DynamoPlanLog
from nirman.aws.read_models import DynamoReadModels
from nirman.local.errors import LocalError
from nirman.local.instance import current_stack
from nirman.local.places import of_checkout
from nirman.planlog.pauses import jittered
from nirman.projection.projector import Projector
from nirman.tenancy.identity import ProjectKey


def rebuild(*, stack_name: str | None, tenant: str | None, project: str | None) -> None:
    """Of a project, a tenant, or all; prints each. LocalError where the stack or its tables cannot be reached.

    Whoever edits meanwhile loses nothing: the projector and this overtake each other until both are at the head.
    """
    try:
        outputs, dynamodb, s3 = _here() if stack_name is None else _on_aws(stack_name)
        _rebuild(outputs, dynamodb, s3, tenant, project)
    except (ClientError, BotoCoreError) as exc:
        raise LocalError(f"{stack_name or 'the stack'}: {exc}") from exc


def _rebuild(outputs: dict[str, str], dynamodb: Any, s3: Any, tenant: str | None, project: str | None) -> None:
    log = DynamoPlanLog(dynamodb, s3, table=outputs["PlanTable"], bucket=outputs["PlanBucket"])
    models = DynamoReadModels(dynamodb, outputs["ReadModelsTable"])
    pauses = partial(jittered, sleep=time.sleep, random=random.random, monotonic=time.monotonic)
    projector = Projector(log, DynamoDirectory(dynamodb, outputs["PlanTable"]), models, pauses=pauses)
    projects, tenants = _found(dynamodb, outputs["PlanTable"], tenant, project)
    if project is not None and not projects:
        raise LocalError(f"tenant {tenant} has no project {project}")
    for key in projects:
        print(f"{key.tenant} {key.project}: {projector.rebuild(key)} revisions", flush=True)
    for name in tenants:
        projector.rebuild_people(name)
        print(f"{name}: people", flush=True)


def _here() -> tuple[dict[str, str], Any, Any]:
    stack = current_stack(of_checkout())
    return stack.outputs, stack.client("dynamodb"), stack.client("s3")


def _on_aws(stack_name: str) -> tuple[dict[str, str], Any, Any]:
    """The outputs of a stack, and clients with the rights of who calls."""
    session = boto3.Session()
    (stack,) = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return outputs, session.client("dynamodb"), session.client("s3")


def _found(dynamodb: Any, table: str, tenant: str | None, project: str | None) -> tuple[list[ProjectKey], list[str]]:
    """Projects, deleted ones too, and the tenants whose people are to be read again."""
    if tenant is not None and project is not None:
        key = ProjectKey(tenant, project)
        item = {"pk": {"S": keys.project(key)}, "sk": {"S": keys.HEAD}}
        return ([key] if "Item" in dynamodb.get_item(TableName=table, Key=item) else []), []
    projects: set[ProjectKey] = set()
    tenants: set[str] = set()
    for pk, sk in _keys(dynamodb, table):
        if sk == keys.HEAD and (found := keys.project_key(pk)):
            projects.add(found)
        elif sk.startswith(keys.USER_PREFIX) and (name := keys.tenant_id(pk)):
            tenants.add(name)
    chosen = sorted(projects, key=lambda key: (key.tenant, key.project))
    return [key for key in chosen if tenant in (None, key.tenant)], sorted({tenant} & tenants if tenant else tenants)


def _keys(dynamodb: Any, table: str) -> Iterator[tuple[str, str]]:
    """Nothing but a look at the whole table finds every tenant."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ProjectionExpression="pk, sk",
        FilterExpression="sk = :head OR begins_with(sk, :user)",
        ExpressionAttributeValues={":head": {"S": keys.HEAD}, ":user": {"S": keys.USER_PREFIX}},
    )
    for page in pages:
        yield from ((item["pk"]["S"], item["sk"]["S"]) for item in page["Items"])
