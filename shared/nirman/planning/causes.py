"""What was edited between two plans that can move dates, in words, and which tasks it touches first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nirman.planning.change import differences
from nirman.planning.events import Change
from nirman.planning.model import Calendar, Kind, Link, Plan
from nirman.planning.words import described, named, value_of

DATELESS: Mapping[Kind, frozenset[str]] = {
    Kind.PROJECT: frozenset(
        {
            *("name", "time_zone", "currency", "minutes_per_week", "days_per_month", "critical_slack_minutes"),
            *("multiple_critical_paths", "critical_by", "open_ends_critical", "new_tasks_effort_driven", "slack_kind"),
            "float_by_project",
            *("rain_days", "indirect_cost_per_day", "delay_damages_per_day"),
        }
    ),
    Kind.CALENDAR: frozenset({"name"}),
    Kind.TASK: frozenset(
        {
            *("name", "notes", "labels", "code", "position", "priority", "deadline", "milestone", "effort_driven"),
            *("fixed_cost", "fixed_cost_accrual", "actual_cost", "physical_percent", "percent_kind"),
            *("leveling_can_split", "duration_estimate", "crash", "rain_stops_work"),
        }
    ),
    Kind.LINK: frozenset({"overlap"}),
    Kind.RESOURCE: frozenset(
        {
            *("name", "standard_rate", "overtime_rate", "cost_per_use", "accrual", "initials", "group", "code"),
            *("email", "material_label", "notes", "labels", "availability", "can_level", "skills"),
        }
    ),
    Kind.ASSIGNMENT: frozenset({"cost", "actual_cost"}),
}
"""Fields that no date depends on. Kinds left out (baselines, risks) have no others."""
LENGTH = frozenset(
    {
        *("duration_minutes", "duration_elapsed", "remaining_minutes", "percent_complete", "splits", "work_minutes"),
        *("effort", "stop", "resume", "expected_finish", "actual_finish"),
    }
)
"""Fields of a task that decide how long it takes rather than when it starts."""


@dataclass(frozen=True, slots=True)
class Edits:
    """`causes` in the order of kinds; the mappings are from a task's uid to indexes of causes."""

    causes: tuple[Change, ...]
    placing: Mapping[int, tuple[int, ...]]
    """What decides when the task starts."""
    lasting: Mapping[int, tuple[int, ...]]
    """What decides how long it takes, and by whom it is done."""
    links: Mapping[int, int]
    """By the link's uid."""
    calendars: Mapping[int, tuple[int, ...]]
    """By the calendar's uid; those that are based on a changed one too."""
    project: tuple[int, ...]


def edits(before: Plan, after: Plan) -> Edits:
    """What differs between the two plans and can move a task."""
    causes = tuple(_relevant(before, after))
    touched = _Touched(before, after)
    for index, change in enumerate(causes):
        touched.take(index, change)
    return Edits(
        causes=causes,
        placing=touched.placing,
        lasting=touched.lasting,
        links=touched.links | _links_of_tasks(causes, touched.links, before, after),
        calendars=touched.calendars,
        project=tuple(touched.project),
    )


@dataclass(slots=True)
class _Touched:
    before: Plan
    after: Plan
    placing: dict[int, tuple[int, ...]] = field(default_factory=dict)
    lasting: dict[int, tuple[int, ...]] = field(default_factory=dict)
    links: dict[int, int] = field(default_factory=dict)
    calendars: dict[int, tuple[int, ...]] = field(default_factory=dict)
    project: list[int] = field(default_factory=list)

    def take(self, index: int, change: Change) -> None:
        match change.kind:
            case Kind.TASK:
                self._task(index, change)
            case Kind.LINK:
                self.links[change.uid] = index
            case Kind.ASSIGNMENT | Kind.RESOURCE:
                _add(self.lasting, _worked_on(self.before, self.after, change), index)
            case Kind.CALENDAR:
                _add(self.calendars, _based_on(self.before, self.after, change.uid), index)
            case _:
                self.project.append(index)

    def _task(self, index: int, change: Change) -> None:
        whole = change.op != "updated"
        if whole or change.fields.keys() - LENGTH - DATELESS[Kind.TASK]:
            _add(self.placing, (change.uid,), index)
        if whole or change.fields.keys() & (LENGTH | {"calendar_uid"}):
            _add(self.lasting, (change.uid,), index)


def _links_of_tasks(causes: Sequence[Change], links: Mapping[int, int], before: Plan, after: Plan) -> dict[int, int]:
    """A link that came or went with a task at one of its ends is that task's doing."""
    found = {}
    for plan, op in ((after, "created"), (before, "deleted")):
        tasks = {
            change.uid: index for index, change in enumerate(causes) if change.kind is Kind.TASK and change.op == op
        }
        for uid, index in links.items():
            if causes[index].op == op:
                link = plan.links[uid]
                found[uid] = tasks.get(link.predecessor_uid, tasks.get(link.successor_uid, index))
    return found


def in_words(change: Change, before: Plan, after: Plan) -> str:
    """One line: what was edited, and from what to what."""
    subject = _subject(change, before, after)
    if change.op != "updated":
        return f"{subject} {'added' if change.op == 'created' else 'removed'}"
    per_day = after.project.minutes_per_day
    changed = ", ".join(
        _exceptions(*values) if name == "exceptions" else f"{_label(name)} {_pair(name, values, per_day)}"
        for name, values in sorted(change.fields.items())
        if name not in DATELESS[change.kind]
    )
    return f"{subject}: {changed}"


def _relevant(before: Plan, after: Plan) -> Iterator[Change]:
    for change in differences(before, after):
        dateless = DATELESS.get(change.kind)
        if dateless is not None and (change.op != "updated" or change.fields.keys() - dateless):
            yield change


def _add(found: dict[int, tuple[int, ...]], uids: Iterable[int], index: int) -> None:
    for uid in uids:
        found[uid] = (*found.get(uid, ()), index)


def _worked_on(before: Plan, after: Plan, change: Change) -> set[int]:
    """The tasks of an assignment, or of a resource's assignments."""
    of_resource = change.kind is Kind.RESOURCE
    return {
        assignment.task_uid
        for plan in (before, after)
        for assignment in plan.assignments.values()
        if (assignment.resource_uid if of_resource else assignment.uid) == change.uid
    }


def _based_on(before: Plan, after: Plan, uid: int) -> set[int]:
    """The calendar and all that are based on it, in either plan."""
    found = {uid}
    waiting = [uid]
    calendars: Iterable[Calendar] = (*before.calendars.values(), *after.calendars.values())
    while waiting:
        base = waiting.pop()
        more = {calendar.uid for calendar in calendars if calendar.base_uid == base} - found
        found |= more
        waiting += more
    return found


def _subject(change: Change, before: Plan, after: Plan) -> str:
    plan = before if change.op == "deleted" else after
    record: Any = plan.records(change.kind)[change.uid]
    match change.kind:
        case Kind.PROJECT:
            return "project"
        case Kind.LINK:
            assert isinstance(record, Link)
            return described(record, plan)
        case Kind.ASSIGNMENT:
            return f'assignment of "{plan.resources[record.resource_uid].name}" to {named(plan.tasks[record.task_uid])}'
        case Kind.TASK:
            return named(record)
        case _:
            return f'{change.kind} "{record.name}" ({record.uid})'


def _label(name: str) -> str:
    return name.removesuffix("_minutes").removesuffix("_uid").replace("_", " ")


def _pair(name: str, values: tuple[Any, Any], minutes_per_day: int) -> str:
    was, now = (value_of(name, value, minutes_per_day) for value in values)
    return "changed" if was == now else f"{was} -> {now}"


def _exceptions(was: Any, now: Any) -> str:
    """Days off that came and went, the first of each by name and date."""
    came = [day for day in now or () if day not in (was or ())]
    went = [day for day in was or () if day not in (now or ())]
    return ", ".join(f"{verb} {_days(days)}" for verb, days in (("added", came), ("removed", went)) if days)


def _days(days: list[dict[str, Any]]) -> str:
    first = days[0]
    name = f'"{first["name"]}" ' if first.get("name") else ""
    until = "" if first["finish"] == first["start"] else f" to {first['finish']}"
    return f"{name}{first['start']}{until}" + (f" and {len(days) - 1} more" if len(days) > 1 else "")
