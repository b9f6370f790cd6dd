"""How a change becomes the next revision: checked against the head, merged, scheduled, sealed, written once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from nirman.errors import BusyError, CommandReusedError, ConflictError, InvalidInputError, PreconditionFailedError
from nirman.planlog.ports import CommandDoneError, Locks, PlanLog, RevisionTakenError, Snapshot, StoreUnsureError
from nirman.planlog.state import PlanState, sealed
from nirman.planlog.states import States, no_project
from nirman.planning.commands import LockClaim, Operation
from nirman.planning.events import FORMAT, Change, Event, EventType
from nirman.planning.merge import Since
from nirman.planning.model import Plan
from nirman.planning.moves import moved_tasks
from nirman.planning.schedule import reschedule, schedule_plan
from nirman.tenancy.identity import Principal, ProjectKey


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
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


def fingerprint(content: object) -> str:
    """Of what a command asks for: the same command sent again has the same."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


class Commits:
    """Collaborators as of `PlanService`."""

    def __init__(
        self,
        log: PlanLog,
        states: States,
        *,
        now: Callable[[], datetime],
        pauses: Callable[[], Iterator[None]],
        snapshot_every: int,
        locks: Locks | None,
    ) -> None:
        self._log = log
        self._states = states
        self._now = now
        self._pauses = pauses
        self._snapshot_every = snapshot_every
        self._locks = locks

    def commit(self, request: Request, expected_revision: int | None = None) -> CommitResult:
        """Errors as of `PlanService.commit`."""
        return self.until_written(lambda: self._tried(request, expected_revision))

    def until_written(self, attempt: Callable[[], CommitResult | None]) -> CommitResult:
        """What the first attempt gives that is not None; BusyError when there were enough."""
        for _ in self._pauses():
            if result := attempt():
                return result
        raise BusyError("too many commit to this project at once; send the same command again")

    def done(self, since: Iterable[Event], request: Request) -> Event | None:
        """The event of this very command, when it is among those committed after its base revision."""
        for event in since:
            if event.command_id == request.command_id:
                self._check_fingerprint(request)
                return event
        return None

    def done_before(self, request: Request) -> CommitResult | None:
        """What the command gave when it was done, if it was; CommandReusedError where that was another."""
        return self._repeated(request) if self._log.done(request.key, request.command_id) else None

    def written(self, state: PlanState, since: Sequence[Event], request: Request) -> CommitResult | None:
        """The next revision; None where somebody else was first, or nobody knows: then it is to be tried again."""
        event, after = self._next(state, Since(_unknown(since, request)), request)
        locks = self._permit(request, event)
        try:
            self._log.append(request.key, event, fingerprint=request.fingerprint, locks_revision=locks)
        except (RevisionTakenError, StoreUnsureError):
            return None
        except CommandDoneError:
            return self._repeated(request)
        self._states.remember(request.key, after)
        self._keep_snapshot(request.key, after)
        return CommitResult(event, after, merged=state.revision > request.base_revision)

    def _tried(self, request: Request, expected_revision: int | None) -> CommitResult | None:
        state = self._states.current(request.key)
        if request.base_revision > state.revision:
            raise InvalidInputError(f"the project is at revision {state.revision}", place="base_revision")
        since = self._states.since(request.key, state, request.base_revision)
        if done := self.done(since, request):
            return CommitResult(done, state, repeated=True)
        if state.deleted or (state.revision == 0 and request.type != "project.created"):
            no_project()
        if expected_revision not in (None, state.revision):
            raise PreconditionFailedError(expected=expected_revision or 0, head=state.revision)
        return self.written(state, since, request)

    def _permit(self, request: Request, event: Event) -> int | None:
        """The revision of the locks that the commit rests on; a new project has none."""
        if self._locks is None or event.revision == 1:
            return None
        return self._locks.permit(request.key, request.author, request.locks, event.changes)

    def _next(self, state: PlanState, since: Since, request: Request) -> tuple[Event, PlanState]:
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

    def _repeated(self, request: Request) -> CommitResult:
        revision = self._check_fingerprint(request)
        [event] = self._log.after(request.key, revision - 1, limit=1)
        return CommitResult(event, self._states.current(request.key), repeated=True)

    def _check_fingerprint(self, request: Request) -> int:
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


def _unknown(since: Iterable[Event], request: Request) -> Iterator[Event]:
    """What the author cannot have seen; nobody knows others' changes by saying so."""
    own = request.author.user
    return (event for event in since if event.user != own or event.revision not in request.known)
