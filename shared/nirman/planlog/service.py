"""Reading a project and committing to it: the one way in which a plan changes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_other
from datetime import UTC, datetime
from functools import partial

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
from nirman.planlog.undo import LOOK_BACK, Stacks, check_taking_back, named_edit
from nirman.planning.change import apply, differences, keeping
from nirman.planning.commands import Command, LockClaim, Operation, Replacement
from nirman.planning.events import FORMAT, Change, Event, EventType
from nirman.planning.merge import Since
from nirman.planning.model import Calendar, Kind, Plan, Project
from nirman.planning.moves import moved_tasks
from nirman.planning.rules import check_plan
from nirman.planning.schedule import reschedule, schedule_plan
from nirman.planning.taking_back import taken_back
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
    """Without a hole. `complete`: the last event is the head. `lost`: what follows the revision is kept no longer."""

    events: tuple[Event, ...]
    head: int
    complete: bool
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """A change asked for, whatever its form; `change` gives the plan after it and the facts, from the state at the head
    and what was committed since the base revision.
    """

    key: ProjectKey
    author: Principal
    command_id: str
    base_revision: int
    fingerprint: str
    change: Callable[[PlanState, Since], tuple[Plan, tuple[Change, ...]]]
    operations: Sequence[Operation] = ()
    locks: Sequence[LockClaim] = ()
    known: Collection[int] = ()
    type: EventType = "plan.changed"
    source: str = ""
    holds: Callable[[PlanState, Sequence[Event]], None] = lambda _state, _since: None
    """Raises where the change should not be made after what was committed since the base revision."""
    undoes: int | None = None
    redoes: int | None = None

    @property
    def takes_back(self) -> bool:
        return self.undoes is not None or self.redoes is not None


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
        request = _Request(
            key=key,
            author=author,
            command_id=command_id,
            base_revision=0,
            fingerprint=_fingerprint(changes),
            change=lambda _state, _since: (plan, changes),
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
        return self._commit(_requested(access, command), expected_revision)

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
        return self._commit(with_other(_requested(access, command), source=source, holds=holds))

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
            change=partial(_replaced, replacement),
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
            change=lambda state, _: (state.plan, ()),
            type="project.deleted",
        )
        return self._commit(request, expected_revision)

    def undo(
        self, access: Access, *, command_id: str, revision: int | None = None, locks: Sequence[LockClaim] = ()
    ) -> CommitResult:
        """Take back a change of the caller's own as a new revision: that of `revision`, else the last one in effect.

        ConflictError where others built on it, and nothing is written. Raises what `commit` raises beside;
        InvalidInputError also where there is nothing to take back.
        """

        def chosen(state: PlanState) -> Event:
            user = access.principal.user
            if revision is not None:
                if not max(0, state.revision - LOOK_BACK) < revision <= state.revision:
                    rule = f"must be one of the last {LOOK_BACK} revisions, up to {state.revision}"
                    raise InvalidInputError(rule, place="revision")
                return named_edit(self._since(access.key, state, revision - 1), user, revision)
            for events in self._recent(access.key, state):
                if edits := Stacks(events, user).edits:
                    return edits[-1]
            raise InvalidInputError("there is nothing of yours to take back", place="revision")

        request = self._taking_back(access, command_id, _fingerprint(["undo", revision]), locks)
        return self._take_back(access, request, chosen)

    def redo(self, access: Access, *, command_id: str, locks: Sequence[LockClaim] = ()) -> CommitResult:
        """Make again what the caller's last undo took back, unless the caller edited since; else as `undo`."""

        def chosen(state: PlanState) -> Event:
            for events in self._recent(access.key, state):
                stacks = Stacks(events, access.principal.user)
                if stacks.undos:
                    return stacks.undos[-1]
                if stacks.edited:
                    break
            raise InvalidInputError("there is no undo of yours to take back", place="revision")

        request = self._taking_back(access, command_id, _fingerprint(["redo"]), locks)
        return self._take_back(access, request, chosen)

    def _taking_back(self, access: Access, command_id: str, fingerprint: str, locks: Sequence[LockClaim]) -> _Request:
        """Of what, is to be found."""
        access.require(Permission.PROGRESS)
        return _Request(
            key=access.key,
            author=access.principal,
            command_id=command_id,
            base_revision=0,
            fingerprint=fingerprint,
            change=lambda state, _: (state.plan, ()),
            locks=locks,
        )

    def _take_back(self, access: Access, request: _Request, chosen: Callable[[PlanState], Event]) -> CommitResult:
        """The event that `chosen` finds in the state at the head is taken back."""
        for _ in self._pauses():
            if self._log.done(request.key, request.command_id):
                return self._done_before(request)
            state = self.read(request.key)
            event = chosen(state)
            check_taking_back(access, event.changes)
            redo = event.undoes is not None
            request = with_other(
                request,
                base_revision=event.revision,
                change=partial(_taken_back, event.changes),
                type=event.type,
                undoes=None if redo else event.revision,
                redoes=event.revision if redo else None,
            )
            if result := self._written(state, self._since(request.key, state, event.revision), request):
                return result
        raise _busy()

    def _recent(self, key: ProjectKey, state: PlanState) -> Iterator[Sequence[Event]]:
        """The newest events: those at hand, then more, if there are."""
        yield state.tail
        first = max(0, state.revision - LOOK_BACK)
        if state.revision - len(state.tail) > first:
            yield self._since(key, state, first)

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
            if result := self._written(state, since, request):
                return result
        raise _busy()

    def _written(self, state: PlanState, since: Sequence[Event], request: _Request) -> CommitResult | None:
        """The next revision; None where somebody else was first, or nobody knows: then it is to be tried again."""
        event, after = self._next(state, Since(_unknown(since, request)), request)
        locks = self._permit(request, event)
        try:
            self._log.append(request.key, event, fingerprint=request.fingerprint, locks_revision=locks)
        except (RevisionTakenError, StoreUnsureError):
            return None
        except CommandDoneError:
            return self._done_before(request)
        self._remember(request.key, after)
        self._keep_snapshot(request.key, after)
        return CommitResult(event, after, merged=state.revision > request.base_revision)

    def _permit(self, request: _Request, event: Event) -> int | None:
        """The revision of the locks that the commit rests on; a new project has none."""
        if self._locks is None or event.revision == 1:
            return None
        return self._locks.permit(request.key, request.author, request.locks, event.changes)

    def _next(self, state: PlanState, since: Since, request: _Request) -> tuple[Event, PlanState]:
        """The event that would follow, with everything checked; nothing is written."""
        if conflicts := since.gone(request.operations):
            raise ConflictError(conflicts, head=state.revision)
        plan, changes = request.change(state, since)
        # What is taken back was held against the plan as it is, value by value.
        if not request.takes_back and (conflicts := since.conflicts(changes, request.operations)):
            raise ConflictError(conflicts, head=state.revision)
        request.holds(state, since.events)
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
                undoes=request.undoes,
                redoes=request.redoes,
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


def _requested(access: Access, command: Command) -> _Request:
    check_operations(access, command.operations)
    return _Request(
        key=access.key,
        author=access.principal,
        command_id=command.command_id,
        base_revision=command.base_revision,
        fingerprint=_fingerprint(command.operations),
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


def _taken_back(changes: Sequence[Change], state: PlanState, since: Since) -> tuple[Plan, tuple[Change, ...]]:
    return taken_back(state.plan, changes, since, head=state.revision)


def _unknown(since: Iterable[Event], request: _Request) -> Iterator[Event]:
    """What the author cannot have seen; nobody knows others' changes by saying so."""
    own = request.author.user
    return (event for event in since if event.user != own or event.revision not in request.known)


def _renumbered(before: Plan, after: Plan) -> Plan:
    """The new plan, never giving a uid again that either plan has given."""
    next_uids = {kind: max(before.next_uid(kind), after.next_uid(kind)) for kind in Kind}
    return with_other(after, next_uids=next_uids)


def _fingerprint(content: object) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _busy() -> BusyError:
    return BusyError("too many commit to this project at once; send the same command again")


def _no_project() -> int:
    raise NotFoundError("there is no such project")
