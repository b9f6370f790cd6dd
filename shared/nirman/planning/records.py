"""Records to and from plain values: the field names and JSON shapes of events, snapshots and requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from functools import cache
from typing import Any, get_type_hints

import msgspec

from nirman.errors import InvalidInputError
from nirman.planning.model import RECORDS, Kind, Record

_PLACE = re.compile(r"^(?P<rule>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)


@cache
def field_types(kind: Kind) -> Mapping[str, Any]:
    """The type of each field of a kind, its bounds included."""
    return get_type_hints(RECORDS[kind], include_extras=True)


@cache
def defaults(kind: Kind) -> Mapping[str, Any]:
    """The plain value of each field that has a default."""
    found = {}
    for field in fields(RECORDS[kind]):
        if field.default is not MISSING:
            found[field.name] = to_plain(field.default)
        elif field.default_factory is not MISSING:
            found[field.name] = to_plain(field.default_factory())
    return found


def to_plain(value: Any) -> Any:
    """JSON-ready form of a field's value or of a whole record."""
    return msgspec.to_builtins(value)


def plain_fields(kind: Kind, record: Record) -> dict[str, Any]:
    """The fields of a record that are not their defaults, without the uid."""
    usual = defaults(kind)
    plain = to_plain(record)
    return {
        name: value for name, value in plain.items() if name != "uid" and (name not in usual or usual[name] != value)
    }


def make(kind: Kind, uid: int, values: Mapping[str, Any], *, place: str = "values") -> Record:
    """A new record from plain values; InvalidInputError names the field and the rule."""
    typed = _typed(kind, values, place)
    try:
        return RECORDS[kind](uid=uid, **typed)
    except TypeError as exc:
        needed = sorted(f.name for f in fields(RECORDS[kind]) if f.name not in defaults(kind) and f.name != "uid")
        raise InvalidInputError(f"a {kind} needs {', '.join(needed)}", place=place) from exc
    except ValueError as exc:
        raise InvalidInputError(str(exc), place=place) from exc


def change(kind: Kind, record: Record, values: Mapping[str, Any], *, place: str = "values") -> Record:
    """The record with some fields changed; InvalidInputError names the field and the rule."""
    if not values:
        return record
    try:
        return replace(record, **_typed(kind, values, place))
    except ValueError as exc:
        raise InvalidInputError(str(exc), place=place) from exc


def _typed(kind: Kind, values: Mapping[str, Any], place: str) -> dict[str, Any]:
    types = field_types(kind)
    typed = {}
    for name, value in values.items():
        if name == "uid" or name not in types:
            rule = "a uid never changes" if name == "uid" else f"a {kind} has no such field"
            raise InvalidInputError(rule, place=f"{place}.{name}")
        try:
            typed[name] = msgspec.convert(value, types[name])
        except msgspec.ValidationError as exc:
            match = _PLACE.match(str(exc))
            rule, path = (match["rule"], match["path"] or "") if match else (str(exc), "")
            raise InvalidInputError(rule, place=f"{place}.{name}{path}") from exc
    return typed
