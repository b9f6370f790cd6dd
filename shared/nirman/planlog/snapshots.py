"""A plan as bytes: columns of plain values by kind, deflated. Columns that hold only defaults are left out."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from nirman.planlog.ports import Snapshot
from nirman.planning import records
from nirman.planning.model import COLLECTIONS, RECORDS, Kind, Plan, Project

FORMAT = 1


def encode(snapshot: Snapshot) -> bytes:
    plan = snapshot.plan
    document = {
        "format": FORMAT,
        "revision": snapshot.revision,
        "digest": snapshot.digest,
        "next_uids": {kind: plan.next_uid(kind) for kind in COLLECTIONS},
        "project": records.plain_fields(Kind.PROJECT, plan.project),
        "columns": {kind: _columns(kind, list(plan.records(kind).values())) for kind in COLLECTIONS},
    }
    return zlib.compress(msgspec.json.encode(document), 1)


def decode(data: bytes) -> Snapshot:
    """`ValueError` for a format that this code does not know."""
    document = msgspec.json.decode(zlib.decompress(data))
    if document["format"] != FORMAT:
        raise ValueError(f"snapshot format {document['format']} is not known")
    project = records.make(Kind.PROJECT, 0, document["project"])
    assert isinstance(project, Project)
    collections: dict[str, Any] = {COLLECTIONS[kind]: _rows(kind, document["columns"][kind]) for kind in COLLECTIONS}
    next_uids = {Kind(kind): uid for kind, uid in document["next_uids"].items()}
    plan = Plan(project=project, next_uids=next_uids, **collections)
    return Snapshot(revision=document["revision"], digest=document["digest"], plan=plan)


def _columns(kind: Kind, rows: list[Any]) -> dict[str, list[Any]]:
    usual = records.defaults(kind)
    columns = {}
    for name in records.field_types(kind):
        column = records.to_plain([getattr(row, name) for row in rows])
        if name not in usual or any(value != usual[name] for value in column):
            columns[name] = column
    return columns


def _rows(kind: Kind, columns: dict[str, list[Any]]) -> dict[int, Any]:
    types = records.field_types(kind)
    typed = [msgspec.convert(column, list[types[name]]) for name, column in columns.items()]  # type: ignore[valid-type]
    make = RECORDS[kind]
    names = tuple(columns)
    made = (make(**dict(zip(names, values, strict=True))) for values in zip(*typed, strict=True))
    return {record.uid: record for record in made}
