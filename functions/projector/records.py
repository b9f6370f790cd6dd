"""What there is to do about records of a DynamoDB stream: each thing once, however many records ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nirman.aws import keys
from nirman.projection.projector import Projector
from nirman.tenancy.identity import ProjectKey


@dataclass
class Task:
    """`key` is a project, or the tenant whose people are meant; `records` are the sequence numbers that ask for it."""

    key: ProjectKey | str
    prefix: str
    known: int = 0
    records: list[str] = field(default_factory=list)

    def run(self, projector: Projector) -> int:
        """How many events were taken in."""
        if isinstance(self.key, str):
            projector.people(self.key)
        elif self.prefix == keys.MEMBER_PREFIX:
            projector.members(self.key)
        else:
            return projector.project(self.key, known=self.known)
        return 0


@dataclass
class Records:
    """`unreadable` has the sequence numbers of those whose keys are not such as we write."""

    tasks: list[Task] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def read(records: Iterable[Mapping[str, Any]]) -> Records:
    found = Records()
    tasks: dict[tuple[ProjectKey | str, str], Task] = {}
    for record in records:
        change = record["dynamodb"]
        pk, sk = change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]
        prefix, _, rest = sk.partition("#")
        prefix += "#"
        key = keys.tenant_id(pk) if prefix == keys.USER_PREFIX else keys.project_key(pk)
        if key is None or (prefix == keys.EVENT_PREFIX and not rest.isdecimal()):
            found.unreadable.append(change["SequenceNumber"])
            continue
        task = tasks.setdefault((key, prefix), Task(key, prefix))
        task.records.append(change["SequenceNumber"])
        if prefix == keys.EVENT_PREFIX:
            task.known = max(task.known, int(rest))
    found.tasks = list(tasks.values())
    return found
