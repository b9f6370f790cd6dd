"""A tenant with people and a project, on tables in memory, called through the HTTP API.

A conftest makes the fixtures its own by importing them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest
from fastapi import FastAPI
from mangum import Mangum

from functions.api.app import create_app
from functions.api.errors import MEDIA_TYPE
from nirman.aws.container import Container
from nirman.aws.limits import DynamoPlanStore
from nirman.aws.settings import ApiSettings
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Principal, ProjectKey, Role
from nirman.tenancy.limits import Limits
from tests.support.http import Client

OWNER = Principal("padma", "karim", "করিম", Role.OWNER)
PLANNER = Principal("padma", "rahim", "Rahim", Role.PLANNER)
MEMBER = Principal("padma", "salma", "Salma", Role.MEMBER)
VIEWER = Principal("padma", "nadia", "Nadia", Role.VIEWER)
STRANGER = Principal("padma", "jamal", "Jamal", Role.PLANNER)
"""A planner of the same tenant who is not a member."""
RIVAL = Principal("meghna", "karim", "Karim", Role.OWNER)
"""The owner of another tenant."""


@dataclass
class World:
    """A tenant with people and a project of three tasks in a chain, with baselines; `api` calls as the owner."""

    container: Container
    api: Client
    project: str
    path: str

    @property
    def key(self) -> ProjectKey:
        return ProjectKey("padma", self.project)

    @property
    def revision(self) -> int:
        return self.container.plans.head(self.key)

    def subscribe(self, limits: Limits) -> None:
        """Gives the tenant a plan; it holds at once, as in a function that starts now."""
        DynamoPlanStore(self.container.dynamodb, self.container.settings.plan_table).put_plan("padma", limits)
        for kept in ("limits", "meter", "edits", "gate", "jobs"):
            vars(self.container).pop(kept, None)


@pytest.fixture
def container(
    plan_table: str,
    plan_bucket: str,
    connections_table: str,
    files_bucket: str,
    jobs_queue: str,
    optimization_queue: str,
    read_models_table: str,
) -> Container:
    return Container(
        ApiSettings(
            plan_table=plan_table,
            plan_bucket=plan_bucket,
            connections_table=connections_table,
            files_bucket=files_bucket,
            jobs_queue_url=jobs_queue,
            optimization_queue_url=optimization_queue,
            read_models_table=read_models_table,
            websocket_address="wss://sockets.example/live",
            websocket_api_id="api",
            websocket_stage="live",
            websocket_url="https://sockets.example/live",
        )
    )


@pytest.fixture
def api(container: Container) -> Client:
    app = _app()
    app.state.container = container
    adapter: Any = Mangum(app, lifespan="off", text_mime_types=["application/json", MEDIA_TYPE])
    return Client(adapter, OWNER)


@cache
def _app() -> FastAPI:
    """Made once: it takes as long as a whole test."""
    return create_app(None)  # type: ignore[arg-type]


@pytest.fixture
def world(container: Container, api: Client) -> World:
    for person in (OWNER, PLANNER, MEMBER, VIEWER, STRANGER):
        container.directory.put_user(
            "padma", Person(person.user, person.name, f"{person.user}@example.com", person.role)
        )
    start = "2026-01-04T08:00:00"
    made = api.post("/v1/projects", {"name": "Tower", "start": start, "status_date": start})
    assert made.status == 201, made.body
    path = made.headers["location"]
    create = partial(dict, op="create")
    operations = [
        *(create(kind="task", uid=uid, values={"name": name}) for uid, name in ((1, "পাইল"), (2, "Cap"), (3, "Column"))),
        *(create(kind="link", values={"predecessor_uid": uid, "successor_uid": uid + 1}) for uid in (1, 2)),
        create(kind="resource", uid=1, values={"name": "Crane"}),
        create(kind="assignment", values={"task_uid": 1, "resource_uid": 1}),
        create(kind="calendar", uid=2, values={"name": "Rain", "base_uid": 1}),
        create(kind="risk", uid=1, values={"name": "Flood", "probability": 0.2, "task_uids": [1]}),
        *({"op": "take_baseline", "uid": uid} for uid in (0, 1)),
    ]
    filled = api.post(f"{path}/commands", {"operations": operations}, base_revision=1)
    assert filled.status == 200, filled.body
    for person in (PLANNER, MEMBER, VIEWER):
        assert api.put(f"{path}/members/{person.user}", {"role": person.role}).status == 204
    return World(container, api, path.rpartition("/")[2], path)
