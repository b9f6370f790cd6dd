"""Every operation of the HTTP API, from its OpenAPI document, with a request that would succeed for an owner.

An operation without a sample fails the tests that use this, so a new route is not forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SEEN = {"If-Match": '"{revision}"'}


@dataclass(frozen=True)
class Sample:
    """What to send: `headers` may name the `{revision}` of the project."""

    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)


_UPDATE = {"op": "update", "kind": "task", "uid": 1, "values": {"name": "Bored piles"}}
SAMPLES: Mapping[str, Sample] = {
    "health": Sample(),
    "me": Sample(),
    "issueTicket": Sample(),
    "getAsyncApi": Sample(),
    "getMessageSchema": Sample(),
    "getRealtimeStatus": Sample(),
    "listNotes": Sample(query={"room": "user"}),
    "announce": Sample({"text": "No work tomorrow"}),
    "listOnline": Sample(),
    "listActive": Sample(),
    "listProjects": Sample(),
    "createProject": Sample({"name": "Bridge", "start": "2026-01-04T08:00:00"}),
    "getProject": Sample(),
    "updateProject": Sample({"name": "Tower two"}, SEEN),
    "deleteProject": Sample(headers=SEEN),
    "listMembers": Sample(),
    "putMember": Sample({"role": "planner"}),
    "removeMember": Sample(),
    "undo": Sample({}),
    "redo": Sample({}),
    "commit": Sample({"operations": [_UPDATE]}, SEEN),
    "listLocks": Sample(),
    "lock": Sample({"kind": "task", "uid": 1}),
    "takeOverLock": Sample({"kind": "task", "uid": 1, "reason": "The site waits"}),
    "beatLocks": Sample(),
    "unlock": Sample(),
    "getSchedule": Sample(),
    "listMoves": Sample(query={"from": 1}),
    "getChecks": Sample(),
    "getEstimatedHolidays": Sample(),
    "getFloatPaths": Sample(),
    "listBaselines": Sample(),
    "getBaseline": Sample(),
    "takeBaseline": Sample({"name": "Approved"}, SEEN),
    "clearBaseline": Sample(headers=SEEN),
    "getEarnedValue": Sample(query={"limit": 1}),
    "getCashFlow": Sample(),
    "listEvents": Sample(query={"after": 0}),
    "listProjectActivity": Sample(),
    "listActivity": Sample(),
    "search": Sample(query={"q": "pil"}),
    "createImport": Sample({"name": "plan.xml"}),
    "runImport": Sample({"dry_run": True}),
    "createExport": Sample({"format": "json"}),
    "listConflicts": Sample(),
    "getHistogram": Sample(query={"period": "month"}),
    "createOptimization": Sample({"kind": "level", "options": {"time_limit_s": 1}}),
    "listOptimizations": Sample(),
    "applyOptimization": Sample({}),
    "listJobs": Sample(),
    "getJob": Sample(),
    "cancelJob": Sample(),
    "listTasks": Sample(),
    "createTask": Sample({"name": "Pile caps"}, SEEN),
    "getTask": Sample(),
    "updateTask": Sample({"name": "Bored piles"}, SEEN),
    "deleteTask": Sample(headers=SEEN),
    "listLinks": Sample(),
    "createLink": Sample({"predecessor_uid": 1, "successor_uid": 3}, SEEN),
    "getLink": Sample(),
    "updateLink": Sample({"lag_minutes": 480}, SEEN),
    "deleteLink": Sample(headers=SEEN),
    "listResources": Sample(),
    "createResource": Sample({"name": "Mason"}, SEEN),
    "getResource": Sample(),
    "updateResource": Sample({"max_units": 2.0}, SEEN),
    "deleteResource": Sample(headers=SEEN),
    "listAssignments": Sample(),
    "createAssignment": Sample({"task_uid": 2, "resource_uid": 1}, SEEN),
    "getAssignment": Sample(),
    "updateAssignment": Sample({"units": 0.5}, SEEN),
    "deleteAssignment": Sample(headers=SEEN),
    "listCalendars": Sample(),
    "createCalendar": Sample({"name": "Night shift"}, SEEN),
    "getCalendar": Sample(),
    "updateCalendar": Sample({"name": "Site"}, SEEN),
    "deleteCalendar": Sample(headers=SEEN),
    "listRisks": Sample(),
    "createRisk": Sample({"name": "Flood", "probability": 0.2}, SEEN),
    "getRisk": Sample(),
    "updateRisk": Sample({"probability": 0.1}, SEEN),
    "deleteRisk": Sample(headers=SEEN),
}
PATH_UIDS = {"calendars": 2}
"""Records that the paths name, by collection, where it is not 1: calendar 1 is in use and so cannot be deleted."""
FOR_REPORTERS = {"undo", "redo", "lock", "beatLocks", "unlock"}
"""What those may call who report progress; whether they may have what they ask for, is another matter."""
CHANGES_NOTHING = {"issueTicket"}
"""Operations other than GET that everyone signed in may call."""


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    public: bool

    def __str__(self) -> str:
        return self.id

    @property
    def changes(self) -> bool:
        return self.method != "GET" and self.id not in CHANGES_NOTHING

    @property
    def inside_project(self) -> bool:
        return "{project}" in self.path or "{job}" in self.path

    @property
    def sample(self) -> Sample:
        return SAMPLES[self.id]

    def address(self, names: Mapping[str, Any]) -> str:
        """The path with `project`, `job`, `optimization`, `user`, `import_id` filled in; else 1, a task, a ping."""
        collection = self.path.split("/")[4] if self.path.count("/") >= 4 else ""
        return self.path.format_map({"uid": PATH_UIDS.get(collection, 1), "kind": "task", "type": "ping", **names})

    def headers(self, revision: int) -> dict[str, str]:
        return {name: value.format(revision=revision) for name, value in self.sample.headers.items()}


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield Operation(described["operationId"], method.upper(), path, public="security" not in described)
