"""Whatever goes wrong, the answer is problem+json with a status, a code and the data a client needs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import nirman
from functions.api.errors import STATUSES
from functions.api.wire import MAX_BODY_BYTES
from nirman import errors
from tests.support.http import Answer, Client
from tests.support.template import ROOT
from tests.support.world import World


def every_error(base: type[errors.NirmanError] = errors.NirmanError) -> Iterator[type[errors.NirmanError]]:
    yield base
    for below in base.__subclasses__():
        yield from every_error(below)


def problem(answer: Answer, status: int, code: str) -> Any:
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json
    assert (told["status"], told["code"], told["type"]) == (status, code, f"urn:nirman:problem:{code}")
    assert told["title"]
    assert told["detail"]
    return told


def test_every_error_of_the_product_has_a_status() -> None:
    for module in pkgutil.walk_packages(nirman.__path__, "nirman."):
        if "local" not in module.name and "cli" not in module.name:
            importlib.import_module(module.name)
    assert set(every_error()) == STATUSES.keys()


@pytest.mark.parametrize(
    "error", sorted(set(every_error()) - {errors.NirmanError}, key=str), ids=lambda error: error.__name__
)
def test_each_error_is_told_with_its_own_code_and_data(
    world: World, monkeypatch: pytest.MonkeyPatch, error: type[errors.NirmanError]
) -> None:
    raised = make(error)

    def refuse(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(world.container.plans, "read", refuse)
    told = problem(world.api.get(world.path), STATUSES[error].value, error.code)
    assert told["detail"] == str(raised)
    assert raised.details().items() <= told.items()


def make(error: type[errors.NirmanError]) -> errors.NirmanError:
    given: dict[str, Any] = {
        "text": "too many",
        "rule": "no",
        "place": "line 4",
        "uids": (1, 2),
        "conflicts": (errors.FieldConflict("task", 1, "name", "a", "b", "c", "Salma", "2026-01-04", 2),),
        "head": 7,
        "expected": 5,
        "what": "edits",
        "limit": 50,
        "window_s": 60,
        "retry_after_s": 1.2,
        "locks": (errors.LockHeld("task", 1, "name", "salma", "Salma", "2026-01-04"),),
        "kind": "task",
        "uid": 1,
        "field": None,
    }
    names = inspect.signature(error.__init__).parameters.keys() & given.keys()
    return error(**{name: given[name] for name in names}) if names else error("no")


def test_the_errors_are_those_of_the_documentation() -> None:
    table = (ROOT / "docs/api.md").read_text().partition("## Errors")[2].partition("## ")[0]
    told = {(int(status), code) for status, code in re.findall(r"^\| (\d{3}) +\| `([a-z-]+)`", table, re.MULTILINE)}
    shown_by_jobs = {errors.UnreadableFileError, errors.NirmanError}
    assert told == {(status.value, error.code) for error, status in STATUSES.items() if error not in shown_by_jobs}


def test_a_call_that_is_not_signed_in_is_told_how_to(world: World) -> None:
    answer = world.api.as_(None).get(world.path)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_what_was_not_foreseen_is_a_500_that_tells_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(world.container.plans, "read", broken)
    answer = world.api.get(world.path)
    problem(answer, 500, "internal")
    assert b"secret" not in answer.body
    assert "secret of the house" in caplog.text


def test_each_call_leaves_one_line_that_says_who_what_and_how_it_went(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    world.api.get(f"{world.path}/tasks/99")
    [line] = caplog.records
    said = vars(line)
    assert (said["tenant"], said["user"], said["method"], said["status"]) == ("padma", "karim", "GET", 404)
    assert said["route"].endswith("/tasks/{uid}")
    assert said["names"] == {"project": world.project, "uid": "99"}


def test_there_is_no_such_route(api: Client) -> None:
    problem(api.get("/v1/nothing"), 404, "not-found")


def test_a_route_is_asked_with_the_wrong_method(api: Client) -> None:
    answer = api.put("/v1/health", {})
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "place", "rule"),
    [
        (b"{", "body", "JSON"),
        (b"", "body", "JSON"),
        (b'{"name": "\xff"}', "body", "UTF-8"),
        (b"[]", "", "Expected `object`"),
        (b'{"percent_complete": 101}', "percent_complete", "<= 100"),
        (b'{"percent_complete": "40"}', "percent_complete", "Expected `int`"),
        (b'{"constraint": "SOON"}', "constraint", "SOON"),
        (b'{"deadline": "2026-01-04T08:00:00Z"}', "deadline", "timezone"),
        (b'{"nmae": "x"}', "", "nmae"),
        (b'{"uid": 4}', "", "uid"),
        (b"{}", "body", "at least one"),
        (b'{"parent_uid": 77}', "parent_uid", "77"),
        (b'{"constraint": "SNET"}', "", "constraint_date"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused_with_place_and_rule(
    world: World, body: bytes, place: str, rule: str
) -> None:
    before = world.revision
    answer = world.api.patch(f"{world.path}/tasks/1", body, base_revision=before)
    assert answer.status == 422, answer.body
    assert answer.json["place"] == place
    assert rule in answer.json["rule"]
    assert world.revision == before


def test_what_is_not_there_is_not_found_whatever_is_asked_of_it(world: World) -> None:
    seen = {"base_revision": world.revision}
    nowhere = f"{world.path}/links/99"
    answers = (
        world.api.get(nowhere),
        world.api.patch(nowhere, {"lag_minutes": 1}, **seen),
        world.api.delete(nowhere, **seen),
    )
    for answer in answers:
        assert "99" in problem(answer, 404, "not-found")["detail"]


def test_a_place_in_a_list_of_operations_says_which(world: World) -> None:
    operations = [
        {"op": "update", "kind": "task", "uid": 1, "values": {"name": "x"}},
        {"op": "update", "kind": "task", "uid": 1, "values": {"percent_complete": 300}},
    ]
    answer = world.api.post(f"{world.path}/commands", {"operations": operations}, base_revision=world.revision)
    assert problem(answer, 422, "invalid")["place"] == "operations[1].values.percent_complete"


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"limit": "many"}])
def test_a_parameter_that_breaks_a_rule_is_named(world: World, query: dict[str, Any]) -> None:
    told = problem(world.api.get(f"{world.path}/tasks", **query), 422, "invalid")
    assert told["place"] == "query.limit"


def test_a_body_above_the_limit_is_refused_with_the_limit(world: World) -> None:
    answer = world.api.patch(f"{world.path}/tasks/1", b" " * (MAX_BODY_BYTES + 1), base_revision=world.revision)
    assert str(MAX_BODY_BYTES) in problem(answer, 413, "limit-exceeded")["detail"]


def test_more_operations_than_a_command_may_have_are_refused(world: World) -> None:
    operations = [{"op": "delete", "kind": "task", "uid": 1}] * 5001
    answer = world.api.post(f"{world.path}/commands", {"operations": operations}, base_revision=world.revision)
    assert "5000" in problem(answer, 422, "invalid")["rule"]


def test_a_busy_project_says_when_to_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise errors.BusyError("too many at once")

    monkeypatch.setattr(world.container.plans, "commit", busy)
    answer = world.api.patch(f"{world.path}/tasks/1", {"name": "x"}, base_revision=world.revision)
    problem(answer, 503, "busy")
    assert answer.headers["retry-after"] == "1"
