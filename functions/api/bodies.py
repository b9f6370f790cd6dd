"""Bodies that make or change a record, derived from the records themselves."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from nirman.planning.model import RECORDS, Calendar, Kind
from nirman.planning.records import defaults, field_types


@cache
def new_record(kind: Kind) -> type[msgspec.Struct]:
    """Fields without a default are required; without a uid the next free one is given."""
    return _body(kind, f"New{RECORDS[kind].__name__}", "As made; what is left out has its default.", _required(kind))


@cache
def record_patch(kind: Kind) -> type[msgspec.Struct]:
    """Every field optional, and only those named change."""
    return _body(kind, f"{RECORDS[kind].__name__}Patch", "Only the fields named change.", (), leave_out=("uid",))


@cache
def new_project() -> type[msgspec.Struct]:
    return _body(
        Kind.PROJECT,
        "NewProject",
        "Settings of the project and its calendars; without any it gets one, Sunday to Thursday.",
        _required(Kind.PROJECT),
        leave_out=("uid",),
        more=[("calendars", tuple[Calendar, ...] | UnsetType, UNSET)],
    )


def sent(body: msgspec.Struct) -> dict[str, Any]:
    """The plain values of the fields that were sent."""
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return plain


def _required(kind: Kind) -> set[str]:
    return field_types(kind).keys() - defaults(kind).keys() - {"uid"}


def _body(
    kind: Kind,
    name: str,
    description: str,
    required: Iterable[str],
    leave_out: tuple[str, ...] = (),
    more: Iterable[tuple[str, Any, Any]] = (),
) -> type[msgspec.Struct]:
    fields: list[Any] = [
        (field, type_) if field in required else (field, type_ | UnsetType, UNSET)
        for field, type_ in field_types(kind).items()
        if field not in leave_out
    ]
    return msgspec.defstruct(
        name,
        [*fields, *more],
        kw_only=True,
        forbid_unknown_fields=True,
        namespace={"__doc__": description},
        module=__name__,
    )
