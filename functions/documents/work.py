"""Imports and exports, step by step. Each step can be done again: a worker may die anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from nirman.aws import keys
from nirman.aws.files import Files
from nirman.errors import InvalidInputError, InvalidPlanError
from nirman.interchange import FORMATS, read_plan, write_plan
from nirman.jobs.job import JobError, JobKind, Output
from nirman.jobs.parameters import MAX_FILE_BYTES, ExportParameters, ImportParameters
from nirman.jobs.service import Run
from nirman.planlog.service import PlanService
from nirman.planning.change import differences, keeping
from nirman.planning.commands import Replacement
from nirman.planning.findings import Finding, Severity
from nirman.planning.model import COLLECTIONS, Plan
from nirman.planning.rules import check_plan
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.tenancy.directory import Directory
from nirman.tenancy.identity import Access, Permission

MAX_FINDINGS = 200
"""In the job itself; the whole report is a file then."""
_PROGRESS_STEP = 10


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file holds; no plan when it cannot be taken."""

    plan: Plan | None
    schedule: Schedule | None
    findings: tuple[Finding, ...]
    unsaid: frozenset[str] = frozenset()


class Documents:
    def __init__(self, *, plans: PlanService, directory: Directory, files: Files) -> None:
        self._plans = plans
        self._directory = directory
        self._files = files

    def work(self, run: Run) -> None:
        {JobKind.IMPORT: self._import, JobKind.EXPORT: self._export}[run.job.kind](run)

    def _import(self, run: Run) -> None:
        job = run.job
        parameters = msgspec.convert(job.parameters, ImportParameters)
        self._access(run)
        file = self._files.get(keys.import_object(job.key, parameters.upload), max_bytes=MAX_FILE_BYTES)
        run.step(20)
        read = self._beside(run, _read(file.data, file.name))
        run.step(60)
        report = _report(read)
        output = self._whole_report(run, read.findings)
        if parameters.dry_run:
            run.succeed(report, output=output)
        elif read.plan is None:
            errors = sum(finding.severity is Severity.ERROR for finding in read.findings)
            run.fail(
                JobError(code=InvalidPlanError.code, text=f"the file has {errors} errors"), result=report, output=output
            )
        else:
            run.step(80, last=True)
            replacement = Replacement(
                command_id=job.id,
                base_revision=parameters.base_revision or 0,
                plan=read.plan,
                source=file.name,
                unsaid=read.unsaid,
            )
            # Asked again: the author may have lost the right to since.
            revision = self._plans.replace(self._access(run), replacement).revision
            run.succeed(report | {"revision": revision}, output=output)

    def _beside(self, run: Run, read: _Read) -> _Read:
        """What the project has that the file says nothing about is said to stay."""
        if read.plan is None or not read.unsaid:
            return read
        before = self._plans.read(run.job.key).plan
        kept = differences(read.plan, keeping(before, read.plan, read.unsaid))
        if not kept:
            return read
        names = sorted({COLLECTIONS[x.kind] if x.op == "created" else name for x in kept for name in x.fields})
        text = f"the format has no {', '.join(names)}: {len(kept)} records of the project keep theirs"
        finding = Finding(severity=Severity.INFO, rule="kept-beside-file", text=text)
        return replace(read, findings=(*read.findings, finding))

    def _export(self, run: Run) -> None:
        job = run.job
        parameters = msgspec.convert(job.parameters, ExportParameters)
        self._access(run)
        state = self._plans.read(job.key)
        schedule = state.schedule
        run.step(20)
        data = write_plan(state.plan, schedule, parameters.format, _stepping(run, first=20, last=90))
        made = FORMATS[parameters.format]
        output = self._put(
            run,
            data,
            object_name=f"plan.{made.extension}",
            name=f"{_file_name(state.plan.project.name)}.{made.extension}",
            media_type=made.media_type,
        )
        run.succeed({"revision": state.revision}, output=output)

    def _access(self, run: Run) -> Access:
        return self._directory.open(run.job.created_by, run.job.project, Permission.EDIT)

    def _whole_report(self, run: Run, findings: tuple[Finding, ...]) -> Output | None:
        if len(findings) <= MAX_FINDINGS:
            return None
        data = msgspec.json.encode({"findings": findings})
        return self._put(run, data, object_name="report.json", name="report.json", media_type="application/json")

    def _put(self, run: Run, data: bytes, *, object_name: str, name: str, media_type: str) -> Output:
        key = keys.export_object(run.job.tenant, run.job.id, object_name)
        self._files.put(key, data, name=name, media_type=media_type)
        return Output(object=key, name=name, media_type=media_type, size_bytes=len(data))


def _read(data: bytes, name: str) -> _Read:
    """Held against the same rules as any change to a plan; UnreadableFileError when there is nothing to report on."""
    result = read_plan(data, name)
    if result.plan is None:
        return _Read(None, None, result.findings)
    try:
        check_plan(result.plan)
        return _Read(result.plan, schedule_plan(result.plan), result.findings, result.unsaid)
    except InvalidInputError as exc:
        uids = exc.uids if isinstance(exc, InvalidPlanError) else ()
        broken = Finding(
            severity=Severity.ERROR, rule=exc.code, text=exc.rule, place=exc.place, uid=uids[0] if uids else None
        )
        return _Read(None, None, (*result.findings, broken))


def _report(read: _Read) -> dict[str, Any]:
    found = Counter(finding.severity for finding in read.findings)
    report: dict[str, Any] = {
        "importable": read.plan is not None,
        "findings": msgspec.to_builtins(read.findings[:MAX_FINDINGS]),
        "finding_counts": {severity.value: found[severity] for severity in Severity},
        "findings_left_out": max(0, len(read.findings) - MAX_FINDINGS),
    }
    if read.plan is not None and read.schedule is not None:
        report |= {
            "name": read.plan.project.name,
            "counts": {name: len(read.plan.records(kind)) for kind, name in COLLECTIONS.items()},
            "start": read.schedule.project_start.isoformat(),
            "finish": read.schedule.project_finish.isoformat(),
        }
    return report


def _stepping(run: Run, *, first: int, last: int) -> Callable[[int], None]:
    """Tells the job how far a writer is, from `first` to `last` percent, not at every percent."""
    told = first

    def step(percent: int) -> None:
        nonlocal told
        reached = first + (last - first) * percent // 100
        if reached >= told + _PROGRESS_STEP:
            told = reached
            run.step(reached)

    return step


def _file_name(project: str) -> str:
    """The project's name without what file systems refuse."""
    kept = "".join(" " if char in '\\/:*?"<>|' or ord(char) < 32 else char for char in project)
    return " ".join(kept.split())[:100] or "plan"
