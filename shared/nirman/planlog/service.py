"""Reading a project and committing to it: the one way in which a plan changes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from nirman.errors import (
    BusyError,
    CommandReusedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PreconditionFailedError,
)
from nirman.planlog.permissions import check_operations
from nirman.planlog.ports import (
    CommandDoneError,
    Locks,
    PlanLog,
    RevisionTakenError,
    Snapshot,
    StoreUnsureError,
)
from nirman.planlog.state import NOTHING, BrokenLogError, PlanState, digest_of, from_snapshot, sealed
from nirman.planning.change import apply, differences
from nirman.planning.commands import Command, LockClaim, Operation, Replacement
from nirman.planning.events import FORMAT, Change, Event, EventType
from nirman.planning.merge import Since
from nirman.planning.model import Calendar, Kind, Plan, Project
from nirman.planning.moves import moved_tasks
from nirman.planning.rules import check_plan
from nirman.planning.schedule import reschedule, schedule_plan
from nirman.tenancy.identity import Access, Permission, Principal, ProjectKey

SNAPSHOT_EVERY = 100
"""Revisions."""
_WARM = 16
"""Projects kept in memory."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class CommitResult:
    """`merged`: others had committed since the base revision. `repeated`: the command had been done before."""

    event: Event
    state: PlanState
    merged: bool = False
    repeated: bool = False

    @property
    def revision(self) -> int:
        return self.event.revision


@dataclass(frozen=True, slots=True)
class EventPage:
    """`complete`: the last event is the head."""

    events: tuple[Event, ...]
    head: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """A change asked for, whatever its form; `change` gives the plan after it and the facts."""

    key: ProjectKey
    author: Principal
    command_id: str
    base_revision: int
    fingerprint: str
    change: Callable[[Plan], tuple[Plan, tuple[Change, ...]]]
    operations: Sequence[Operation] = ()
    locks: Sequence[LockClaim] = ()
    type: EventType = "plan.changed"
    source: str = ""


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
        self._now = now
        self._pauses = pauses
        self._snapshot_every = snapshot_every
        self._locks = locks
        self._warm: OrderedDict[ProjectKey, PlanState] = OrderedDict()

    def head(self, key: ProjectKey) -> int:
        """The newest revision; NotFoundError where there is no project."""
        return self._log.head(key) or _no_project()

    def read(self, key: ProjectKey) -> PlanState:
        """The project at its head: the warm state, or the snapshot, and what was committed since."""
        state = self._current(key)
        if state.revision == 0 or state.deleted:
            _no_project()
        return state

    def events(self, key: ProjectKey, *, after: int, limit: int = 100) -> EventPage:
        events = tuple(self._log.after(key, after, limit=limit))
        head = events[-1].revision if events and len(events) < limit else self.head(key)
        last = events[-1].revision if events else after
        return EventPage(events, head, complete=last >= head)

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
        request = _Request(
            key=key,
            author=author,
            command_id=command_id,
            base_revision=0,
            fingerprint=_fingerprint(changes),
            change=lambda _: (plan, changes),
            type="project.created",
        )
        state = self._current(key)
        if state.revision > 0 and not self._done(self._since(key, state, 0), request):
            raise InvalidInputError(f"there is a project {project_id} already", place="project")
        return self._commit(request)

    def commit(self, access: Access, command: Command, *, expected_revision: int | None = None) -> CommitResult:
        """Carry a command out as one revision.

        With `expected_revision` (If-Match) nothing may have been committed since: PreconditionFailedError. Without it,
        what others committed since `base_revision` is merged with; ConflictError where the same fields changed.
        Also raises LockedError, LockLostError, ForbiddenError, InvalidInputError, CommandReusedError,
        LimitExceededError, and BusyError when too many others commit at the same time.
        """
        check_operations(access, command.operations)
        request = _Request(
            key=access.key,
            author=access.principal,
            command_id=command.command_id,
            base_revision=command.base_revision,
            fingerprint=_fingerprint(command.operations),
            change=lambda plan: apply(plan, command.operations),
            operations=command.operations,
            locks=command.locks,
        )
        return self._commit(request, expected_revision)

    def replace(self, access: Access, replacement: Replacement) -> CommitResult:
        """Put another plan in the place of this one (an import), as one revision that says what differs."""
        access.require(Permission.EDIT)
        check_plan(replacement.plan)
        request = _Request(
            key=access.key,
            author=access.principal,
            command_id=replacement.command_id,
            base_revision=replacement.base_revision,
            fingerprint=_fingerprint(differences(NOTHING.plan, replacement.plan)),
            change=lambda plan: (_renumbered(plan, replacement.plan), differences(plan, replacement.plan)),
            type="plan.replaced",
            source=replacement.source,
        )
        return self._commit(request)

    def delete(self, access: Access, *, command_id: str, expected_revision: int) -> CommitResult:
        """End the project; its log stays."""
        access.require(Permission.MANAGE)
        request = _Request(
            key=access.key,
            author=access.principal,
            command_id=command_id,
            base_revision=expected_revision,
            fingerprint=_fingerprint("project.deleted"),
            change=lambda plan: (plan, ()),
            type="project.deleted",
        )
        return self._commit(request, expected_revision)

    def _commit(self, request: _Request, expected_revision: int | None = None) -> CommitResult:
        for _ in self._pauses():
            state = self._current(request.key)
            if request.base_revision > state.revision:
                raise InvalidInputError(f"the project is at revision {state.revision}", place="base_revision")
            since = self._since(request.key, state, request.base_revision)
            if done := self._done(since, request):
                return CommitResult(done, state, repeated=True)
            if state.deleted or (state.revision == 0 and request.type != "project.created"):
                _no_project()
            if expected_revision not in (None, state.revision):
                raise PreconditionFailedError(expected=expected_revision or 0, head=state.revision)
            event, after = self._next(state, Since(since), request)
            locks = self._permit(request, event)
            try:
                self._log.append(request.key, event, fingerprint=request.fingerprint, locks_revision=locks)
            except (RevisionTakenError, StoreUnsureError):
                continue
            except CommandDoneError:
                return self._done_before(request)
            self._remember(request.key, after)
            self._keep_snapshot(request.key, after)
            return CommitResult(event, after, merged=state.revision > request.base_revision)
        raise BusyError("too many commit to this project at once; send the same command again")

    def _permit(self, request: _Request, event: Event) -> int | None:
        """The revision of the locks that the commit rests on; a new project has none."""
        if self._locks is None or event.revision == 1:
            return None
        return self._locks.permit(request.key, request.author, request.locks, event.changes)

    def _next(self, state: PlanState, since: Since, request: _Request) -> tuple[Event, PlanState]:
        """The event that would follow, with everything checked; nothing is written."""
        if conflicts := since.gone(request.operations):
            raise ConflictError(conflicts, head=state.revision)
        plan, changes = request.change(state.plan)
        if conflicts := since.conflicts(changes):
            raise ConflictError(conflicts, head=state.revision)
        schedule = reschedule(state.schedule, plan, changes) if state.revision else schedule_plan(plan)
        moved = moved_tasks(state.schedule if state.revision else None, schedule)
        event = sealed(
            Event(
                format=FORMAT,
                tenant=request.key.tenant,
                project=request.key.project,
                revision=state.revision + 1,
                type=request.type,
                command_id=request.command_id,
                user=request.author.user,
                user_name=request.author.name,
                at=self._now().astimezone(UTC).isoformat(timespec="milliseconds"),
                previous_digest=state.digest,
                changes=changes,
                moved=moved,
                moved_count=len(moved),
                project_finish=schedule.project_finish.isoformat(),
                source=request.source,
            )
        )
        after = state.then(event, plan)
        after.__dict__["schedule"] = schedule  # fills the cached property: it was just computed
        return event, after

    def _current(self, key: ProjectKey) -> PlanState:
        state = self._warm.get(key)
        if state is None:
            snapshot = self._log.snapshot(key)
            state = from_snapshot(snapshot) if snapshot else NOTHING
        while events := self._log.after(key, state.revision, limit=_PAGE):
            state = state.after(events)
            if len(events) < _PAGE:
                break
        if state.revision:
            self._remember(key, state)
        return state

    def _since(self, key: ProjectKey, state: PlanState, revision: int) -> tuple[Event, ...]:
        events = state.since(revision)
        if events is not None:
            return events
        found: list[Event] = []
        while page := self._log.after(key, revision, limit=_PAGE):
            found += [event for event in page if event.revision <= state.revision]
            revision = page[-1].revision
        return tuple(found)

    def _done(self, since: Iterable[Event], request: _Request) -> Event | None:
        """The event of this very command, when it is among those committed after its base revision."""
        for event in since:
            if event.command_id == request.command_id:
                self._check_fingerprint(request)
                return event
        return None

    def _done_before(self, request: _Request) -> CommitResult:
        revision = self._check_fingerprint(request)
        [event] = self._log.after(request.key, revision - 1, limit=1)
        return CommitResult(event, self._current(request.key), repeated=True)

    def _check_fingerprint(self, request: _Request) -> int:
        done = self._log.done(request.key, request.command_id)
        if done is None or done.fingerprint != request.fingerprint:
            raise CommandReusedError(f"command {request.command_id} came before with other content")
        return done.revision

    def _keep_snapshot(self, key: ProjectKey, state: PlanState) -> None:
        """Now and then, and after an import. It only saves reading: without it the next one due serves."""
        if state.revision % self._snapshot_every == 0 or state.tail[-1].type == "plan.replaced":
            try:
                self._log.save_snapshot(key, Snapshot(state.revision, state.digest, state.plan))
            except StoreUnsureError:
                return

    def _remember(self, key: ProjectKey, state: PlanState) -> None:
        self._warm[key] = state
        self._warm.move_to_end(key)
        while len(self._warm) > _WARM:
            self._warm.popitem(last=False)


def _renumbered(before: Plan, after: Plan) -> Plan:
    """The new plan, never giving a uid again that either plan has given."""
    next_uids = {kind: max(before.next_uid(kind), after.next_uid(kind)) for kind in Kind}
    return replace(after, next_uids=next_uids)


def _fingerprint(content: object) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _no_project() -> int:
    raise NotFoundError("there is no such project")
