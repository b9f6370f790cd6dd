"""A project as of one revision, folded from its log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import msgspec

from nirman.planlog.ports import Snapshot
from nirman.planning.change import apply_changes
from nirman.planning.events import Event
from nirman.planning.model import Plan, Project
from nirman.planning.schedule import Schedule, schedule_plan

TAIL = 200
"""Events kept beside the plan, so that a merge need not read them again."""


class BrokenLogError(RuntimeError):
    """What was stored contradicts itself: a revision is missing or does not follow from the one before."""


@dataclass(frozen=True)
class PlanState:
    """`tail` has the newest events, ascending, without holes, the last being `revision`."""

    revision: int
    digest: str
    plan: Plan
    tail: tuple[Event, ...] = ()
    deleted: bool = False

    @cached_property
    def schedule(self) -> Schedule:
        return schedule_plan(self.plan)

    def after(self, events: Sequence[Event]) -> PlanState:
        """The state once the events that follow are applied; BrokenLogError if they do not follow."""
        state = self
        for event in events:
            state = state.then(event, apply_changes(state.plan, event.changes))
        return state

    def then(self, event: Event, plan: Plan) -> PlanState:
        """The state after one more event, which made `plan`; BrokenLogError if it does not follow."""
        if event.revision != self.revision + 1 or event.previous_digest != self.digest:
            raise BrokenLogError(f"revision {event.revision} of {event.project} does not follow {self.revision}")
        tail = (*self.tail[-TAIL + 1 :], event)
        return PlanState(event.revision, event.digest, plan, tail, deleted=event.type == "project.deleted")

    def since(self, revision: int) -> tuple[Event, ...] | None:
        """The events after `revision`, or None when the tail does not reach back that far."""
        if revision >= self.revision:
            return ()
        if not self.tail or self.tail[0].revision > revision + 1:
            return None
        return self.tail[revision + 1 - self.tail[0].revision :]


NOTHING = PlanState(0, "", Plan(project=Project(start=datetime(1970, 1, 1))))
"""What every log starts from."""


def from_snapshot(snapshot: Snapshot) -> PlanState:
    return PlanState(snapshot.revision, snapshot.digest, snapshot.plan)


def sealed(event: Event) -> Event:
    """The event with its digest: SHA-256 of its canonical JSON, which holds the digest of the event before."""
    return msgspec.structs.replace(event, digest=digest_of(event))


def digest_of(event: Event) -> str:
    plain = msgspec.structs.replace(event, digest="", body=None)
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()
