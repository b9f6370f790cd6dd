"""The template agrees with the code, and grants no more than is needed."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from nirman.aws import settings
from nirman.jobs.service import MAX_RECEIVES
from tests.support.template import ROOT, functions, load, resources

SETTINGS = {
    "api": settings.ApiSettings,
    "authorizer": settings.AuthorizerSettings,
    "broadcaster": settings.BroadcasterSettings,
    "documents": settings.DocumentsSettings,
    "optimizer": settings.OptimizerSettings,
    "projector": settings.ProjectorSettings,
    "poster": settings.PosterSettings,
    "signals": settings.SignalsSettings,
    "websocket": settings.WebSocketSettings,
}
OF_THE_PLATFORM = {"AWS_ENDPOINT_URL"}
"""Variables that code may read though no template sets them: those of the SDK."""
OF_POWERTOOLS = "POWERTOOLS_"

every_function = pytest.mark.parametrize("name", sorted(functions()))


def environment(name: str) -> set[str]:
    everywhere = load()["Globals"]["Function"]["Environment"]["Variables"]
    return {*everywhere, *functions()[name]["Environment"]["Variables"]}


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in functions().items():
        for policy in properties["Policies"]:
            assert isinstance(policy, dict), f"{name}: a managed policy grants more than is read here"
            for statement in policy["Statement"]:
                yield f"{name}/{statement['Sid']}", statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_folder_of_functions_is_a_function_of_the_template():
    assert {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")} == set(functions())
    assert set(SETTINGS) == set(functions())


@every_function
def test_a_function_has_its_handler_in_its_own_folder(name):
    properties = functions()[name]
    assert properties["CodeUri"] == f"functions/{name}/"
    module, _, attribute = properties["Handler"].rpartition(".")
    assert module == f"functions.{name}.handler"
    assert callable(getattr(importlib.import_module(module), attribute))


@every_function
def test_a_function_keeps_its_dotted_path_when_it_is_built(name):
    (resource,) = (
        body
        for body in resources("AWS::Serverless::Function").values()
        if body["Properties"]["CodeUri"] == f"functions/{name}/"
    )
    expected = {"ParentPackageMode": "explicit", "ParentPackages": f"functions.{name}"}
    assert resource["Metadata"]["BuildProperties"] == expected


@every_function
def test_the_template_sets_what_a_function_reads_and_nothing_else(name):
    read = {field.name.upper() for field in fields(SETTINGS[name])}
    own = {variable for variable in environment(name) if not variable.startswith(OF_POWERTOOLS)}
    assert own == read


@every_function
def test_a_function_names_itself_in_its_log(name):
    assert functions()[name]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == name


def test_the_environment_is_read_in_one_place():
    reading = set()
    places = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "shared" / "nirman").rglob("*.py")]
    for path in places:
        if {"local", "cli"}.intersection(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                reading.add(str(path.relative_to(ROOT)))
    assert reading == {"shared/nirman/aws/settings.py", "shared/nirman/aws/clients.py"}


def test_the_clients_read_only_variables_of_the_platform():
    tree = ast.parse((ROOT / "shared/nirman/aws/clients.py").read_text())
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {text for text in texts if text.isupper() and "_" in text} <= OF_THE_PLATFORM


@every_function
def test_a_function_logs_to_a_group_of_its_own_that_forgets(name):
    group = functions()[name]["LoggingConfig"]["LogGroup"]["Ref"]
    assert resources("AWS::Logs::LogGroup")[group]["Properties"]["RetentionInDays"]
    assert [other["LoggingConfig"]["LogGroup"]["Ref"] for other in functions().values()].count(group) == 1


@pytest.mark.parametrize(("name", "statement"), list(statements()), ids=[name for name, _ in statements()])
def test_no_policy_grants_every_action_or_every_resource(name, statement):
    assert statement["Effect"] == "Allow"
    for action in as_list(statement["Action"]):
        assert "*" not in action, f"{name} grants {action}"
    for resource in as_list(statement["Resource"]):
        assert isinstance(resource, dict), f"{name}: {resource} is not one of this stack's resources"
        assert not str(resource.get("Fn::Sub", "")).startswith("*")


def test_what_only_sends_lets_in_or_projects_changes_nothing_in_the_plan_table():
    writing = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
    for name, statement in statements():
        function = name.partition("/")[0]
        plan_table = statement["Resource"] == {"Fn::GetAtt": ["PlanTable", "Arn"]}
        if function in ("broadcaster", "authorizer", "poster", "projector", "signals") and plan_table:
            assert not [action for action in as_list(statement["Action"]) if action.partition(":")[2] in writing]


def test_every_route_but_the_public_ones_is_behind_the_authorizer():
    routes = [body["Properties"] for body in resources("AWS::ApiGatewayV2::Route").values()]
    public = {route["RouteKey"] for route in routes if route.get("AuthorizationType") != "CUSTOM"}
    contract = {"GET /v1/openapi.json", "GET /v1/realtime/asyncapi.json", "GET /v1/realtime/schemas/{type}"}
    assert public == {"GET /v1/health", "OPTIONS /v1/{proxy+}", *contract}
    assert {route["RouteKey"] for route in routes} - public == {"ANY /v1/{proxy+}"}


def test_sockets_open_through_the_authorizer_only():
    (api,) = resources("AWS::Serverless::WebSocketApi").values()
    assert api["Properties"]["Auth"]["AuthType"] == "CUSTOM"
    assert api["Properties"]["Auth"]["IdentitySource"] == ["route.request.querystring.ticket"]


def test_nobody_can_write_their_own_tenant_or_role():
    (client,) = resources("AWS::Cognito::UserPoolClient").values()
    writable = client["Properties"]["WriteAttributes"]
    assert not [name for name in writable if name.startswith("custom:")]
    (pool,) = resources("AWS::Cognito::UserPool").values()
    assert pool["Properties"]["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


QUEUES = {"JobsQueue": "documents", "OptimizationQueue": "optimizer"}
"""Queues of jobs, and the functions behind them."""


@pytest.mark.parametrize(("queue", "function"), QUEUES.items())
def test_a_job_is_hidden_six_times_as_long_as_it_may_take(queue, function):
    """Lambda's own rule for queues: less, and a slow job is given out twice."""
    properties = resources("AWS::SQS::Queue")[queue]["Properties"]
    assert properties["VisibilityTimeout"] >= 6 * functions()[function]["Timeout"]


@pytest.mark.parametrize("queue", QUEUES)
def test_the_queue_gives_a_job_out_as_often_as_the_worker_believes_and_then_to_its_dead_letters(queue):
    redrive = resources("AWS::SQS::Queue")[queue]["Properties"]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == MAX_RECEIVES
    dead_letters, _ = redrive["deadLetterTargetArn"]["Fn::GetAtt"]
    assert resources("AWS::SQS::Queue")[dead_letters]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize(("queue", "function"), QUEUES.items())
def test_each_worker_has_a_queue_of_its_own(queue, function):
    mappings = [body["Properties"] for body in resources("AWS::Lambda::EventSourceMapping").values()]
    fed = [mapping for mapping in mappings if mapping["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}]
    assert [mapping["FunctionName"]["Fn::GetAtt"][0].lower() for mapping in fed] == [function]


def test_who_optimizes_writes_no_plan():
    actions = {
        action for name, statement in statements() if name == "optimizer/Plans" for action in statement["Action"]
    }
    # A commit needs both.
    assert actions.isdisjoint({"dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"})


def test_one_bad_record_does_not_take_its_batch_with_it():
    for body in resources("AWS::Lambda::EventSourceMapping").values():
        assert body["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", ["PlanBucket", "FilesBucket"])
def test_buckets_are_private_and_encrypted(name):
    properties = load()["Resources"][name]["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["BucketEncryption"]


@pytest.mark.parametrize("name", ["PlanTable", "PlanBucket", "FilesBucket", "UserPool"])
def test_what_people_made_outlives_the_stack(name):
    body = load()["Resources"][name]
    assert (body["DeletionPolicy"], body["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_connections_and_tickets_expire_by_the_field_that_is_written():
    table = load()["Resources"]["ConnectionsTable"]["Properties"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


@every_function
def test_a_function_has_the_layers_it_imports_from(name):
    layers = [layer["Ref"] for layer in functions()[name]["Layers"]]
    own = {
        "api": ["SearchLayer", "WebLayer"],
        "documents": ["DocumentsLayer"],
        "optimizer": ["SolverLayer"],
        "websocket": ["SearchLayer"],
    }.get(name, [])
    assert sorted(layers) == sorted(["CoreLayer", "NirmanLayer", *own])
