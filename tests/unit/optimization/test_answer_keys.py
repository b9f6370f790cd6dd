"""The keys of what the optimizer answers are a contract: programs read them from the API and the command line.

`answer_keys.json` is what they were; a key that is added there on purpose is all that may change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from nirman.optimization.allocation.result import Allocation
from nirman.optimization.alternatives.result import Alternatives
from nirman.optimization.compression.result import Compression
from nirman.optimization.levelling.result import Levelling
from nirman.optimization.risk import RiskAssessment
from nirman.optimization.simulation.result import Simulation
from nirman.planning.commands import Operation

GOLDEN = Path(__file__).with_name("answer_keys.json")
ANSWERS = (Allocation, Alternatives, Compression, Levelling, RiskAssessment, Simulation)


def keys(kind: Any) -> Any:
    """The keys of a type's JSON, and of what is in it, each with the name of its type or the words it chooses from."""
    if kind == Operation:
        return "operation"
    if get_origin(kind) in (Union, UnionType):
        return [keys(one) for one in get_args(kind) if one is not NoneType] + ["null"]
    if get_origin(kind) is tuple:
        return [keys(one) for one in get_args(kind) if one is not Ellipsis]
    if get_origin(kind) is Mapping:
        return {"*": keys(get_args(kind)[1])}
    if is_dataclass(kind):
        return {name: keys(field) for name, field in get_type_hints(kind).items()}
    return "|".join(kind) if issubclass(kind, Enum) else kind.__name__


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_an_answer_has_the_keys_it_had(answer):
    assert keys(answer) == json.loads(GOLDEN.read_text())[answer.__name__]
