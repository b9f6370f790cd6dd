"""The function as Lambda calls it, with its settings from the environment and the events of `events/api`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.api import handler as api
from nirman.aws.container import Container
from nirman.planning.commands import Command, Create
from nirman.planning.model import Kind
from tests.builders.plans import make_plan
from tests.support.http import LambdaContext
from tests.support.template import ROOT
from tests.support.world import OWNER, World

EVENTS = {path.stem: path for path in sorted((ROOT / "events/api").glob("*.json"))}
STATUSES = {"create_project": 201, "health": 200, "list_projects": 200, "update_task": 200}


@pytest.fixture
def function(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in dataclasses.asdict(world.container.settings).items():
        monkeypatch.setenv(name.upper(), value)
    api.container.cache_clear()
    api._adapter.cache_clear()
    yield api.handler
    api.container.cache_clear()
    api._adapter.cache_clear()


def tower(container: Container) -> None:
    plan = make_plan()
    container.plans.create(OWNER, "tower", plan.project, list(plan.calendars.values()), command_id="tower")
    access = container.directory.open(OWNER, "tower")
    container.plans.commit(access, Command("task", 1, (Create(Kind.TASK, {"name": "Piles"}),)))


@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS)
def test_the_sample_events_are_answered(world: World, function: Any, path: Path) -> None:
    tower(world.container)
    answer = function(json.loads(path.read_text()), LambdaContext())
    assert answer["statusCode"] == STATUSES[path.stem], answer
    assert answer["isBase64Encoded"] is False
    assert json.loads(answer["body"])


def test_a_problem_is_text_not_base64(function: Any) -> None:
    event = json.loads(EVENTS["list_projects"].read_text())
    del event["requestContext"]["authorizer"]
    answer = function(event, LambdaContext())
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (401, False)
