"""The OpenAPI document is valid, says what bodies hold, and is what the API does."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from functions.api.app import create_app
from functions.api.routes.records import KINDS
from nirman.planning.model import RECORDS, Kind
from tests.support.http import Client


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(json.dumps(create_app(None).openapi()))  # type: ignore[arg-type]


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_it_is_served_to_anybody(api: Client, document: Any) -> None:
    assert api.as_(None).get("/v1/openapi.json").json == document


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_have_every_field_of_the_record_and_a_patch_needs_none(document: Any, kind: Kind) -> None:
    schemas, record = document["components"]["schemas"], RECORDS[kind]
    fields = {field.name for field in dataclasses.fields(record)}
    assert schemas[f"New{record.__name__}"]["properties"].keys() == fields
    assert schemas[f"{record.__name__}Patch"]["properties"].keys() == fields - {"uid"}
    assert "required" not in schemas[f"{record.__name__}Patch"] or not schemas[f"{record.__name__}Patch"]["required"]


def test_bounds_and_choices_of_the_model_are_told(document: Any) -> None:
    schemas = document["components"]["schemas"]
    percent = schemas["TaskPatch"]["properties"]["percent_complete"]
    assert (percent["minimum"], percent["maximum"]) == (0, 100)
    assert sorted(schemas["LinkKind"]["enum"]) == ["FF", "FS", "SF", "SS"]
    assert schemas["NewExport"]["properties"]["format"]["enum"] == ["mspdi", "xlsx", "pdf", "json"]


def test_every_reference_leads_to_a_schema(document: Any) -> None:
    text = json.dumps(document)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= document["components"]["schemas"].keys()
    assert {"Task", "Problem", "Committed"} <= named


def test_every_operation_says_how_it_is_refused(document: Any) -> None:
    silent = [
        described["operationId"]
        for methods in document["paths"].values()
        for described in methods.values()
        if "security" in described and "application/problem+json" not in described["responses"]["401"]["content"]
    ]
    assert silent == []


def test_every_body_that_is_read_is_in_the_document(document: Any) -> None:
    with_body = {
        described["operationId"]
        for methods in document["paths"].values()
        for described in methods.values()
        if "requestBody" in described
    }
    records = {f"{verb}{RECORDS[kind].__name__}" for verb in ("create", "update") for kind in (Kind.PROJECT, *KINDS)}
    others = {"announce", "commit", "takeBaseline", "createImport", "runImport", "createExport", "putMember"}
    others |= {"undo", "redo", "lock", "takeOverLock", "createOptimization", "applyOptimization"}
    assert with_body == records | others
