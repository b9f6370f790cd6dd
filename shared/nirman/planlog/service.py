"""Reading a project and committing to it: the one way in which a plan changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_other
from datetime import datetime
from functools import partial

from nirman.errors import InvalidInputError
from nirman.planlog.commits import CommitResult, Commits, Request, fingerprint
from nirman.planlog.permissions import check_operations
from nirman.planlog.ports import Locks, PlanLog
from nirman.planlog.state import NOTHING, BrokenLogError, PlanState, digest_of
from nirman.planlog.states import States
from nirman.planlog.undo import TakingBack
from nirman.planning.change import apply, differences, keeping
from nirman.planning.commands import Command, LockClaim, Operation, Replacement
from nirman.planning.events import Change, Event
from nirman.planning.merge import Since
from nirman.planning.model import Calendar, Kind, Plan, Project
from nirman.planning.rules import check_plan
from nirman.tenancy.identity import Access, Permission, Principal, ProjectKey

SNAPSHOT_EVERY = 100
"""Revisions."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class EventPage:
    """Without a hole. `complete`: the last event is the head. `lost`: what follows the revision is kept no longer."""

    events: tuple[Event, ...]
    head: int
    complete: bool
    lost: bool = False


class PlanService:
    """`now` is the clock (aware); `pauses` yields for each try of a commit, having waited, and ends when to give up;
    a snapshot is kept every `snapshot_every` revisions. `locks` are asked before each change is written.
    """

    def __init__(
        self,
        log: PlanLog,
        *,
        now: Callable[[], datetime],
        pauses: Callable[[], Iterator[None]],
        snapshot_every: int = SNAPSHOT_EVERY,
        locks: Locks | None = None,
    ) -> None:
        self._log = log
        self._states = States(log)
        self._commits = Commits(log, self._states, now=now, pauses=pauses, snapshot_every=snapshot_every, locks=locks)
        self._taking_back = TakingBack(self._states, self._commits)

    def head(self, key: ProjectKey) -> int:
        """The newest revision; NotFoundError where there is no project."""
        return self._states.head(key)

    def read(self, key: ProjectKey) -> PlanState:
        """The project at its head; NotFoundError where there is none, or none any more."""
        return self._states.read(key)

    def events(self, key: ProjectKey, *, after: int, limit: int = 100) -> EventPage:
        """The first `limit` events later than a revision; NotFoundError where there is no project."""
        found = tuple(self._log.after(key, after, limit=limit))
        head = found[-1].revision if found and len(found) < limit else self.head(key)
        if not found and head > after:  # committed between the two reads, or kept no longer
            found = tuple(self._log.after(key, after, limit=limit))
        events = tuple(event for revision, event in enumerate(found, after + 1) if event.revision == revision)
        last = events[-1].revision if events else after
        return EventPage(events, head, complete=last >= head, lost=head > after and not events)

    def verify(self, key: ProjectKey) -> int:
        """Follow the chain of digests from the first event; the head, or BrokenLogError names the revision."""
        revision, digest = 0, ""
        while events := self._log.after(key, revision, limit=_PAGE):
            for event in events:
                follows = event.revision == revision + 1 and event.previous_digest == digest
                if not follows or digest_of(event) != event.digest:
                    raise BrokenLogError(f"revision {event.revision} was altered or does not follow")
                revision, digest = event.revision, event.digest
        return revision

    def create(
        self, author: Principal, project_id: str, project: Project, calendars: Sequence[Calendar], *, command_id: str
    ) -> CommitResult:
        """A new project at revision 1. The same command again gives the same result; another is refused."""
        plan = Plan(project=project, calendars={calendar.uid: calendar for calendar in calendars})
        check_plan(plan)
        key = ProjectKey(author.tenant, project_id)
        changes = differences(Plan(project=NOTHING.plan.project), plan)
        request = Request(
            key=key,
            author=author,
            command_id=command_id,
            base_revision=0,
            fingerprint=fingerprint(changes),
            change=lambda _state, _since: (plan, changes),
            type="project.created",
        )
        state = self._states.current(key)
        if state.revision > 0 and not self._commits.done(self._states.since(key, state, 0), request):
            raise InvalidInputError(f"there is a project {project_id} already", place="project")
        return self._commits.commit(request)

    def commit(self, access: Access, command: Command, *, expected_revision: int | None = None) -> CommitResult:
        """Carry a command out as one revision.

        With `expected_revision` (If-Match) nothing may have been committed since: PreconditionFailedError. Without it,
        what others committed since `base_revision` is merged with; ConflictError where the same fields changed.
        Also raises LockedError, LockLostError, ForbiddenError, InvalidInputError, CommandReusedError,
        LimitExceededError, and BusyError when too many others commit at the same time.
        """
        return self._commits.commit(_requested(access, command), expected_revision)

    def apply(
        self,
        access: Access,
        command: Command,
        *,
        source: str,
        holds: Callable[[PlanState, Sequence[Event]], None] = lambda _state, _since: None,
    ) -> CommitResult:
        """Carry out a command that was computed from the plan at its `base_revision`; `source` says by what.

        `holds` is asked with the head and the events since, and raises where the command should not be carried out any
        more. Merges, and raises, as `commit` does.
        """
        return self._commits.commit(with_other(_requested(access, command), source=source, holds=holds))

    def replace(self, access: Access, replacement: Replacement) -> CommitResult:
        """Put another plan in the place of this one (an import), as one revision that says what differs."""
        access.require(Permission.EDIT)
        check_plan(replacement.plan)
        request = Request(
            key=access.key,
            author=access.principal,
            command_id=replacement.command_id,
            base_revision=replacement.base_revision,
            fingerprint=fingerprint(differences(NOTHING.plan, replacement.plan)),
            change=partial(_replaced, replacement),
            type="plan.replaced",
            source=replacement.source,
        )
        return self._commits.commit(request)

    def delete(self, access: Access, *, command_id: str, expected_revision: int) -> CommitResult:
        """End the project; its log stays."""
        access.require(Permission.MANAGE)
        request = Request(
            key=access.key,
            author=access.principal,
            command_id=command_id,
            base_revision=expected_revision,
            fingerprint=fingerprint("project.deleted"),
            change=lambda state, _: (state.plan, ()),
            type="project.deleted",
        )
        return self._commits.commit(request, expected_revision)

    def undo(
        self, access: Access, *, command_id: str, revision: int | None = None, locks: Sequence[LockClaim] = ()
    ) -> CommitResult:
        """Take back a change of the caller's own as a new revision: that of `revision`, else the last one in effect.

        ConflictError where others built on it, and nothing is written. Raises what `commit` raises beside;
        InvalidInputError also where there is nothing to take back.
        """
        return self._taking_back.undo(access, command_id=command_id, revision=revision, locks=locks)

    def redo(self, access: Access, *, command_id: str, locks: Sequence[LockClaim] = ()) -> CommitResult:
        """Make again what the caller's last undo took back, unless the caller edited since; else as `undo`."""
        return self._taking_back.redo(access, command_id=command_id, locks=locks)


def _requested(access: Access, command: Command) -> Request:
    check_operations(access, command.operations)
    return Request(
        key=access.key,
        author=access.principal,
        command_id=command.command_id,
        base_revision=command.base_revision,
        fingerprint=fingerprint(command.operations),
        change=partial(_carried_out, command.operations),
        operations=command.operations,
        locks=command.locks,
        known=frozenset(command.known),
    )


def _carried_out(operations: Sequence[Operation], state: PlanState, since: Since) -> tuple[Plan, tuple[Change, ...]]:
    return apply(state.plan, since.seen(operations), deleted=since.deleted())


def _replaced(replacement: Replacement, state: PlanState, _: Since) -> tuple[Plan, tuple[Change, ...]]:
    after = keeping(state.plan, replacement.plan, replacement.unsaid)
    return _renumbered(state.plan, after), differences(state.plan, after)


def _renumbered(before: Plan, after: Plan) -> Plan:
    """The new plan, never giving a uid again that either plan has given."""
    next_uids = {kind: max(before.next_uid(kind), after.next_uid(kind)) for kind in Kind}
    return with_other(after, next_uids=next_uids)
