"""Undo and redo. There is no store for them: the log says what was done, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace as with_other
from functools import partial

from nirman.errors import ForbiddenError, InvalidInputError
from nirman.planlog.commits import CommitResult, Commits, Request, fingerprint
from nirman.planlog.permissions import PROGRESS_FIELDS
from nirman.planlog.state import PlanState
from nirman.planlog.states import States
from nirman.planning.commands import LockClaim
from nirman.planning.events import Change, Event
from nirman.planning.merge import Since
from nirman.planning.model import Kind, Plan
from nirman.planning.taking_back import taken_back
from nirman.tenancy.identity import Access, Permission, ProjectKey, allows

LOOK_BACK = 1_000
"""Revisions, whoever made them: what is older is not taken back any more."""
_FOLLOWS = {
    Kind.TASK: PROGRESS_FIELDS | {"duration_minutes", "work_minutes"},
    Kind.ASSIGNMENT: frozenset({"units", "work_minutes", "actual_work_minutes", "remaining_work_minutes"}),
}
"""Fields that change when progress is reported, and of what."""


class TakingBack:
    """Commits that take back what one person did; `undo` and `redo` are those of `PlanService`."""

    def __init__(self, states: States, commits: Commits) -> None:
        self._states = states
        self._commits = commits

    def undo(
        self, access: Access, *, command_id: str, revision: int | None, locks: Sequence[LockClaim]
    ) -> CommitResult:
        def chosen(state: PlanState) -> Event:
            user = access.principal.user
            if revision is not None:
                if not max(0, state.revision - LOOK_BACK) < revision <= state.revision:
                    rule = f"must be one of the last {LOOK_BACK} revisions, up to {state.revision}"
                    raise InvalidInputError(rule, place="revision")
                return named_edit(self._states.since(access.key, state, revision - 1), user, revision)
            for events in self._recent(access.key, state):
                if edits := Stacks(events, user).edits:
                    return edits[-1]
            raise InvalidInputError("there is nothing of yours to take back", place="revision")

        return self._take_back(access, _asked(access, command_id, ["undo", revision], locks), chosen)

    def redo(self, access: Access, *, command_id: str, locks: Sequence[LockClaim]) -> CommitResult:
        def chosen(state: PlanState) -> Event:
            for events in self._recent(access.key, state):
                stacks = Stacks(events, access.principal.user)
                if stacks.undos:
                    return stacks.undos[-1]
                if stacks.edited:
                    break
            raise InvalidInputError("there is no undo of yours to take back", place="revision")

        return self._take_back(access, _asked(access, command_id, ["redo"], locks), chosen)

    def _take_back(self, access: Access, asked: Request, chosen: Callable[[PlanState], Event]) -> CommitResult:
        """The event that `chosen` finds in the state at the head is taken back."""

        def attempt() -> CommitResult | None:
            if done := self._commits.done_before(asked):
                return done
            state = self._states.read(asked.key)
            event = chosen(state)
            check_taking_back(access, event.changes)
            redo = event.undoes is not None
            request = with_other(
                asked,
                base_revision=event.revision,
                change=partial(_taken_back, event.changes),
                type=event.type,
                undoes=None if redo else event.revision,
                redoes=event.revision if redo else None,
            )
            return self._commits.written(state, self._states.since(asked.key, state, event.revision), request)

        return self._commits.until_written(attempt)

    def _recent(self, key: ProjectKey, state: PlanState) -> Iterator[Sequence[Event]]:
        """The newest events: those at hand, then more, if there are."""
        yield state.tail
        first = max(0, state.revision - LOOK_BACK)
        if state.revision - len(state.tail) > first:
            yield self._states.since(key, state, first)


def _asked(access: Access, command_id: str, what: list[str | int | None], locks: Sequence[LockClaim]) -> Request:
    """Which event it takes back is still to be found."""
    access.require(Permission.PROGRESS)
    return Request(
        key=access.key,
        author=access.principal,
        command_id=command_id,
        base_revision=0,
        fingerprint=fingerprint(what),
        change=lambda state, _: (state.plan, ()),
        locks=locks,
    )


def _taken_back(changes: Sequence[Change], state: PlanState, since: Since) -> tuple[Plan, tuple[Change, ...]]:
    return taken_back(state.plan, changes, since, head=state.revision)


class Stacks:
    """A person's own changes that can be taken back, and made again; the newest is the last of each."""

    def __init__(self, events: Iterable[Event], user: str) -> None:
        self.edits: list[Event] = []
        self.undos: list[Event] = []
        self.edited = False
        """Whether an edit is among the events: undos before it cannot be made again."""
        for event in events:
            if event.user == user and event.type in ("plan.changed", "plan.replaced"):
                self._note(event)

    def _note(self, event: Event) -> None:
        if event.undoes is not None:
            self.edits = [edit for edit in self.edits if edit.revision != event.undoes]
            self.undos.append(event)
            return
        if event.redoes is not None:
            self.undos = [undo for undo in self.undos if undo.revision != event.redoes]
        else:
            self.undos.clear()
            self.edited = True
        self.edits.append(event)


def named_edit(events: Sequence[Event], user: str, revision: int) -> Event:
    """The edit of that revision, the first of the events, if it is the person's and in effect."""
    event = events[0]
    if event.user != user:
        raise ForbiddenError(f"revision {revision} is {event.user_name}'s: people take back their own changes")
    if event.undoes is not None:
        raise InvalidInputError(f"revision {revision} is an undo itself: redo it", place="revision")
    if event.type not in ("plan.changed", "plan.replaced"):
        raise InvalidInputError("a project is not made or deleted by undo", place="revision")
    if event not in Stacks(events, user).edits:
        raise InvalidInputError(f"revision {revision} is taken back already", place="revision")
    return event


def check_taking_back(access: Access, changes: Iterable[Change]) -> None:
    """ForbiddenError unless the role would allow an edit with such changes."""
    access.require(Permission.PROGRESS)
    if not allows(access.role, Permission.EDIT) and not all(map(_reports, changes)):
        raise ForbiddenError(f"a {access.role} may only take back reports of progress")


def _reports(change: Change) -> bool:
    """Whether it can come of a report of progress."""
    if change.op != "updated" or not change.fields.keys() <= _FOLLOWS.get(change.kind, frozenset()):
        return False
    return change.kind is not Kind.TASK or not PROGRESS_FIELDS.isdisjoint(change.fields)
