"""The plan as JSON: lossless, and the same field names as the API.

    {"format": "nirman-plan", "version": 1,
     "plan": {"project": {...}, "calendars": [...], "tasks": [...], "links": [...], "resources": [...],
              "assignments": [...], "baselines": [...], "risks": [...]},
     "schedule": {"start", "finish", "tasks": [{"uid", "id", "wbs", "start", ...}]}}

Records are those of `planning.model`; times are ISO 8601 wall time without offset, money is a string of decimals.
`schedule` is what was computed when the file was written: for other programs, ignored when read.
Version 1 readers refuse a higher version; a field they do not know is an error, so nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from nirman.errors import InvalidPlanError, UnreadableFileError
from nirman.interchange.progress import Progress
from nirman.interchange.result import ImportResult
from nirman.planning.estimates import Risk
from nirman.planning.findings import Finding, Severity
from nirman.planning.model import (
    COLLECTIONS,
    Assignment,
    Baseline,
    Calendar,
    Link,
    Plan,
    Project,
    Record,
    Resource,
    Task,
)
from nirman.planning.rules import check_plan
from nirman.planning.schedule import Schedule, schedule_plan

FORMAT = "nirman-plan"
VERSION = 1
MAX_BYTES = 128 * 1024 * 1024
_R = TypeVar("_R", bound=Record)


class _PlanDocument(Struct, frozen=True, forbid_unknown_fields=True):
    project: Project
    calendars: tuple[Calendar, ...] = ()
    tasks: tuple[Task, ...] = ()
    links: tuple[Link, ...] = ()
    resources: tuple[Resource, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    risks: tuple[Risk, ...] = ()


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["nirman-plan"]
    version: Annotated[int, Meta(ge=1, le=VERSION)]
    plan: _PlanDocument
    schedule: Any = None


def write_json(plan: Plan, schedule: Schedule, progress: Progress | None = None) -> bytes:  # noqa: ARG001 - done in an instant
    """The plan with its computed dates."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "plan": _PlanDocument(
            project=plan.project,
            calendars=tuple(plan.calendars.values()),
            tasks=tuple(plan.tasks.values()),
            links=tuple(plan.links.values()),
            resources=tuple(plan.resources.values()),
            assignments=tuple(plan.assignments.values()),
            baselines=tuple(plan.baselines.values()),
            risks=tuple(plan.risks.values()),
        ),
        "schedule": {
            "start": schedule.project_start,
            "finish": schedule.project_finish,
            "tasks": list(schedule),
        },
    }
    return msgspec.json.encode(document)


def read_json(data: bytes) -> ImportResult:
    """The plan of a file written by `write_json`.

    UnreadableFileError names the field that breaks a rule; what cannot be between records is a finding.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(f"the file must not be larger than {MAX_BYTES // 1024 // 1024} MB")
    try:
        raw = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
        content = msgspec.convert(raw, _Document).plan
    except (msgspec.MsgspecError, RecursionError) as exc:
        raise UnreadableFileError(str(exc), place="JSON") from exc
    _check_fields("plan.project", content.project, raw["plan"]["project"])
    for kind in COLLECTIONS.values():
        for index, record in enumerate(getattr(content, kind)):
            _check_fields(f"plan.{kind}[{index}]", record, raw["plan"][kind][index])
    plan = Plan(
        project=content.project,
        calendars=_by_uid("calendars", content.calendars),
        tasks=_by_uid("tasks", content.tasks),
        links=_by_uid("links", content.links),
        resources=_by_uid("resources", content.resources),
        assignments=_by_uid("assignments", content.assignments),
        baselines=_by_uid("baselines", content.baselines),
        risks=_by_uid("risks", content.risks),
    )
    try:
        check_plan(plan)
        schedule_plan(plan)
    except InvalidPlanError as exc:
        finding = Finding(
            severity=Severity.ERROR,
            rule="impossible-plan",
            text=exc.rule,
            place=exc.place,
            uid=exc.uids[0] if exc.uids else None,
        )
        return ImportResult(plan=None, findings=(finding,))
    return ImportResult(plan=plan, findings=())


def _check_fields(place: str, record: Record, raw: Mapping[str, object]) -> None:
    """What the types alone let through: fields that nobody knows, and amounts that are no number."""
    for name in raw:
        if name not in record.__dataclass_fields__:
            raise UnreadableFileError("there is no such field", place=f"{place}.{name}")
        value = getattr(record, name)
        if isinstance(value, Decimal) and not value.is_finite():
            raise UnreadableFileError("must be a number", place=f"{place}.{name}")


def _by_uid(kind: str, records: Sequence[_R]) -> Mapping[int, _R]:
    found: dict[int, _R] = {}
    for index, record in enumerate(records):
        if record.uid in found:
            raise UnreadableFileError(f"uid {record.uid} must not occur twice", place=f"plan.{kind}[{index}].uid")
        found[record.uid] = record
    return found
