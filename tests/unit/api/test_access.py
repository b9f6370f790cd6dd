"""Nobody gets past what the role allows, on any route there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from functions.api.app import create_app
from nirman.tenancy.identity import Principal
from tests.support.http import Answer
from tests.support.operations import FOR_REPORTERS, SAMPLES, Operation, operations
from tests.support.optimizations import proposed
from tests.support.world import MEMBER, OWNER, RIVAL, STRANGER, VIEWER, World

ALL = tuple(operations(create_app(None).openapi()))  # type: ignore[arg-type]
INSIDE = [operation for operation in ALL if operation.inside_project]
CHANGING = [operation for operation in ALL if operation.changes]
IMPORT = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OPTIMIZATION = "01J0000000000000000000LEVEL"


@pytest.fixture
def job(world: World) -> str:
    made = world.api.post(f"{world.path}/exports", {"format": "json"})
    assert made.status == 202, made.body
    proposed(world, job_id=OPTIMIZATION)
    job: str = made.json["id"]
    return job


def call(world: World, job: str, operation: Operation, who: Principal | None) -> Answer:
    sample = operation.sample
    names = {
        "project": world.project,
        "job": job,
        "optimization": OPTIMIZATION,
        "user": "salma",
        "import_id": IMPORT,
    }
    headers = operation.headers(world.revision)
    return world.api.as_(who)(operation.method, operation.address(names), sample.body, headers=headers, **sample.query)


def everything(world: World) -> Any:
    """All that is kept, to see that nothing of it changed; tickets too."""
    container = world.container
    tables = [container.dynamodb.scan(TableName=name)["Items"] for name in ("plans", "connections")]
    objects = [container.s3.list_objects_v2(Bucket=f"{name}-bucket")["KeyCount"] for name in ("plan", "files")]
    messages = [
        container.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        for url in (container.settings.jobs_queue_url, container.settings.optimization_queue_url)
    ]
    return tables, objects, messages


def others_than(status: int, world: World, job: str, asked: Iterable[Operation], who: Principal | None) -> Any:
    """The operations that were answered otherwise, with what was said, and whatever changed by being asked."""
    before = everything(world)
    answers = {operation.id: call(world, job, operation, who) for operation in asked}
    assert answers
    assert everything(world) == before
    problem = "application/problem+json" if status >= 400 else "application/json"
    return {
        name: (answer.status, answer.body)
        for name, answer in answers.items()
        if answer.status != status or answer.headers["content-type"] != problem
    }


def test_every_operation_has_a_sample_and_every_sample_an_operation() -> None:
    assert {operation.id for operation in ALL} == SAMPLES.keys()
    assert {operation.id for operation in ALL if operation.public} == {"health", "getAsyncApi", "getMessageSchema"}


def test_an_owner_is_let_through_by_the_very_requests_that_others_are_refused(world: World, job: str) -> None:
    # Deleted last, and leaves before what they hang on; done again what was undone just before.
    def last(asked: Operation) -> Any:
        following = {"redo": "undo, then redo"}.get(asked.id, asked.id)
        return asked.method == "DELETE", asked.id == "deleteProject", following

    ordered = sorted(ALL, key=last)
    answers = {operation.id: call(world, job, operation, OWNER) for operation in ordered}
    assert {name: answer.body for name, answer in answers.items() if answer.status >= 300} == {}


def test_nobody_is_let_in_without_signing_in(world: World, job: str) -> None:
    assert others_than(401, world, job, [asked for asked in ALL if not asked.public], None) == {}


def test_the_owner_of_another_tenant_finds_nothing(world: World, job: str) -> None:
    assert others_than(404, world, job, INSIDE, RIVAL) == {}


def test_a_planner_of_the_tenant_who_is_not_a_member_finds_nothing(world: World, job: str) -> None:
    assert others_than(404, world, job, INSIDE, STRANGER) == {}


def test_a_viewer_changes_nothing(world: World, job: str) -> None:
    assert others_than(403, world, job, CHANGING, VIEWER) == {}


def test_a_member_changes_nothing_but_progress(world: World, job: str) -> None:
    asked = [operation for operation in CHANGING if operation.id not in FOR_REPORTERS]
    assert others_than(403, world, job, asked, MEMBER) == {}


def test_a_viewer_sees_the_whole_project(world: World, job: str) -> None:
    assert others_than(200, world, job, [asked for asked in INSIDE if not asked.changes], VIEWER) == {}


def test_a_member_reports_progress(world: World) -> None:
    answer = world.api.as_(MEMBER).patch(
        f"{world.path}/tasks/1", {"percent_complete": 40}, headers={"If-Match": f'"{world.revision}"'}
    )
    assert answer.status == 200, answer.body


def test_another_tenant_lists_none_of_the_projects(world: World) -> None:
    assert world.api.as_(RIVAL).get("/v1/projects").json == {"items": [], "next": None}


def test_a_project_made_by_another_tenant_with_the_same_key_is_another_project(world: World) -> None:
    body, headers = {"name": "Bridge", "start": "2026-01-04T08:00:00"}, {"Idempotency-Key": "one"}
    ours = world.api.post("/v1/projects", body, headers=headers)
    theirs = world.api.as_(RIVAL).post("/v1/projects", body, headers=headers)
    assert (ours.status, theirs.status) == (201, 201)
    assert [card["name"] for card in world.api.as_(RIVAL).get("/v1/projects").json["items"]] == ["Bridge"]
    assert theirs.json["repeated"] is False
