"""Messages made up from the registry's own types: whatever is allowed there can come up, a new message by itself."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from nirman.collaboration.messages import CLIENT_MESSAGES, ClientMessage, decode_client, encode
from nirman.errors import InvalidInputError

Aim = Mapping[str, Callable[[random.Random], Any]]
"""By a field's name how it is made up, where something that exists is to be hit."""
_LETTERS = string.ascii_letters + string.digits + " -_#'\"\\\n" + "ভিত্তিপাইলिख漢字😀"
_AS_TEXT = {
    inspect.DateTimeType: "2026-11-22T08:00:00",
    inspect.DateType: "2026-11-22",
    inspect.DecimalType: "7.5",
}
_TRIES = 50


def message(kind: type[ClientMessage], choose: random.Random, aim: Aim) -> ClientMessage:
    """One that the registry takes."""
    for _ in range(_TRIES):
        made = value(inspect.type_info(kind), choose, aim)
        made["type"] = kind.__struct_config__.tag
        try:
            return decode_client(msgspec.json.encode(made).decode())
        except InvalidInputError:
            continue  # a rule between fields, which the types do not tell
    raise AssertionError(f"{kind.__name__} has rules that nothing made up meets: aim at its fields")


def any_message(choose: random.Random, aim: Aim) -> str:
    return encode(message(choose.choice(CLIENT_MESSAGES), choose, aim)).decode()


def value(kind: Any, choose: random.Random, aim: Aim) -> Any:
    if isinstance(kind, inspect.Metadata):
        return value(kind.type, choose, aim)
    if isinstance(kind, inspect.StructType):
        return _struct(kind, choose, aim)
    if isinstance(kind, inspect.UnionType):
        return value(choose.choice(kind.types), choose, aim)
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        shortest = kind.min_length or 0
        length = choose.randint(shortest, min(kind.max_length or 3, shortest + 3))
        return [value(kind.item_type, choose, aim) for _ in range(length)]
    if isinstance(kind, inspect.DictType):
        names = [_text(kind.key_type, choose) for _ in range(choose.randint(0, 3))]
        return {name: value(kind.value_type, choose, aim) for name in names}
    return _plain(kind, choose)


def _plain(kind: Any, choose: random.Random) -> Any:
    match kind:
        case inspect.EnumType():
            return choose.choice(list(kind.cls)).value
        case inspect.LiteralType():
            return choose.choice(kind.values)
        case inspect.IntType() | inspect.FloatType():
            return _number(kind, choose)
        case inspect.StrType():
            return _text(kind, choose)
        case inspect.BoolType():
            return choose.random() < 0.5
        case inspect.AnyType():
            return choose.choice([None, True, 7, 0.5, "x", ["x"], {"x": 1}])
        case inspect.NoneType():
            return None
        case inspect.DateTimeType() | inspect.DateType() | inspect.DecimalType():
            return _AS_TEXT[type(kind)]
    raise AssertionError(f"nothing is known of how to make up a {kind}")


def _struct(kind: inspect.StructType, choose: random.Random, aim: Aim) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in kind.fields:
        if not field.required and choose.random() < 0.4:
            continue
        if field.name in aim and choose.random() < 0.9:
            made[field.encode_name] = aim[field.name](choose)
        else:
            made[field.encode_name] = value(field.type, choose, aim)
    if kind.tag_field is not None:
        made[kind.tag_field] = kind.tag
    return made


def _number(kind: Any, choose: random.Random) -> float:
    low = kind.ge if kind.ge is not None else (kind.gt if kind.gt is not None else -(2**31))
    high = kind.le if kind.le is not None else (kind.lt if kind.lt is not None else 2**31)
    if isinstance(kind, inspect.FloatType):
        return choose.uniform(low, high)
    return choose.choice(
        [low, high, choose.randint(int(low), int(high)), min(int(high), int(low) + choose.randint(0, 9))]
    )


def _text(kind: Any, choose: random.Random) -> str:
    length = choose.randint(kind.min_length or 0, min(kind.max_length or 12, (kind.min_length or 0) + 12))
    letters = "".join(choose.choices(_LETTERS, k=length))
    if kind.pattern is None or re.search(kind.pattern, letters):
        return letters
    return "".join(choose.choices(string.ascii_lowercase, k=max(1, length)))
