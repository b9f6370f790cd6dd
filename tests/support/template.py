"""The template as data, so that what the tests build is what is deployed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation: `!Ref X` is {"Ref": "X"}, `!Sub s` is {"Fn::Sub": s}."""


def _intrinsic(loader: yaml.Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    key = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {key: value.split(".", 1) if key == "Fn::GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {key: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def load() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type, by logical name."""
    return {name: body for name, body in load()["Resources"].items() if body["Type"] == kind}


def functions() -> dict[str, dict[str, Any]]:
    """Properties of each function by the name of its folder."""
    found = resources("AWS::Serverless::Function").values()
    return {Path(body["Properties"]["CodeUri"]).name: body["Properties"] for body in found}


def create_table_arguments(logical_name: str, table_name: str) -> dict[str, Any]:
    """Arguments of boto3's `create_table` for a table of the template (it spells some properties in another way)."""
    properties = load()["Resources"][logical_name]["Properties"]
    same = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
    arguments = {"TableName": table_name} | {name: properties[name] for name in same if name in properties}
    if stream := properties.get("StreamSpecification"):
        arguments["StreamSpecification"] = {"StreamEnabled": True, **stream}
    return arguments
